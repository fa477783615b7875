"""The two complete briefs of the demonstration, in both languages: each number with its source, nothing that no source says.

The steps are advice, written for the demonstration; the ratings are quoted as `knowledge/data/practices.json` has them.
"""

from typing import Any

ACTION_BRIEFS = (
    "https://text.123docz.net/document/1189667-making-cities-sader-action-briefs-for-municipal-stakeholders-potx.htm"
)
LETTER = "https://docslib.org/doc/11432720/honourable-ralph-goodale-minister-of-public-safety-and-emergency-preparedness-house-of-commons-ottawa-ontario-canada-k1a-0a6"
ACTION_BRIEFS_FR = "https://vdocuments.fr/srie-1-investir-de-faon-claire-dans-la-scurit.html"
HISTORY = "https://safercities.ca/cmncp-history/"
PRINCIPLES = "http://safercities.ca/municipal-crime-prevention/"
TOOLKIT = "http://lawsdocbox.com/Immigration/76702417-Key-the-to-safer-municipalities-toolkit-produced-by-the-fondation-docteur-philippe-pinel.html"
ONTARIO = "https://www.ontario.ca/document/community-safety-and-well-being-planning-framework-booklet-3-shared-commitment-ontario"
VISIT = "http://safercities.ca/waterloo-region-to-visit-winnipeg-to-share-community-safety-crime-prevention-strategies/"
YOUTH_FUND = "https://youthendowmentfund.org.uk/about-us/our-strategy/sectors/policing/"
LIGHTING = "https://whatworks.college.police.uk/Research/Briefings/Pages/default.aspx"
CAMERAS = "https://www.college.police.uk/News/archive/March2015/Pages/Online-crime-reduction-tool.aspx"

CITED = {
    ACTION_BRIEFS: "Institute for the Prevention of Crime, University of Ottawa. Making Cities Safer: Action Briefs for Municipal Stakeholders, Number 3, March 2009.",
    LETTER: "Canadian Municipal Network on Crime Prevention. Letter to the Honourable Ralph Goodale, Minister of Public Safety and Emergency Preparedness, May 4, 2016.",
    HISTORY: "Canadian Municipal Network on Crime Prevention. History of the network, with the recommendation of the Horner Committee, 1993.",
    PRINCIPLES: "Canadian Municipal Network on Crime Prevention. Municipal crime prevention, with the guiding principles of 2008.",
    TOOLKIT: "Fondation Docteur Philippe-Pinel, International Centre for the Prevention of Crime, Union des municipalités du Québec. The Key to Safer Municipalities, toolkit, 2004.",
    ONTARIO: "Government of Ontario. Community Safety and Well-Being Planning Framework: A Shared Commitment in Ontario.",
    VISIT: "Canadian Municipal Network on Crime Prevention. Waterloo Region to visit Winnipeg to share community safety and crime prevention strategies.",
    YOUTH_FUND: "Youth Endowment Fund. Policing, with ratings of the YEF Toolkit.",
    LIGHTING: "College of Policing. What Works Briefings.",
    CAMERAS: "College of Policing. Online crime reduction tool, March 2015.",
    ACTION_BRIEFS_FR: "Institut pour la prévention de la criminalité, Université d’Ottawa. Rendre les villes plus sûres\u00a0: pistes d’action pour les acteurs municipaux, no\u00a03, mars 2009.",
}
IN_FRENCH = {ACTION_BRIEFS_FR}


def counted(value: int, en: str, fr: str, **more: Any) -> dict[str, Any]:
    """A number of the Action Briefs of 2009, per 100,000 residents and year."""
    return {
        "value": value, "label_en": en, "label_fr": fr, "base_population": 100_000, "year": 2009,
        "source": "Institute for the Prevention of Crime, Action Briefs, March 2009", "source_url": ACTION_BRIEFS,
    } | more  # fmt: skip


def step(audience: str, en: str, fr: str, effort: str = "", cost: str = "") -> dict[str, str]:
    return {"audience": audience, "text_en": en, "text_fr": fr, "effort": effort, "cost": cost}


DOLLARS = {"unit_en": "dollars", "unit_fr": "$"}
ASSAULTED = counted(6_000, "Adults assaulted in a year", "Adultes agressés en une année")
CAR_THEFTS = counted(1_800, "Thefts from or of cars in a year", "Vols de véhicules ou dans des véhicules en une année")

