"""What is written in the training of the demonstration: modules, comments, evidence. Invented, except for the themes and years
of the modules, which are those of the programme."""

from typing import Any

UNIVERSITY = {
    "name_en": "University of Ottawa",
    "name_fr": "Université d’Ottawa",
    "kind": "university",
    "province": "ON",
    "website": "https://www.uottawa.ca",
}
COLLEGE = {
    "name_en": "Tallgrass Community College (invented)",
    "name_fr": "Collège communautaire Tallgrass (inventé)",
    "kind": "college",
    "province": "MB",
    "contact": "Jude Marshfield, School of Community Studies",
    "is_demonstration": True,
}
INSTITUTE = {
    "name_en": "Common Table Institute (invented)",
    "name_fr": "Institut La table commune (inventé)",
    "kind": "other",
    "province": "NS",
    "is_demonstration": True,
}
FRAMEWORK = {
    "title_en": "Ontario, Community Safety and Well-Being Planning Framework, booklet 3",
    "url": "https://ontario.ca/document/community-safety-and-well-being-planning-framework-booklet-3-shared-commitment-ontario",
    "language": "en",
    "access": "everyone",
}

# ---- the standard ----------------------------------------------------------------------------------------------------

FIRST_CHANGES = {
    "changes_en": "**Invented for the demonstration.** Nobody adopted this version. It holds the first four of the ten domains that the network proposes, so that attainments, gaps and the difference between two versions can be seen.",
    "changes_fr": "**Version inventée pour la démonstration.** Personne ne l’a adoptée. Elle contient les quatre premiers des dix domaines que propose le réseau, pour que l’on puisse voir des acquis, des écarts et la différence entre deux versions.",
}
SECOND_CHANGES = {
    "changes_en": "**Draft for consultation.** This version puts all ten proposed domains before members and colleges. Domains 5 to 10 are new. Domains 1 to 4 stay as they are, with one exception: competency 2.1, on the local safety diagnosis, now joins figures with what residents and services know. Those who attained 2.1 would show it again.",
    "changes_fr": "**Ébauche soumise à la consultation.** Cette version présente aux membres et aux collèges les dix domaines proposés. Les domaines 5 à 10 sont nouveaux. Les domaines 1 à 4 restent tels quels, sauf la compétence 2.1, sur le diagnostic local de sécurité\u00a0: elle réunit désormais les chiffres et ce que savent la population et les services. Les personnes qui ont atteint la compétence 2.1 la démontreraient de nouveau.",
}
# How 2.1 and 4.2 read before the network's proposal: the one until version 2, the other until a comment was accepted.
EARLIER_DIAGNOSIS = {
    "description_en": "Plans and carries out a diagnosis from figures.",
    "description_fr": "Planifie et réalise un diagnostic à partir de chiffres.",
}
EARLIER_CRITERION = {
    "statement_en": "Carries out a diagnosis with police data and writes down its limits.",
    "statement_fr": "Réalise un diagnostic à partir de données policières et en écrit les limites.",
}
EARLIER_ENGAGEMENT = {"title_en": "Engage residents", "title_fr": "Faire participer la population"}

CITY_SAID = "Whoever comes to a public meeting is engaged already. The title should say whom we must look for."
CITY_ANSWER = "Yes. The title now says “above all those who are seldom heard”; the criteria asked for it already."
COLLEGE_SAID = "Il manque un niveau entre la sensibilisation et la pratique, pour nos diplômées et diplômés qui n’ont pas encore de poste."
COLLEGE_ANSWER = "Les niveaux suivent ce qu’une personne fait dans sa municipalité. Un quatrième niveau ne correspondrait à aucun rôle; un collège peut attester la sensibilisation à la fin des études."
MEMBER_NOW = "A business case that council adopts needs the finance department. Could the description name it as a partner from the first draft on?"
GUEST_NOW = (
    "Préciser que le partenariat suit le protocole et le calendrier de chaque nation, et non ceux de la municipalité."
)
CRITERION_NOW = "“Means” is read differently by each of us. Please say money, people and time."
MONTREAL_NOW = (
    "Très bien. Il faudrait un exemple de consultation menée dans une autre langue que le français ou l’anglais."
)

# ---- modules ---------------------------------------------------------------------------------------------------------

