"""What people of the demonstration answer about meetings, visits and mentoring, and what reviewers write beside it. Invented."""

from typing import Any

NATIONAL: dict[str, Any] = {
    "title_en": "National meeting: what prevention costs, what it saves",
    "title_fr": "Rencontre nationale\u00a0: ce que la prévention coûte, ce qu’elle épargne",
}
NATIONAL_SUMMARY: dict[str, Any] = {
    "summary_en": "Members compared how they explain the cost of prevention to a council, and what they count afterwards.",
    "summary_fr": "Les membres ont comparé leurs façons d’expliquer à un conseil ce que coûte la prévention, et ce qu’ils comptent ensuite.",
}
NATIONAL_ACTION: dict[str, Any] = {
    "text_en": "Put the yearly figures on prevention on one page, and publish the page.",
    "text_fr": "Réunir les chiffres annuels de la prévention sur une page, et la publier.",
}
TO_WINNIPEG: dict[str, Any] = {
    "challenge": "How does Winnipeg leave young people in charge of what is made for them?",
    "objectives": ("See how young people take part in planning", "Learn who pays for what they propose"),
}
TO_HALIFAX: dict[str, Any] = {
    "challenge": "How did Halifax bring hospitals to a table on injuries from violence?",
    "objectives": ("Sit in on a meeting with a hospital", "Learn what may be shared, and what not"),
}
GYM = "Open a school gymnasium three evenings a week, kept by the young people who use it"
TWO_PAGES = "Tell council twice a year, on two pages, what prevention has achieved"
HOSPITAL = "Meet with the hospital each month about injuries from violence"
ONE_SIDED = "Halifax was reminded twice. Its coordinating table is being put together anew."


def _subjects(before: int, after: int) -> dict[str, dict[str, int]]:
    codes = ("planning", "investment", "measuring", "partners", "evidence")
    return {code: {"before": before, "after": after} for code in codes}


def _met(usefulness: int, access: int, before: int, after: int, **said: str) -> dict[str, Any]:
    """One answer about a meeting. Codes of questions with a hyphen are written with an underscore here."""
    words = {name.replace("_", "-"): text for name, text in said.items()}
    return {"usefulness": usefulness, "access": access, "knowledge": _subjects(before, after), **words}


# The national meeting of the last fiscal year: by address. Those who answer late stand in a list of their own.
MET: dict[str, dict[str, Any]] = {
    "representative@thunder-bay.example": _met(5, 5, 2, 4, contribution="Our committee asks each year what we save. I have an honest answer now, with its limits.", quote="named"),
    "councillor@thunder-bay.example": _met(4, 5, 2, 4, contribution="I put the cost for each resident into my budget speech."),
    "representative@waterloo-region.example": _met(4, 5, 4, 4, next_topics="What councils stop paying for, and why."),
    "councillor@waterloo-region.example": _met(5, 5, 3, 5, contribution="Two councils offered to sit with our budget committee.", quote="unnamed"),
    "representative@ottawa.example": _met(4, 4, 4, 5, sessions="The round table: people said what had failed."),
    "councillor@ottawa.example": _met(5, 4, 2, 4, quote="unnamed"),
    "vice-chair@waterloo-region.example": _met(4, 5, 3, 4, contribution="Community organisations should see the same page of figures as council."),
    "representante@montreal.example": _met(4, 3, 3, 4, contribution="Nous présenterons le coût par personne à la commission des finances.", next_topics="Plus d’échanges en français dans les ateliers."),
    "conseiller@montreal.example": _met(4, 2, 3, 4, next_topics="L’interprétation a manqué dans deux ateliers."),
    "elue@montreal.example": _met(5, 4, 2, 4, contribution="Un chiffre par quartier, que les élues et élus comprennent.", quote="unnamed"),
    "representant@quebec.example": _met(4, 4, 3, 4),
    "agente@quebec.example": _met(3, 3, 3, 3, sessions="La séance sur les coûts évités, parce qu’elle disait ce qu’on ne sait pas."),
    "representative@winnipeg.example": _met(5, 5, 3, 4, contribution="We count the hours of our partners from now on."),
    "cao@winnipeg.example": _met(4, 5, 2, 3),
    "representative@saskatoon.example": _met(4, 5, 2, 4, contribution="We ask housing for its figures before we ask police for theirs."),
    "analyst@calgary.example": _met(4, 5, 4, 4, contribution="The page of yearly figures is ours to write."),
    "representative@halifax.example": _met(5, 4, 2, 4),
}  # fmt: skip
MET_LATE: dict[str, dict[str, Any]] = {
    "planner@vancouver.example": _met(2, 3, 3, 3, contribution="Little: our council has heard all of this.", next_topics="Fewer speeches. Let us work on our own figures."),
    "coordinator@halifax.example": _met(
        4, 5, 2, 3, reviewers_only="One of the speakers told a story from our city in which a family can be recognized. Please ask him to leave it out.",
    ),
}  # fmt: skip
MET_AND_SILENT = (
    "planner@thunder-bay.example", "deputy@ottawa.example", "elu@quebec.example", "deputy@saskatoon.example",
    "representative@calgary.example", "representative@vancouver.example",
)  # fmt: skip

# The regional meeting that Québec has just held.
MET_IN_QUEBEC: dict[str, dict[str, Any]] = {
    "representante@montreal.example": _met(5, 5, 3, 4, contribution="Le questionnaire commun nous évitera de tout recommencer.", quote="unnamed"),
    "agente@quebec.example": _met(4, 2, 3, 4, next_topics="La salle n’est pas accessible en fauteuil roulant\u00a0: une personne est restée à la porte."),
}  # fmt: skip

