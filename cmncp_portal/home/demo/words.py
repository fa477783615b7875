"""What people of the demonstration write: requests, programmes, answers. Invented, except for what `stories` says of Winnipeg."""

from datetime import date
from typing import Any

from .teller import Plan, Request, Teller

VISITORS, HOSTS = "visitors", "hosts"

# (day, from, until, kind, title, programme, proposed by, objectives served)
WINNIPEG: Plan = (
    (1, "09:00", "10:15", "briefing", "The overall crime and prevention situation in Winnipeg", "", HOSTS, (0,)),
    (
        1,
        "10:30",
        "12:00",
        "council",
        "Meeting with three city councillors and the Chief Administrative Officer",
        "",
        HOSTS,
        (0, 1),
    ),
    (1, "13:00", "13:50", "programme", "Just TV", "Just TV", VISITORS, (0,)),
    (1, "14:10", "15:10", "programme", "Ma Mawi", "Ma Mawi", HOSTS, (0,)),
    (1, "15:30", "16:30", "programme", "Boldness project", "Boldness project", VISITORS, (2,)),
    (2, "09:00", "09:50", "programme", "Thunderwing", "Thunderwing", HOSTS, (0,)),
    (2, "10:10", "11:00", "programme", "WASAC", "WASAC", HOSTS, (1,)),
    (2, "11:15", "12:00", "programme", "Oshki Annishnabe Nigaaniwak", "Oshki Annishnabe Nigaaniwak", HOSTS, (0,)),
    (2, "13:00", "13:50", "programme", "North End Boxing", "North End Boxing", HOSTS, (0,)),
    (
        2,
        "14:15",
        "15:30",
        "investment",
        "Waterloo Region presents its own strategies: investment and measurement",
        "",
        VISITORS,
        (1, 2),
    ),
    (2, "15:45", "16:30", "debrief", "What each of us takes home", "", HOSTS, (2,)),
)

OTTAWA: Plan = (
    (1, "09:30", "11:00", "briefing", "How the office came about, and who decides", "", HOSTS, (0,)),
    (1, "11:15", "12:15", "council", "With the councillors who sit on the board", "", HOSTS, (1,)),
    (1, "13:30", "15:30", "walk", "A neighbourhood with its residents’ association", "", HOSTS, ()),
)
OTTAWA_PROPOSED: Plan = (
    (2, "09:00", "10:30", "meeting", "With the people who write the yearly report", "", VISITORS, (1,)),
)

SIMPLE: Plan = (
    (1, "09:00", "10:30", "briefing", "The situation, and what the city tries", "", HOSTS, (0,)),
    (1, "10:45", "12:00", "council", "With members of council", "", HOSTS, (0,)),
    (1, "13:30", "15:30", "meeting", "With those who do the work every day", "", VISITORS, (1,)),
    (2, "09:00", "11:00", "measuring", "What is counted, and what it has shown", "", HOSTS, (1,)),
    (2, "11:15", "12:00", "debrief", "What each of us takes home", "", HOSTS, (0,)),
)

PRACTICAL = {
    "winnipeg": {
        "address": "Winnipeg City Hall, 510 Main Street",
        "emergency_phone": "204 555-0142",
        "lodging": "Rooms are held in a hotel within ten minutes’ walk of City Hall.",
        "transport": "We fetch you at the airport; a van takes all of us to the programmes.",
        "access": "City Hall and the van are step-free. Two of the programmes have stairs: tell us, and we meet them elsewhere.",
        "who_pays": "Visitors pay travel and rooms, the city the van and the meals of the day.",
    },
    **{
        slug: {
            "address": address,
            "emergency_phone": phone,
            "transport": "Public transport; we send tickets with the programme.",
        }
        for slug, address, phone in (
            ("calgary", "Calgary Municipal Building, 800 Macleod Trail SE", "403 555-0118"),
            ("ottawa", "Ottawa City Hall, 110 Laurier Avenue West", "613 555-0125"),
            ("halifax", "Halifax City Hall, 1841 Argyle Street", "902 555-0107"),
            ("vancouver", "Vancouver City Hall, 453 West 12th Avenue", "604 555-0133"),
            ("saskatoon", "Saskatoon City Hall, 222 Third Avenue North", "306 555-0164"),
        )
    },
}

