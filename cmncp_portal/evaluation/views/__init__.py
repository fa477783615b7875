"""Screens: answering by personal link or signed in, and the secretariat's questionnaires."""

from . import answering, authoring

__all__ = ["answering", "authoring"]
