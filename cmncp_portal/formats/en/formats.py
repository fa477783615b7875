"""English dates and numbers as written in Canada: 2026-05-07, 7 May 2026, 1:40 p.m."""

from django.conf.locale.en_CA.formats import *  # noqa: F403