_CAPACITY = {"partnerships": 4, "problems": 4, "organisation": 3, "implement": 5}
_WINNIPEG_HOST: dict[str, Any] = {
    "usefulness": 4, "visiting-team": {"prepared": 5, "engaged": 5}, "knowledge": _subjects(3, 4), "hours": 10,
    "return-visit": "yes",
}  # fmt: skip
SAW_WINNIPEG: dict[str, dict[str, Any]] = {
    "councillor@ottawa.example": {
        "usefulness": 5, "_rows": 5, "knowledge": _subjects(2, 4), "capacity": _CAPACITY, "hours": 6, "return-visit": "yes",
        "contribution": "A gymnasium that young people keep themselves is cheaper than what it spares us.", "quote": "named",
    },
    "deputy@ottawa.example": {
        "usefulness": 4, "_rows": 4, "knowledge": _subjects(3, 4), "capacity": _CAPACITY, "hours": 14, "return-visit": "yes",
        "improve": "Three programmes in one morning are too many.", "quote": "unnamed",
    },
    "representative@ottawa.example": {
        "usefulness": 4, "_rows": 5, "knowledge": _subjects(3, 4), "capacity": _CAPACITY, "hours": 10, "return-visit": "later",
    },
}  # fmt: skip
SHOWED_WINNIPEG: dict[str, dict[str, Any]] = {
    "representative@winnipeg.example": _WINNIPEG_HOST | {"contribution": "Ottawa tells its council on two pages. So will we."},
    "cao@winnipeg.example": _WINNIPEG_HOST | {"learned": "A visitor asked who is missing at our table. We had no answer."},
    "councillor@winnipeg.example": _WINNIPEG_HOST,
    "councillor.stonebridge@winnipeg.example": _WINNIPEG_HOST | {"usefulness": 2, "improve": "We were told of the visit on the evening before."},
    "deputy.chief@winnipeg.example": _WINNIPEG_HOST | {"usefulness": 3},
}  # fmt: skip
SAW_HALIFAX: dict[str, dict[str, Any]] = {
    "councillor@saskatoon.example": {
        "usefulness": 3, "_rows": 3, "knowledge": _subjects(2, 3), "capacity": _CAPACITY | {"implement": 2}, "return-visit": "later",
        "improve": "The hospital did not come. Most of the second day was about other things.",
    },
    "deputy@saskatoon.example": {
        "usefulness": 2, "_rows": 2, "knowledge": _subjects(3, 3), "capacity": dict.fromkeys(_CAPACITY, 2), "return-visit": "no",
        "contribution": "We know now that an agreement on what may be shared comes first.",
    },
    "representative@saskatoon.example": {
        "usefulness": 4, "_rows": 3, "knowledge": _subjects(2, 4), "capacity": _CAPACITY, "return-visit": "yes", "hours": 9,
    },
}  # fmt: skip

# Somebody in Vancouver evaluates a training after the day by which it was asked for.
LATE_ABOUT_PLANNING: dict[str, Any] = {
    "usefulness": 2, "access": 4,
    "quality": {"contents": 3, "facilitation": 2, "exchange": 3, "materials": 4, "length": 2},
    "missing": "The examples were of small towns. Ours is a city of many plans already.",
    "reviewers-only": "In the second session our council was spoken of in a way that hurt. Please talk with the facilitator, without my name.",
}  # fmt: skip

# Mentoring: by moment and side.
CHECKED_IN: dict[tuple[str, str], dict[str, Any]] = {
    ("1", "mentor"): {"going": 4, "progress": 3, "helped": "They came with their own figures."},
    ("1", "mentee"): {"going": 5, "progress": 3, "helped": "Somebody who says which figures nobody will read.", "needed": "A second person at the table from our side."},
    ("3", "mentee"): {"going": 5, "progress": 4, "helped": "Reading a page of their report together, line by line.", "needed": "An hour with whoever presents it to council."},
}  # fmt: skip
CLOSED_WELL: dict[str, dict[str, Any]] = {
    "mentor": {"worth": 5, "objectives": 5, "reached": "Un diagnostic et une table qui dure.", "contribution": "Nous avons revu le mandat de nos propres tables.", "recommend": "yes", "quote": "unnamed"},
    "mentee": {"worth": 5, "objectives": 4, "reached": "Neuf organismes autour de la table, avec un mandat écrit.", "contribution": "Un demi-poste est maintenant permanent.", "recommend": "yes", "quote": "named"},
}  # fmt: skip
CLOSED_EARLY: dict[str, dict[str, Any]] = {
    "mentor": {"worth": 3, "objectives": 2, "otherwise": "Ask for a second person from the first day on.", "recommend": "depends"},
    "mentee": {"worth": 2, "objectives": 1, "reached": "A list of what each service may share.", "otherwise": "We should have asked our council for the position first.", "recommend": "yes"},
}  # fmt: skip

# What the reviewer writes beside what was read.
COMMENTS = {
    "national": "Nearly everybody takes a figure home. French in the workshops is the same remark as last time.",
    "winnipeg": "The councillors were asked too late. Worth a word with every host.",
    "halifax": "One side only. The visitors say clearly what was missing; the hosts should still be asked by telephone.",
    "early": "What was missing was a position, not a mentor.",
}
FOLLOW_UP_SETTLED = (
    "Two people lacked interpretation in the workshops. Was it ordered for all rooms?",
    "It was ordered for the plenary only. From now on the agenda says for each session whether it is interpreted.",
)
FOLLOW_UP_OPEN = "Somebody could not enter the room in a wheelchair. Please ask the host, and write to the person."
