"""English dates and numbers as the network writes them: May 7, 2026, 1:40 p.m.; short dates are ISO, as in Canada's standard."""

from django.conf.locale.en_CA.formats import *  # noqa: F403

DATE_FORMAT = "F j, Y"
TIME_FORMAT = "g:i\xa0a"
DATETIME_FORMAT = "F j, Y, g:i\xa0a"
MONTH_DAY_FORMAT = "F j"

# Canada.ca Content Style Guide: a comma in English, a non-breaking space in French.
THOUSAND_SEPARATOR = ","
