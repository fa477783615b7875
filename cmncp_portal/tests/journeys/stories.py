"""Who goes where, why and when: the two journeys in their own words. People are invented, places and programmes are not."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils import timezone

from cmncp_portal.core.dates import days_in_words

Span = tuple[date, date]


@dataclass(frozen=True)
class Somebody:
    name: str
    title: str
    email: str
    category: str
    language: str = ""


@dataclass(frozen=True)
class Stop:
    title: str
    day: int
    starts_at: str
    ends_at: str
    kind: str
    place: str
    lead: str
    objectives: tuple[str, ...]
    programme: str = ""


def two_days(ahead: int) -> Span:
    """Tuesday and Wednesday, about `ahead` days from now: in one month, or the words of the dates would differ from file to file."""
    day = timezone.localdate() + timedelta(days=ahead)
    day += timedelta(days=(1 - day.weekday()) % 7)
    return day, day + timedelta(days=1)


@dataclass(frozen=True)
class Story:
    guest: str
    host: str
    guest_name: str
    host_name: str
    challenge: str
    objectives: tuple[str, ...]
    topics: tuple[str, ...]
    team: tuple[Somebody, ...]
    stops: tuple[Stop, ...]
    interpretation: str = ""
    address: str = "City Hall, 510 Main Street"
    document: str = "Community safety strategy"
    windows: list[Span] = field(default_factory=lambda: [two_days(70), two_days(84)])
    moved: Span = field(default_factory=lambda: two_days(77))
    back: Span = field(default_factory=lambda: two_days(140))

    def window(self, number: int, language: str) -> str:
        """Return a proposed period in words."""
        return days_in_words(*self.windows[number], language)


PETER = Somebody("Peter Elmwood", "Regional Councillor", "peter@waterloo-region.example", "elected", "en")
JOAN = Somebody("Joan Ironbridge", "Chief of Police", "joan@waterloo-region.example", "police", "en")
TESS = Somebody("Tess Oakgrove", "City Councillor", "tess@winnipeg.example", "elected")
_PLANNING = "See how planning is shared between the city, the police and community organisations"
_INVESTING = "Learn how Winnipeg gets greater investment in prevention"


def waterloo_region_visits_winnipeg() -> Story:
    """The documented exchange: two days, with the programmes of Winnipeg by their names."""
    return Story(
        "waterloo-region", "winnipeg", "Waterloo Region", "Winnipeg",
        challenge="How do leaders, police and community organisations in Winnipeg plan prevention together, and pay for it?",
        objectives=(_PLANNING, _INVESTING),
        topics=("Community safety planning", "Investment in prevention"),
        team=(PETER, JOAN),
        stops=(
            Stop("The situation in Winnipeg", 1, "09:00", "10:30", "briefing", "City Hall, 510 Main Street", "Nadia Redriver", (_PLANNING,)),
            Stop("North End Boxing", 2, "13:30", "15:00", "programme", "North End", "The coaches", (_INVESTING,), "North End Boxing"),
        ),
    )  # fmt: skip


MIREILLE = Somebody("Mireille Valdargent", "Conseillère de la ville", "mireille@montreal.example", "elected", "fr")
THIERRY = Somebody("Thierry Grandlac", "Conseiller en développement", "thierry@montreal.example", "staff", "fr")
_JEUNES = "Comprendre comment les jeunes participent aux décisions"
_MESURE = "Voir ce que Winnipeg mesure, et depuis quand"


def montreal_visite_winnipeg() -> Story:
    """In French, to a host that works in English."""
    return Story(
        "montreal", "winnipeg", "Montréal", "Winnipeg",
        challenge="Comment les quartiers de Winnipeg gardent-ils les jeunes loin de la violence?",
        objectives=(_JEUNES, _MESURE),
        topics=("Jeunesse et violence chez les jeunes",),
        team=(MIREILLE, THIERRY),
        stops=(
            Stop("Portrait de la situation", 1, "09:00", "10:30", "briefing", "Centre-ville", "Nadia Redriver", (_JEUNES,)),
            Stop("North End Boxing", 2, "13:30", "15:00", "programme", "North End", "Entraîneurs du club", (_MESURE,), "North End Boxing"),
        ),
        address="Hôtel de ville, entrée principale", document="Stratégie de sécurité",
        interpretation="Une interprète de la Ville de Montréal accompagne l’équipe.",
    )  # fmt: skip
