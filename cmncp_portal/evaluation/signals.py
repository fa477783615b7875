"""The one signal that goes up: a survey has come to its end (sender: Survey; argument: survey)."""

from django.dispatch import Signal

survey_closed = Signal()