WORKSHOP: dict[str, Any] = {
    "title_en": "Why prevention? A workshop for councils and their partners",
    "title_fr": "Pourquoi la prévention? Un atelier pour les conseils et leurs partenaires",
    "summary_en": "Half a day for those who decide and those who sit at the table with them: what prevents crime and victimisation, what a municipality can do about it, and what a strategy asks of a council.",
    "summary_fr": "Une demi-journée pour les personnes qui décident et celles qui siègent avec elles\u00a0: ce qui prévient la criminalité et la victimisation, ce que peut faire une municipalité, et ce qu’une stratégie demande à un conseil.",
    "objectives_en": "- Name risk and protective factors that matter in your community.\n- Tell apart social development, prevention, risk intervention and response, each with a local example.\n- Say which municipal services influence safety, and how.\n- Say what a comprehensive strategy holds, and what council decides.",
    "objectives_fr": "- Nommer des facteurs de risque et de protection qui comptent dans votre collectivité.\n- Distinguer développement social, prévention, intervention sur les risques et réponse aux incidents, avec un exemple local de chacun.\n- Dire quels services municipaux influent sur la sécurité, et comment.\n- Dire ce que contient une stratégie globale, et ce que décide le conseil.",
    "outline_en": "1. What brings us here: one local figure each (30 minutes)\n2. From causes to incidents: the four areas of planning (45 minutes)\n3. Who holds which lever: a map of services, made in pairs (45 minutes)\n4. What a strategy is, and what council decides (40 minutes)\n5. One thing that each of us does next (20 minutes)",
    "outline_fr": "1. Ce qui nous amène\u00a0: un chiffre local par personne (30 minutes)\n2. Des causes aux incidents\u00a0: les quatre champs de planification (45 minutes)\n3. Qui tient quel levier\u00a0: une carte des services, dressée à deux (45 minutes)\n4. Ce qu’est une stratégie, et ce que décide le conseil (40 minutes)\n5. Ce que chacune et chacun fera ensuite (20 minutes)",
    "hours": 3,
    "languages": ["en", "fr"],
}
PLANNING: dict[str, Any] = {
    "title_en": "Community safety planning: from diagnosis to a strategy",
    "title_fr": "La planification de la sécurité communautaire\u00a0: du diagnostic à la stratégie",
    "summary_en": "Two days for those who carry a strategy. Participants bring the data of their own municipality and leave with the outline of a plan and the terms of its advisory table.",
    "summary_fr": "Deux jours pour les personnes qui portent une stratégie. On y apporte les données de sa municipalité; on en repart avec l’ébauche d’un plan et le mandat d’une table consultative.",
    "objectives_en": "- Carry out a local safety diagnosis and write down its limits.\n- Draft a strategy with partners: risk factors, actions, measurable outcomes.\n- Prepare and lead meetings of many sectors that end with decisions, owners and dates.",
    "objectives_fr": "- Réaliser un diagnostic local de sécurité et en écrire les limites.\n- Rédiger avec des partenaires une ébauche de stratégie\u00a0: facteurs de risque, actions, résultats mesurables.\n- Préparer et animer des rencontres multisectorielles qui se terminent par des décisions, des responsables et des dates.",
    "outline_en": "**Before:** bring three figures on safety in your municipality, with their sources.\n\n**First day**\n\n1. What a diagnosis is for, and who takes part\n2. Reading the figures together: what they show, what they hide\n3. From the diagnosis to three priorities\n\n**Second day**\n\n4. A plan on one page: outcome, action, owner, measure\n5. The table: whom to invite, on what terms, how to lead it\n6. Presenting the outline to a council, in five minutes each",
    "outline_fr": "**Avant\u00a0:** apporter trois chiffres sur la sécurité dans votre municipalité, avec leurs sources.\n\n**Premier jour**\n\n1. À quoi sert un diagnostic, et qui y participe\n2. Lire les chiffres ensemble\u00a0: ce qu’ils montrent, ce qu’ils cachent\n3. Du diagnostic à trois priorités\n\n**Deuxième jour**\n\n4. Un plan sur une page\u00a0: résultat, action, responsable, mesure\n5. La table\u00a0: qui inviter, avec quel mandat, comment l’animer\n6. Présenter l’ébauche à un conseil, en cinq minutes par personne",
    "hours": 12,
    "languages": ["en", "fr"],
}
MOBILISATION: dict[str, Any] = {
    "title_en": "Mobilising the community: residents, organisations, businesses",
    "title_fr": "Mobiliser la collectivité\u00a0: population, organismes, entreprises",
    "summary_en": "How partners become owners of a strategy, and how those are heard who seldom speak in public. With exercises on a place that participants choose at home.",
    "summary_fr": "Comment des partenaires deviennent parties prenantes d’une stratégie, et comment entendre les personnes qui prennent rarement la parole en public. Avec des exercices sur un lieu que l’on choisit chez soi.",
    "objectives_en": "- Bring a new partner into the strategy with a written commitment.\n- Plan and carry out a consultation, and tell people what came of it.\n- Organise a walk, a working group or a pilot on a place with those who use it.",
    "objectives_fr": "- Amener un nouveau partenaire à la stratégie, avec un engagement écrit.\n- Planifier et réaliser une consultation, puis dire aux gens ce qui en est ressorti.\n- Organiser une marche, un groupe de travail ou un projet pilote dans un lieu, avec celles et ceux qui le fréquentent.",
    "outline_en": "1. Who is missing at the table, and why they might come\n2. A commitment on one page: what each side gives\n3. Four ways to take part, from informing to deciding together\n4. A walk through a place with its users\n5. Coming back with the answers",
    "outline_fr": "1. Qui manque à la table, et ce qui l’amènerait à y venir\n2. Un engagement sur une page\u00a0: ce que donne chaque partie\n3. Quatre façons de participer, d’informer à décider ensemble\n4. Une marche dans un lieu avec celles et ceux qui le fréquentent\n5. Revenir avec les réponses",
    "hours": 10,
    "languages": ["en", "fr"],
}
# In the making: the author writes English first; the French outline is still to come.
PROJECTS: dict[str, Any] = {
    "title_en": "Projects that can be evaluated",
    "title_fr": "Des projets que l’on peut évaluer",
    "summary_en": "From a local problem to a project with objectives that somebody can check, carried out as it was meant.",
    "summary_fr": "D’un problème local à un projet dont on peut vérifier les objectifs, et que l’on réalise comme prévu.",
    "objectives_en": "- Design a project with objectives, activities, means, risks and measures.\n- Lead it from start to report, with a record of changes.\n- Write an evaluation plan with indicators and a baseline.",
    "objectives_fr": "- Concevoir un projet\u00a0: objectifs, activités, moyens, risques et mesures.\n- Le mener du début au rapport, en consignant les changements.\n- Rédiger un plan d’évaluation avec des indicateurs et une situation de départ.",
    "outline_en": "1. A theory of change, drawn on one sheet\n2. Choosing measures before the first dollar is spent\n3. To come: a case from the Prairies, with its real budget",
    "hours": 14,
    "languages": ["en"],
}
PILOT_REPORT = {
    "workshop": "Four people from four municipalities. The map of services took twice the time planned and was what people took home; the talk at the beginning is shorter now.",
    "planning": "Three people, two days. Participants without figures of their own could not follow the first day: the letter now asks for three figures beforehand.",
}

