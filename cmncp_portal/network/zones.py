"""Which IANA time zones a province or territory has, so that a slip in a list is noticed.

Source: the Canadian rows of zone.tab and backward in the tz database (2026), with the places that keep a neighbour's time:
Lloydminster (SK), East Kootenay (BC), the far west of Ontario, the Îles-de-la-Madeleine (QC).
"""

_ZONES = {
    "BC": "Vancouver Creston Dawson_Creek Fort_Nelson Edmonton",
    "AB": "Edmonton",
    "SK": "Regina Swift_Current Edmonton",
    "MB": "Winnipeg",
    "ON": "Toronto Thunder_Bay Nipigon Atikokan Winnipeg Rainy_River",
    "QC": "Toronto Montreal Blanc-Sablon Halifax",
    "NB": "Moncton Halifax",
    "NS": "Halifax Glace_Bay",
    "PE": "Halifax",
    "NL": "St_Johns Goose_Bay",
    "YT": "Whitehorse Dawson",
    "NT": "Yellowknife Inuvik Edmonton",
    "NU": "Iqaluit Rankin_Inlet Resolute Cambridge_Bay Coral_Harbour",
}
ZONES_OF = {province: tuple(f"America/{city}" for city in cities.split()) for province, cities in _ZONES.items()}


def is_zone_of(zone: str, province: str) -> bool:
    """Tell whether clocks somewhere in `province` follow `zone`."""
    return zone in ZONES_OF.get(province, ())
