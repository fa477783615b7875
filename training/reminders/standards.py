"""What is due at an instant."""
