"""The letters of training, one module for each part. The wording lies in templates/letters/training/."""

from . import modules, offerings, people, standards

__all__ = ["modules", "offerings", "people", "standards"]
