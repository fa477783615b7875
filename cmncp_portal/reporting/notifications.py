"""The letters about reports."""
