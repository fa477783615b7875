"""Canada's time zones by the places that people know. Never by abbreviation: which letters a zone wears changes with the law.

Source: the `zone1970.tab` and `northamerica` files of the IANA time zone database, 2026f.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CANADIAN: tuple[tuple[str, Promise], ...] = (
    ("America/St_Johns", _("Newfoundland (St. John’s)")),
    ("America/Goose_Bay", _("Labrador (Happy Valley-Goose Bay)")),
    ("America/Halifax", _("Nova Scotia and Prince Edward Island (Halifax)")),
    ("America/Moncton", _("New Brunswick (Moncton)")),
    ("America/Toronto", _("Ontario and Quebec (Toronto, Montréal)")),
    ("America/Blanc-Sablon", _("Quebec’s Lower North Shore (Blanc-Sablon)")),
    ("America/Iqaluit", _("Eastern Nunavut (Iqaluit)")),
    ("America/Winnipeg", _("Manitoba and northwestern Ontario (Winnipeg)")),
    ("America/Atikokan", _("Atikokan, Ontario (same time all year)")),
    ("America/Rankin_Inlet", _("Central Nunavut (Rankin Inlet)")),
    ("America/Regina", _("Saskatchewan (Regina)")),
    ("America/Edmonton", _("Alberta (Edmonton, Calgary)")),
    ("America/Cambridge_Bay", _("Western Nunavut (Cambridge Bay)")),
    ("America/Inuvik", _("Northwest Territories (Yellowknife, Inuvik)")),
    ("America/Vancouver", _("British Columbia (Vancouver)")),
    ("America/Dawson_Creek", _("Northeastern British Columbia (Dawson Creek)")),
    ("America/Whitehorse", _("Yukon (Whitehorse)")),
)


def choices(current: str = "") -> list[tuple[str, Promise | str]]:
    """Return the zones for a list of choices, east to west; `current` stays choosable when it is none of Canada's."""
    known = [name for name, _words in CANADIAN]
    extra = [(current, current.replace("_", " "))] if current and current not in known else []
    return [*CANADIAN, *extra]
