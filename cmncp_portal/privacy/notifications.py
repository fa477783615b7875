"""The letters about personal data."""