# ---- people ----------------------------------------------------------------------------------------------------------

TABLE_LED = "Since 2019 I have led the community safety table of the city: eleven organisations, six meetings a year. Each meeting ends with a list of decisions, owners and dates, which is published. In 2024 the table agreed on a shared budget for youth programmes. The terms and the last three lists are on our website."
TABLE_ANSWER = "Clear, and checked against the published lists. Thank you for the terms of the table, which others will want to read."
PARTNER_WON = "In spring the downtown business association joined the strategy in writing: two staff hours a week and the use of its hall. I prepared the commitment with its director and took it to our advisory table."

EVALUATION_ANSWERS: dict[str, dict[str, Any]] = {
    "representative@thunder-bay.example": {
        "usefulness": 5, "access": 5,
        "quality": {"contents": 5, "facilitation": 5, "exchange": 5, "materials": 4, "length": 4},
        "plan": "The plan on one page goes to our council committee next month, with three figures and their limits.",
        "missing": "An hour on presenting to police leaders.", "quote": "named",
    },
    "analyst@calgary.example": {
        "usefulness": 4, "access": 5,
        "quality": {"contents": 4, "facilitation": 5, "exchange": 4, "materials": 4, "length": 3},
        "plan": "I redo the table on break-ins with rates, not counts.", "quote": "unnamed",
    },
    "deputy@ottawa.example": {
        "usefulness": 4, "access": 4,
        "quality": {"contents": 4, "facilitation": 4, "exchange": 5, "materials": 3, "length": 4},
        "missing": "Une partie du matériel n’existait qu’en anglais.", "quote": "unnamed",
    },
    "representative@halifax.example": {
        "usefulness": 5, "access": 5,
        "quality": {"contents": 5, "facilitation": 4, "exchange": 5, "materials": 4, "length": 5},
        "plan": "We write terms for the table before we invite anybody.", "next-topics": "Evaluation with little money.", "quote": "no",
    },
    "coordinator@halifax.example": {
        "usefulness": 3, "access": 4,
        "quality": {"contents": 4, "facilitation": 4, "exchange": 3, "materials": 3, "length": 2},
        "missing": "Two full days are long for a small team. Could the second be online?",
    },
}  # fmt: skip
WORKSHOP_ANSWERS: dict[str, dict[str, Any]] = {
    "councillor@thunder-bay.example": {"usefulness": 5, "access": 5, "plan": "I ask for the four areas in the next budget report.", "quote": "named"},
    "councillor@calgary.example": {"usefulness": 4, "access": 5},
    "councillor@halifax.example": {"usefulness": 4, "access": 4, "missing": "More time for the map of services."},
    "councillor@ottawa.example": {"usefulness": 5, "access": 5, "quote": "unnamed"},
    "councillor@winnipeg.example": {"usefulness": 4, "access": 5, "next-topics": "How to judge evidence."},
}  # fmt: skip
USED_ANSWERS: dict[str, dict[str, Any]] = {
    "councillor@thunder-bay.example": {"used": "used", "with-whom": ["council", "social"], "what": "The budget report names the four areas."},
    "councillor@ottawa.example": {"used": "partly", "hindered": ["time"], "next-help": "A one-page reminder for new councillors."},
}  # fmt: skip
