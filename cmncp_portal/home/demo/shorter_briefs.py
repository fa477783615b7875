"""Two shorter briefs of the demonstration, for stages that a newcomer to the desk should see. Their facts are those of their sources."""

from .briefs import step

PLAN_EN = {
    "title": "A plan that can be checked",
    "summary": "A plan for community safety is worth what can be checked in it: which risks it names, what it does about them, and how anyone will know.",
    "challenge": "A plan can list everything and promise nothing. When it does not say which risks come first and what should change, council cannot tell later whether it worked.",
    "what_works": """Ontario’s community safety and well-being framework says what belongs into a plan: the risks that are named locally, programmes that rest on evidence, and outcomes that can be measured. Council adopts it, and it is published within 30 days.

*The Key to Safer Municipalities* (2004) says who does it: council gives the orientation, consults and evaluates the results, and the city manager plans and coordinates.""",
    "investment": "The work is time above all: of somebody who writes, and of those who are asked.",
}  # fmt: skip

PLAN_ADDED = "Write beside each outcome where its number comes from, and who looks at it each year. A plan that is checked can be changed in time."

PLAN_FR = {
    "title": "Un plan qui se vérifie",
    "summary": "Un plan de sécurité vaut par ce qui s’y vérifie\u00a0: les risques qu’il nomme, ce qu’il prévoit pour les réduire et la façon dont on saura si cela fonctionne.",
    "challenge": "Un plan peut tout énumérer et ne rien promettre. S’il ne dit pas quels risques passent en premier ni ce qui doit changer, le conseil ne pourra pas savoir plus tard s’il a porté ses fruits.",
    "what_works": """Le cadre ontarien de sécurité et de bien-être des collectivités précise ce que contient un plan\u00a0: des risques nommés localement, des programmes fondés sur des données probantes, des résultats mesurables. Le conseil l’adopte, et il est publié dans les 30\u00a0jours.

La trousse *The Key to Safer Municipalities* (2004) dit qui s’en charge\u00a0: le conseil fixe l’orientation, consulte et évalue les résultats; la direction générale planifie et coordonne.""",
    "investment": "Le travail demande surtout du temps\u00a0: celui d’une personne qui rédige, et celui des gens que l’on consulte.",
}  # fmt: skip

PLAN_STEPS = [
    step("council", "Name three risks that come first, and say in the resolution what should have changed in three years.", "Nommer trois risques prioritaires, et inscrire dans la résolution ce qui devrait avoir changé dans trois ans.", "months", "none"),
    step("coordination", "Publish the plan within 30 days of its adoption, and tell those who were asked.", "Publier le plan dans les 30\u00a0jours suivant son adoption, et en informer les personnes consultées.", "weeks", "none"),
]  # fmt: skip

CHANCE_EN = {
    "title": "A second chance before court",
    "summary": "Young people who are caught for the first time can be led to support instead of to court. This brief says what published ratings find, and what a municipality can add.",
    "challenge": """Whether a young person goes to court or to a service is decided by police and justice. A municipality can see to it that there is a service to go to.

Where there is none, a good intention has nowhere to lead.""",
    "what_works": """The Youth Endowment Fund rates pre-court diversion MODERATE for violence among young people, and restorative justice the same.

Both depend on people outside the courts: somebody who receives the young person soon, and facilitators who are trained.""",
    "investment": "The source rates the effect; the price in a Canadian municipality has to be asked of those who offer the service.",
}  # fmt: skip

CHANCE_STEPS = [
    step("social-services", "Say which support a young person can begin within the week, and whom police can call.", "Dire quel soutien une personne jeune peut commencer dans la semaine, et qui la police peut appeler.", "months"),
    step("police", "Agree with youth services on when a first offence leads to them.", "Convenir avec les services jeunesse des cas où une première infraction mène à eux.", "months", "none"),
    step("council", "Ask each year how many young people were led to support, and how many were seen again.", "Demander chaque année combien de jeunes ont été dirigés vers un soutien, et combien sont revenus.", "years", "none"),
]  # fmt: skip
