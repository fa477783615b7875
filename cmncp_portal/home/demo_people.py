"""Whom the demonstration's sign-in page offers with one click, in this order. Plain data: the settings of the demo read it.

Every address ends in ".example", which can belong to nobody (RFC 2606). The people themselves are in `home.demo.cast`.
"""

DEMO_PEOPLE: list[dict[str, str]] = [
    {
        "email": "councillor@waterloo-region.example",
        "role_en": "Elected leader of Waterloo Region: went to Winnipeg last, now evaluates the visit",
        "role_fr": "Élu de la Région de Waterloo : est allé à Winnipeg et évalue maintenant la visite",
    },
    {
        "email": "representative@winnipeg.example",
        "role_en": "Winnipeg: received Waterloo Region, has a new request to answer",
        "role_fr": "Winnipeg : a reçu la Région de Waterloo et doit répondre à une nouvelle demande",
    },
    {
        "email": "representante@montreal.example",
        "role_en": "Montréal, in French: chooses between the dates that Québec City proposed",
        "role_fr": "Montréal : choisit parmi les dates proposées par Québec",
    },
    {
        "email": "representative@thunder-bay.example",
        "role_en": "Thunder Bay: writes a request, waits for an answer to another",
        "role_fr": "Thunder Bay : rédige une demande et attend la réponse à une autre",
    },
    {
        "email": "representative@calgary.example",
        "role_en": "Calgary: plans a visit to Ottawa, with gaps to fill",
        "role_fr": "Calgary : prépare une visite à Ottawa, avec des points à compléter",
    },
    {
        "email": "councillor@thunder-bay.example",
        "role_en": "Elected leader of Thunder Bay",
        "role_fr": "Élue de Thunder Bay",
    },
    {
        "email": "coordinator@network.example",
        "role_en": "Network coordinator: sees all exchanges, finds hosts",
        "role_fr": "Coordination du réseau : voit tous les échanges et trouve les hôtes",
    },
    {
        "email": "reviewer@network.example",
        "role_en": "Reviewer: reads evaluations, comments",
        "role_fr": "Évaluation : lit les réponses et les commente",
    },
    {
        "email": "team@university.example",
        "role_en": "University of Ottawa team: writes action briefs, evaluates the process",
        "role_fr": "Équipe de l’Université d’Ottawa : évaluation des processus, sans les noms",
    },
    {
        "email": "author@tallgrass-college.example",
        "role_en": "Teacher at a community college: writes the one training module she is invited to, facilitates",
        "role_fr": "Enseignante d’un collège communautaire : rédige le seul module auquel elle est invitée, anime des formations",
    },
    {
        "email": "administrator@network.example",
        "role_en": "Administrator: accounts and roles",
        "role_fr": "Administration : comptes et rôles",
    },
]