WHY_NUMBERS = [
    ASSAULTED,
    counted(1_600, "People sexually assaulted in a year", "Personnes agressées sexuellement en une année"),
    CAR_THEFTS,
    counted(150_000_000, "Loss, injury and trauma in a year", "Pertes, blessures et traumatismes en une année", **DOLLARS),
    counted(30_000_000, "Police services, out of local taxes", "Services de police, payés par les taxes locales", **DOLLARS),
    counted(9_000_000, "Correctional services, out of federal and provincial taxes", "Services correctionnels, payés par les impôts fédéraux et provinciaux", **DOLLARS),
    counted(100_000, "Recommended for prevention, each year", "Recommandés pour la prévention, chaque année", **DOLLARS),
    {
        "value": 83, "unit_en": "billion dollars", "unit_fr": "milliards de dollars", "label_en": "Cost of interpersonal violence in Canada, each year",
        "label_fr": "Coût annuel de la violence interpersonnelle au Canada", "year": 2016, "source": "Letter of the network to Minister Goodale, May 4, 2016", "source_url": LETTER,
    },
]  # fmt: skip

WHY_EN = {
    "title": "Why invest in prevention",
    "summary": "In 2009 the harm that crime does in a Canadian city of 100,000 residents was put at about $150 million a year, and one dollar per resident was recommended to prevent it. This brief gives the numbers with their sources, says what a lasting effort is made of, and names first steps for each municipal stakeholder.",
    "challenge": """Crime is paid for more than once: by those who are harmed, and by everybody’s taxes. For a Canadian city of 100,000 residents, the Institute for the Prevention of Crime put the loss, injury and trauma at about **$150 million** a year (2009). Police services cost such a city about $30 million of local taxes, and correctional services another $9 million of federal and provincial taxes.

For the country as a whole, the network wrote to the Minister of Public Safety on May 4, 2016 that interpersonal violence costs **$83 billion** a year, the equivalent of 5% of the gross domestic product.

These are averages, and they are years old. They do not say what your municipality suffers or spends. Worked out for your own population, they give council an order of magnitude to hold beside a budget that it knows.""",
    "what_works": """## Somebody who stays

The network’s guiding principles of 2008 ask for permanent responsibility centres at all orders of government. In a municipality that is an office with a mandate: it brings departments and partners to one table, and it reports to council.

## A part for everybody

*The Key to Safer Municipalities* (2004) shares the work out by department:

- the mayor commits and leads;
- council gives the orientation, consults, and evaluates the results;
- the city manager plans and coordinates;
- police, public works, parks, libraries, transit and health each have a part.

## A plan that can be checked

Ontario’s community safety and well-being framework says what a plan holds: the risks that are named locally, programmes that rest on evidence, and outcomes that can be measured. Council adopts it, and it is published within 30 days.

## Programmes whose effect was studied

Ratings differ, and they are worth reading before money is spent. For violence among young people, the Youth Endowment Fund rates focused deterrence HIGH, hot-spots policing MODERATE and video surveillance LOW. On street lighting, the College of Policing reports a “positive effect in reducing burglary and theft, but not violent crimes”. Both sources are British: measure at home whether it holds.""",
    "investment": """- **$1 per resident and year.** The Action Briefs of 2009 recommend that a city of 100,000 residents invest $100,000 a year to guide and mobilize prevention.
- **0.1% of the gross domestic product.** As the network’s letter argued in 2016, this much in proven prevention could cut the harm of interpersonal violence by half by 2025.
- **5% of the federal criminal justice budget.** The Horner Committee recommended in 1993 that Canada spend this share on crime prevention.

Pay first for somebody who stays, and for finding out what happens, where and to whom. Programmes are chosen after that.""",
}  # fmt: skip

