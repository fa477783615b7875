"""The invented network of the demonstration: who is in it, and what they have done. Loaded by `manage.py seed_network`."""
