"""French dates and numbers as written in Canada: 2026-05-07, 7 mai 2026, 13 h 40.

Django 5.2 forgets to escape the h in its fr_CA formats and prints 13:40 as "13 01 40"; Django 6.0 has it right.
"""

from django.conf.locale.fr_CA.formats import *  # noqa: F403

TIME_FORMAT = "G\xa0\\h\xa0i"
DATETIME_FORMAT = "j F Y, G\xa0\\h\xa0i"
SHORT_DATETIME_FORMAT = "Y-m-d G\xa0\\h\xa0i"
