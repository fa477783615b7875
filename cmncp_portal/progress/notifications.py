"""The letters of progress. The wording lies in templates/letters/progress/."""
