"""What is due at an instant, for each part of training."""
