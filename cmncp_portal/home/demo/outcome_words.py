"""What municipalities of the demonstration say of their commitments, and what the report for the funder says. Invented."""

# ---- commitments: by whoever sees to them

GYM_STARTED = "Two schools open in turn. Nine young people hold the keys, in pairs, with a caretaker one call away."
GYM_DONE = "Three evenings a week since the autumn, some sixty young people each evening. Council pays for the heating."
PAGES_STARTED = "The first two pages went to council in September. The second time we begin with what failed."
PAGES_AGAIN = "Being written for the second time. A partner signs each figure."
HOSPITAL_ABANDONED = (
    "The hospital may not share what the table needs before a new agreement, which takes two years. We begin elsewhere."
)
FIGURES_DONE = "The page is on our website. Two members have copied its form."
LIGHT = "Réparer l’éclairage des trois sentiers que les marches de nuit ont nommés"
LIGHT_STARTED = "Un sentier est fait; les deux autres attendent le printemps."
LIGHT_DONE = "Les trois sentiers sont éclairés. Les mêmes personnes y sont repassées en juin et l’ont confirmé."
QUESTIONS_STARTED = "The ten questions are chosen, two of them by students."
QUESTIONS_ASKED = "Asked for the first time; the answers are published. Done is what is done twice."
NIGHT = "Train those who work at night downtown to help when somebody is followed or hurt"
NIGHT_PLANNED = "Not begun: the position is vacant. It is advertised again."
WALK_DONE = (
    "We walked it with women, students and older people after dark, and the lights they named first are repaired."
)
REPORT_STARTED = "The five figures are there. The first draft of the report is half a page too long."

# ---- figures of years

ROUND = "A round number that shows a trend, not a fact / Un chiffre rond qui montre une tendance, et non un fait"

# ---- the report: English, French

FUNDER = "Funder of the demonstration / Bailleur de fonds de la démonstration"
MOVED = "The funder gives all its projects one week more."
CASE = (
    "A gymnasium kept by young people: seen in Winnipeg, done in Ottawa",
    "Un gymnase tenu par des jeunes\u00a0: vu à Winnipeg, réalisé à Ottawa",
)
NOTE = (
    "Everything in this report is invented for the demonstration.",
    "Tout ce que contient ce rapport est inventé pour la démonstration.",
)
NARRATIVES: dict[str, tuple[str, str]] = {
    "summary": (
        "Members met once for all of the country and visited each other. What they saw did not stay a memory: some of it is part of a municipality’s work today.\n\nNot everything held. One visit was answered by one side only, and one commitment was given up, with a reason that others can learn from.",
        "Les membres se sont réunis une fois à l’échelle du pays et se sont rendu visite. Ce qui a été vu n’est pas resté un souvenir\u00a0: une partie s’inscrit aujourd’hui dans le travail d’une municipalité.\n\nTout n’a pas tenu. Une visite n’a reçu de réponses que d’un côté, et un engagement a été abandonné, pour une raison utile aux autres.",
    ),
    "output": (
        "The national meeting brought elected leaders, staff and partners to one table.",
        "La rencontre nationale a réuni des élues et élus, du personnel et des partenaires autour d’une même table.",
    ),
    "process": (
        "Most of those who were asked have answered. Hosts answer later than visitors; from now on they are asked on the last evening.",
        "La plupart des personnes sollicitées ont répondu. Les hôtes répondent plus tard que les personnes en visite; dorénavant, la question leur est posée le dernier soir.",
    ),
    "reaction": (
        "People value figures that can be explained to a council, and sessions that admit what failed. Interpretation in the workshops was missing.",
        "On apprécie les chiffres que l’on peut expliquer à un conseil, et les séances qui reconnaissent ce qui n’a pas marché. L’interprétation a manqué dans les ateliers.",
    ),
    "learning": (
        "Knowledge grew most where people said before that they knew little: what prevention costs, and what it spares.",
        "Les connaissances ont le plus progressé là où l’on disait en savoir peu\u00a0: ce que la prévention coûte, et ce qu’elle épargne.",
    ),
    "behaviour": (
        "An evening programme that Ottawa saw in Winnipeg now opens a school gymnasium three times a week.",
        "Un programme du soir qu’Ottawa a vu à Winnipeg ouvre maintenant un gymnase d’école trois fois par semaine.",
    ),
    "results": (
        "Five members tell what they invest in prevention, year by year.",
        "Cinq membres disent, année par année, ce qu’ils investissent en prévention.",
    ),
}
