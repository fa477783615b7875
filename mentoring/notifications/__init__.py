"""The letters of mentoring, one module for each part. The wording lies in templates/letters/mentoring/."""

from . import agreements, matching

__all__ = ["agreements", "matching"]