WHY_FR = {
    "title": "Pourquoi investir dans la prévention",
    "summary": "En 2009, les torts causés par la criminalité dans une ville canadienne de 100\u00a0000 personnes étaient évalués à environ 150\u00a0millions de dollars par année; pour les prévenir, on recommandait un dollar par personne. Cette piste d’action donne les chiffres et leurs sources, décrit ce qui fait durer un effort et propose à chaque acteur municipal de premiers gestes.",
    "challenge": """La criminalité se paie plus d’une fois\u00a0: par les personnes qui la subissent, puis par les taxes et les impôts de tout le monde. Pour une ville canadienne de 100\u00a0000 personnes, l’Institut pour la prévention de la criminalité évaluait les pertes, les blessures et les traumatismes à environ **150\u00a0millions de dollars** par année (2009). Les services de police y coûtent quelque 30\u00a0millions de dollars en taxes locales; les services correctionnels, 9\u00a0millions de plus en impôts fédéraux et provinciaux.

Pour l’ensemble du pays, le réseau écrivait au ministre de la Sécurité publique, le 4\u00a0mai 2016, que la violence interpersonnelle coûte **83\u00a0milliards de dollars** par année, soit l’équivalent de 5\u00a0% du produit intérieur brut.

Ce sont des moyennes, et elles datent. Elles ne disent pas ce que votre municipalité subit ni ce qu’elle dépense. Ramenées à votre population, elles donnent au conseil un ordre de grandeur à mettre en regard d’un budget qu’il connaît.""",
    "what_works": """## Quelqu’un qui reste

Les principes directeurs adoptés par le réseau en 2008 demandent des centres de responsabilité permanents à tous les ordres de gouvernement. Dans une municipalité, c’est un bureau doté d’un mandat\u00a0: il réunit services et partenaires à une même table et rend compte au conseil.

## Un rôle pour tout le monde

La trousse *The Key to Safer Municipalities* (2004) répartit le travail entre les services\u00a0:

- la mairie s’engage et exerce le leadership;
- le conseil fixe l’orientation, consulte et évalue les résultats;
- la direction générale planifie et coordonne;
- la police, les travaux publics, les parcs, les bibliothèques, le transport collectif et la santé ont chacun leur part.

## Un plan qui se vérifie

Le cadre ontarien de sécurité et de bien-être des collectivités précise ce que contient un plan\u00a0: des risques nommés localement, des programmes fondés sur des données probantes, des résultats mesurables. Le conseil l’adopte, et il est publié dans les 30\u00a0jours.

## Des programmes dont l’effet a été étudié

Les cotes varient, et mieux vaut les lire avant d’engager des fonds. Pour la violence chez les jeunes, le Youth Endowment Fund attribue à la dissuasion ciblée la cote HIGH (élevée), à la présence policière aux points chauds la cote MODERATE (modérée) et à la vidéosurveillance la cote LOW (faible). Quant à l’éclairage des rues, le College of Policing rapporte un effet positif sur les introductions par effraction et les vols, mais pas sur les crimes violents. Ces deux sources sont britanniques\u00a0: mesurez chez vous si le résultat se confirme.""",
    "investment": """- **1\u00a0$ par personne et par année.** Les pistes d’action de 2009 recommandent qu’une ville de 100\u00a0000 personnes investisse 100\u00a0000\u00a0$ par année pour guider et mobiliser la prévention.
- **0,1\u00a0% du produit intérieur brut.** Comme le soutenait la lettre du réseau en 2016, cette part consacrée à une prévention éprouvée pourrait réduire de moitié, d’ici 2025, les torts de la violence interpersonnelle.
- **5\u00a0% du budget fédéral de la justice pénale.** C’est la part que le comité Horner recommandait en 1993 de consacrer à la prévention de la criminalité.

Payez d’abord quelqu’un qui reste, et de quoi savoir ce qui se passe, où, et qui en souffre. Le choix des programmes vient ensuite.""",
}  # fmt: skip

WHY_STEPS = [
    step("council", "Adopt a resolution that makes prevention a duty of the municipality, names who answers for it, and asks for a report each year.", "Adopter une résolution qui fait de la prévention une responsabilité de la municipalité, désigne qui en répond et demande un rapport chaque année.", "weeks", "none"),
    step("council", "Give prevention a line of its own in the next budget. One dollar per resident is a place to start the discussion.", "Donner à la prévention sa propre ligne dans le prochain budget. Un dollar par personne est un bon point de départ pour la discussion.", "months"),
    step("administration", "Invite police, public works, parks, libraries, transit and health to one table, and write down the part of each.", "Inviter police, travaux publics, parcs, bibliothèques, transport et santé à une même table, et mettre par écrit la part de chacun.", "weeks", "none"),
    step("administration", "Place the coordination where it reaches every department, and protect its position through changes of council.", "Placer la coordination là où elle rejoint tous les services, et protéger ce poste lorsque le conseil change.", "months"),
    step("coordination", "Work out the numbers of this brief for your population, and put them beside what the municipality spends on prevention today.", "Ramener les chiffres de cette piste d’action à votre population et les mettre en regard de ce que la municipalité consacre aujourd’hui à la prévention.", "weeks", "none"),
    step("coordination", "Write a diagnosis with residents: what happens, where, to whom, and what is done about it already.", "Rédiger un diagnostic avec la population\u00a0: ce qui se passe, où, qui en souffre et ce qui se fait déjà.", "months"),
    step("coordination", "Choose a few outcomes that can be measured, and publish them every year, the bad ones too.", "Choisir quelques résultats mesurables et les publier chaque année, même les mauvais.", "years"),
    step("police", "Share, without names, what the service knows of places and hours, so that prevention begins where the harm is greatest.", "Partager, sans noms, ce que le service sait des lieux et des heures, pour que la prévention commence là où les torts sont les plus grands.", "weeks", "none"),
    step("schools", "Bring to the table what young people ask for, and where they wait for help.", "Faire connaître à la table ce que les jeunes demandent, et là où l’aide se fait attendre.", "weeks", "none"),
    step("health", "Compare injuries from violence seen in care with what is reported to police, without names.", "Comparer, sans noms, les blessures dues à la violence vues dans les soins et ce qui est signalé à la police.", "months"),
    step("community", "Tell council what holds in your neighbourhood, and what it would take to go on when a grant ends.", "Dire au conseil ce qui tient dans votre quartier, et ce qu’il faudrait pour continuer quand une subvention prend fin.", "weeks", "none"),
    step("other-orders", "Fund several years at a time, and ask for outcomes rather than for activities.", "Financer plusieurs années à la fois, et demander des résultats plutôt que des activités.", "years"),
    step("public", "Take part when the municipality asks what makes you feel safe, and ask later what became of the answers.", "Participer quand la municipalité demande ce qui vous donne un sentiment de sécurité, puis demander ce que les réponses sont devenues."),
]  # fmt: skip

