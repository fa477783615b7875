"""Writing: one function for each thing that people do with briefs and practices. Import from the modules."""
