"""People, eyes and post for the journeys in test_journeys.py."""