STREETS_EN = {
    "title": "Safe streets, with the people who use them",
    "summary": "People who use a street know where and when it feels unsafe. This brief says what published evidence supports, what it does not, and what each municipal stakeholder can do together with them.",
    "challenge": """Streets, paths, stops and car parks belong to everybody. In a Canadian city of 100,000 residents, about **6,000 adults are assaulted** in a year, and about **1,800 thefts** are made from or of cars (Institute for the Prevention of Crime, 2009). The source does not say how many of the assaults happen in the street: your own police and health services can.

Fear counts beside the numbers. Who does not dare to cross the park, to wait for the bus or to walk to the library stays at home.

It is tempting to buy an answer before the question has been asked. The same street may need light, a bench, a later bus or a person to talk to, and those who pass there each day can say which.""",
    "what_works": """## Light, where people ask for it

On improved street lighting, the College of Policing reports a “positive effect in reducing burglary and theft, but not violent crimes”. Light is an answer to some problems and not to all.

## Presence in few places

The Youth Endowment Fund rates hot-spots policing MODERATE for violence among young people: presence and problem solving go to the few places where much of the violence happens.

## Help for the few who are most involved

The same fund rates focused deterrence HIGH. Police, services and people of the neighbourhood speak together with those who are most involved in violence: help is offered, and consequences are named.

## Cameras: read what they are for

For violence among young people the fund rates video surveillance LOW. The College of Policing wrote in 2015 that it “modestly reduces crime overall”, with “no evidence of an effect on violent crime”.

## Care for the place

*The Key to Safer Municipalities* (2004) gives public works, parks, libraries and transit a part in prevention beside police. A street is theirs too.""",
    "investment": """None of the sources read for this brief states what these measures cost in a Canadian municipality. Ask public works for the price of light on one street, and count what is paid already for repairs and cleaning.

The Action Briefs of 2009 recommend $1 per resident and year to guide prevention as a whole. Keep a share of it for asking people before, and for counting before and after: without that nobody will know what the money has done.""",
}  # fmt: skip

