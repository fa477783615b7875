"""The letters of joining. The wording lies in templates/letters/joining/."""