# Of the visits told in a few words: challenge, topics, two objectives, language.
_SIMPLE_REQUESTS: tuple[tuple[str, tuple[str, ...], tuple[str, str], str], ...] = (
    ("How does Calgary work with families before police are called?", ("early-years", "partnerships"), ("See how families are found", "Learn what helps them stay"), "en"),
    ("Comment Ottawa travaille-t-elle avec les quartiers dans les deux langues?", ("neighbourhoods", "newcomers"), ("Rencontrer les personnes qui font le lien", "Comprendre le rôle de la Ville"), "fr"),
    ("How did Halifax bring hospitals and police to share what they know about violence?", ("measuring-success", "gangs"), ("Understand who shares what", "See what changed"), "en"),
    ("How does Vancouver keep young adults in housing when they leave care?", ("housing", "youth"), ("Meet the people who find the rooms", "See how it is paid for"), "en"),
    ("How does Calgary help people who come back from custody?", ("reintegration", "investment"), ("Follow one person’s way back", "Compare what it costs and saves"), "en"),
    ("How does Vancouver count what a safer street is worth?", ("investment", "neighbourhoods"), ("See the figures", "Meet the business association"), "en"),
    ("How does Halifax prevent violence between partners in small communities?", ("violence-against-women", "partnerships"), ("Meet the coordinating table", "See how it reaches the country"), "en"),
    ("Comment Ottawa finance-t-elle la prévention sur plusieurs années?", ("investment", "planning"), ("Lire le budget ensemble", "Comprendre la part de chaque partenaire"), "fr"),
)  # fmt: skip


def simple(teller: Teller, guest: str, host: str, staff: str, first: date, number: int) -> Request:
    """Return the request number `number` of `guest` to `host`, with an elected leader and somebody of the staff."""
    challenge, topics, objectives, language = _SIMPLE_REQUESTS[number]
    leader = {"montreal": "elue", "quebec": "elu"}.get(guest, "councillor")
    team = (f"{leader}@{guest}.example", f"{staff}@{guest}.example")
    return Request(
        guest=guest, by=teller.speaker(guest).email, hosts=(host,), team=team, first=first, challenge=challenge, topics=topics,
        objectives=objectives, language=language, looks_further=False,
    )  # fmt: skip


def _knowledge(before: int, after: int) -> dict[str, dict[str, int]]:
    return {
        code: {"before": before, "after": after}
        for code in ("planning", "investment", "measuring", "partners", "evidence")
    }


VISITORS_EN: tuple[dict[str, Any], ...] = (
    {
        "usefulness": 5,
        "_rows": 4,
        "contribution": "A shared table where police, city and community organisations see the same figures would change how we set priorities.",
        "knowledge": _knowledge(3, 4),
        "capacity": {"partnerships": 5, "problems": 4, "organisation": 3, "implement": 4},
        "ideas": [
            {
                "what": "Invite community organisations to our budget meeting in spring",
                "programme": "",
                "who": "Crime Prevention Council",
                "by": "",
                "sure": 4,
            }
        ],
        "improve": "More time at each programme, and fewer programmes.",
        "hours": 12,
        "return-visit": "yes",
        "return-topics": "How we measure success, and where we fail at it.",
        "quote": "unnamed",
    },
    {
        "usefulness": 4,
        "_rows": 4,
        "contribution": "We saw that what lasts is led by the people whom it serves. We will ask them first.",
        "knowledge": _knowledge(2, 4),
        "capacity": {"partnerships": 4, "problems": 4, "organisation": 4, "implement": 3},
        "hours": 8,
        "return-visit": "yes",
        "quote": "named",
    },
)
HOSTS_EN: dict[str, Any] = {
    "usefulness": 4,
    "visiting-team": {"prepared": 5, "engaged": 5},
    "contribution": "Explaining our own work to visitors showed us what we no longer see.",
    "knowledge": _knowledge(3, 4),
    "learned": "They report to council twice a year in two pages. We will try that.",
    "hours": 20,
    "return-visit": "yes",
    "return-topics": "Their way of reporting to council.",
    "quote": "unnamed",
}