STREETS_FR = {
    "title": "Des rues sûres, avec les gens qui les fréquentent",
    "summary": "Les gens qui fréquentent une rue savent où et quand elle n’est pas rassurante. Cette piste d’action dit ce que les données probantes appuient, ce qu’elles n’appuient pas, et ce que chaque acteur municipal peut faire avec eux.",
    "challenge": """Les rues, les sentiers, les arrêts et les stationnements sont à tout le monde. Dans une ville canadienne de 100\u00a0000 personnes, environ **6\u00a0000 adultes sont agressés** en une année et environ **1\u00a0800 vols** visent des véhicules ou leur contenu (Institut pour la prévention de la criminalité, 2009). La source ne dit pas combien de ces agressions ont lieu dans la rue\u00a0: vos services de police et de santé peuvent le dire.

La peur compte aussi. La personne qui n’ose pas traverser le parc, attendre l’autobus ou marcher jusqu’à la bibliothèque reste chez elle.

Il est tentant d’acheter une réponse avant d’avoir posé la question. La même rue peut avoir besoin de lumière, d’un banc, d’un autobus plus tardif ou de quelqu’un à qui parler; les gens qui y passent chaque jour savent de quoi.""",
    "what_works": """## La lumière, là où on la demande

Au sujet d’un meilleur éclairage des rues, le College of Policing rapporte un effet positif sur les introductions par effraction et les vols, mais pas sur les crimes violents. La lumière répond à certains problèmes, pas à tous.

## Une présence en peu d’endroits

Le Youth Endowment Fund attribue à la présence policière aux points chauds la cote MODERATE (modérée) pour la violence chez les jeunes\u00a0: la présence et la résolution de problèmes vont aux quelques endroits où se produit une grande part de la violence.

## De l’aide pour les personnes les plus impliquées

Le même fonds attribue à la dissuasion ciblée la cote HIGH (élevée). Police, services et gens du quartier s’adressent ensemble aux personnes les plus impliquées dans la violence\u00a0: une aide est offerte et les conséquences sont nommées.

## Les caméras\u00a0: savoir à quoi elles servent

Pour la violence chez les jeunes, le fonds attribue à la vidéosurveillance la cote LOW (faible). En 2015, le College of Policing écrivait qu’elle réduit modestement la criminalité dans l’ensemble, sans qu’un effet sur les crimes violents soit démontré.

## Le soin des lieux

*The Key to Safer Municipalities* (2004) donne aux travaux publics, aux parcs, aux bibliothèques et au transport collectif un rôle en prévention, aux côtés de la police. La rue est aussi la leur.""",
    "investment": """Aucune des sources lues pour cette piste d’action n’indique ce que ces mesures coûtent dans une municipalité canadienne. Demandez aux travaux publics le prix de l’éclairage d’une rue, et comptez ce qui est déjà payé pour les réparations et le nettoyage.

Les pistes d’action de 2009 recommandent 1\u00a0$ par personne et par année pour guider l’ensemble de la prévention. Gardez-en une part pour écouter les gens avant d’agir, et pour compter avant et après\u00a0: sans cela, personne ne saura ce que l’argent a changé.""",
}  # fmt: skip

STREETS_STEPS = [
    step("council", "Choose one street with its residents, decide on light, presence and care together, and fund a count before and after.", "Choisir une rue avec les gens qui y vivent, décider ensemble de l’éclairage, de la présence et du soin des lieux, et financer un décompte avant et après.", "months"),
    step("administration", "Name one person whom a resident can call about the street, whatever department has to act.", "Désigner une seule personne à appeler au sujet de la rue, quel que soit le service qui doit agir.", "weeks", "none"),
    step("coordination", "Ask those who use the street, at the hours when they use it, where they feel unsafe. Bring the answers back to them within a season.", "Demander aux gens qui fréquentent la rue, aux heures où ils y sont, où ils ne se sentent pas en sécurité. Leur rapporter les réponses dans la saison.", "months", "none"),
    step("police", "Find the few places and hours where violence concentrates, and agree with the neighbourhood on what presence looks like there.", "Repérer les quelques lieux et heures où la violence se concentre, et convenir avec le quartier de la forme que la présence y prend.", "months"),
    step("police", "Before cameras are asked for, say which crime in which place they are for.", "Avant de demander des caméras, dire quel crime elles visent, et à quel endroit.", "weeks", "none"),
    step("schools", "Let students draw their way to school and mark where they hurry. Pass the maps on to planning.", "Faire dessiner aux élèves leur chemin de l’école et marquer les endroits où l’on presse le pas. Remettre les cartes à l’urbanisme.", "weeks", "none"),
    step("planning", "Walk the street after dark with women, young people and older people, and note what is missing.", "Parcourir la rue à la noirceur avec des femmes, des jeunes et des personnes aînées, et noter ce qui manque.", "weeks", "none"),
    step("planning", "Repair the light first, then add some where the walk showed the need. Look again after a year.", "Réparer d’abord l’éclairage, puis en ajouter là où la marche en a montré le besoin. Y revenir après un an.", "years"),
    step("recreation", "Keep a door open, of a library, a gym or a rink, at the hours when young people are outside.", "Garder une porte ouverte, celle d’une bibliothèque, d’un gymnase ou d’une patinoire, aux heures où les jeunes sont dehors.", "months"),
    step("community", "Offer help where the few who are most involved in violence will take it, and say at the table what is lacking.", "Offrir de l’aide là où les personnes les plus impliquées dans la violence l’accepteront, et dire à la table ce qui manque.", "years"),
    step("business", "Light your own front, and tell the municipality what is broken.", "Éclairer votre devanture, et signaler à la municipalité ce qui est brisé.", "weeks"),
    step("public", "Come to the walk, and report lights that are out.", "Venir à la marche, et signaler les lampadaires éteints."),
]  # fmt: skip
