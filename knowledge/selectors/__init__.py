"""Reading: the library, the desk, steps, what waits. Import from the modules."""
