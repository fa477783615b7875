"""Input of progress: strategies, commitments, figures of years. Views read the modules themselves."""
