"""The meetings of the demonstration: three that are documented, and one of each kind and state that a newcomer should see.

The documented ones carry what their sources say and nothing more: days, hosts, shape, numbers. All others are invented.
"""

from collections.abc import Callable, Sequence
from datetime import date, time, timedelta
from typing import Any

from cmncp_portal.core.places import Attendance
from cmncp_portal.network.models import Region, Stakeholder
from meetings import services
from meetings.models import Invitee, Meeting, Registration
from meetings.services.announcing import as_invitees
from meetings.services.polling import Dates
from meetings.services.registering import Person

from .cast import BY_EMAIL
from .teller import Teller

CMNCP21 = "http://www.safercities.ca/schedule"
NINE, FOUR = time(9, 0), time(16, 0)


class Convenor:
    """What the network's coordinator does to bring a meeting about. Days are counted from today, as the teller's."""

    def __init__(self, teller: Teller) -> None:
        self.teller = teller
        self.by = teller.user("coordinator@network.example")
        self.regions = {region.slug: region for region in Region.objects.all()}

    def begin(self, day: int, **fields: Any) -> Meeting:
        """Begin a meeting on `day`; "host", "co_host" and "region" are given by their slugs."""
        for name in ("host", "co_host"):
            if name in fields:
                fields[name] = self.teller.places[fields[name]]
        if "region" in fields:
            fields["region"] = self.regions[fields["region"]]
        with self.teller.on(day):
            return services.create_meeting(by=self.by, **fields)

    def fresh(self, meeting: Meeting) -> Meeting:
        return Meeting.objects.with_places().get(pk=meeting.pk)

    def keep(self, meeting: Meeting, day: int, **fields: Any) -> None:
        with self.teller.on(day):
            now = self.fresh(meeting)
            services.keep_meeting(now, seen=now.version, by=self.by, **fields)

    def fix(self, meeting: Meeting, day: int, first: date, last: date, begins: time = NINE, ends: time = FOUR) -> None:
        with self.teller.on(day):
            services.fix_date(
                self.fresh(meeting), by=self.by, starts_on=first, ends_on=last, begins_at=begins, finishes_at=ends
            )

    def agenda(self, meeting: Meeting, day: int, items: Sequence[dict[str, Any]]) -> None:
        """Write the agenda. A speaker is an address of the cast, or (name, title, organisation) of somebody from outside."""
        with self.teller.on(day):
            for item in items:
                lines = [self._speaker(speaker) for speaker in item.get("speakers", ())]
                fields = {name: value for name, value in item.items() if name != "speakers"}
                services.add_item(self.fresh(meeting), by=self.by, speakers=lines, **fields)

    def _speaker(self, speaker: Any) -> dict[str, Any]:
        who, role = speaker if isinstance(speaker[0], tuple) or len(speaker) == 2 else (speaker, "speaker")
        if isinstance(who, str):
            return {"stakeholder": Stakeholder.objects.get(email=who), "role": role}
        name, title, organisation = who
        return {"name": name, "title": title, "organisation": organisation, "role": role}

    def announce(self, meeting: Meeting, day: int) -> None:
        with self.teller.on(day):
            now = self.fresh(meeting)
            services.announce(now, by=self.by, seen=now.version)

    def register(self, meeting: Meeting, day: int, *emails: str) -> None:
        """Let each of these people of the cast register in turn."""
        for email in emails:
            person = BY_EMAIL[email]
            with self.teller.on(day):
                services.register(
                    self.fresh(meeting),
                    people=[Person(person.name, email, person.language, person.title)],
                    by=self.teller.user(email),
                )


def item(day: int, start: str, end: str, en: str, fr: str, **more: Any) -> dict[str, Any]:
    """One session, in few words."""
    return {
        "day": day,
        "starts_at": time.fromisoformat(start),
        "ends_at": time.fromisoformat(end),
        "title_en": en,
        "title_fr": fr,
    } | more


# ---- documented ------------------------------------------------------------------------------------------------------


def ontario_workshop_of_2017(teller: Teller) -> None:
    """Held on 27 January 2017; its main presentation was posted afterwards."""
    convenor = Convenor(teller)
    services.record_past_meeting(
        by=convenor.by, kind="regional", region=convenor.regions["ontario"],
        title_en="Ontario regional workshop", title_fr="Atelier régional de l’Ontario",
        starts_on=date(2017, 1, 27), ends_on=date(2017, 1, 27),
        summary_en="Members in Ontario met for a workshop. Its main presentation counts 18 municipalities in the network, home to about 35% of Canadians.",
        summary_fr="Les membres de l’Ontario se sont réunis pour un atelier. La présentation principale fait état de 18 municipalités membres du réseau, qui regroupent environ 35\u00a0% de la population canadienne.",
        source="Main presentation of the workshop, posted by the network, 2017-01-27: https://p.pdfkul.com/2017-01-27-ontario-workshop-main-presentation-for-postingpdf-_59dace511723dd9805670ff7.html",
    )  # fmt: skip


def calgary_of_2018(teller: Teller) -> None:
    """The annual general meeting and conference that Calgary hosted on 17 and 18 May 2018."""
    convenor = Convenor(teller)
    services.record_past_meeting(
        by=convenor.by, kind="national", host=teller.places["calgary"],
        title_en="Annual general meeting and conference, Calgary",
        title_fr="Assemblée générale annuelle et conférence, Calgary",
        starts_on=date(2018, 5, 17), ends_on=date(2018, 5, 18),
        summary_en="Crime prevention experts from across the country gathered in Calgary for two days. The City, a member of the network, was the host.",
        summary_fr="Des spécialistes de la prévention de la criminalité de tout le pays se sont réunis à Calgary pendant deux jours. La Ville, membre du réseau, les a accueillis.",
        source="City of Calgary newsroom, May 2018: https://newsroom.calgary.ca/national-crime-prevention-experts-gather-in-calgary/",
    )  # fmt: skip


def cmncp21(teller: Teller) -> None:
    """The virtual conference of 4 to 6 October 2021, in the shape of its published schedule. All times are Eastern."""
    convenor = Convenor(teller)
    meeting = services.record_past_meeting(
        by=convenor.by, kind="national", mode="virtual", time_zone="America/Toronto",
        title_en="CMNCP21: virtual national conference", title_fr="CMNCP21\u00a0: conférence nationale virtuelle",
        starts_on=date(2021, 10, 4), ends_on=date(2021, 10, 6),
        begins_at=time(10, 30), finishes_at=time(16, 0), languages=["en"], attended_count=200,
        summary_en="Three days online with more than 200 participants: keynotes, parallel sessions with moderators and panels, and a closing keynote panel. The sessions were recorded.",
        summary_fr="Trois jours en ligne et plus de 200 participantes et participants\u00a0: conférences, séances parallèles animées avec panélistes et panel de clôture. Les séances ont été enregistrées.",
        source="Schedule of CMNCP21, as published by the network (safercities.ca/cmncp21; safercities.ca/schedule)",
    )  # fmt: skip
    convenor.agenda(
        meeting, 0,
        [
            item(1, "10:30", "11:30", "Opening: Elder’s prayer and words of welcome", "Ouverture\u00a0: prière d’une personne aînée et mots de bienvenue", kind="opening", language="en"),
            item(1, "11:30", "12:30", "Opening keynote", "Conférence d’ouverture", kind="keynote", language="en"),
            item(1, "13:15", "14:15", "Networking", "Réseautage", kind="networking", language="en"),
            item(1, "14:30", "16:00", "Parallel session A: moderator and panel", "Séance parallèle A\u00a0: animation et panel", kind="parallel", room="A", language="en"),
            item(1, "14:30", "16:00", "Parallel session B: moderator and panel", "Séance parallèle B\u00a0: animation et panel", kind="parallel", room="B", language="en"),
            item(3, "14:30", "16:00", "Closing keynote panel", "Panel de clôture", kind="closing", language="en"),
        ],
    )  # fmt: skip
    services.add_material(
        convenor.fresh(meeting), by=convenor.by, kind="link", title_en="Recordings of the sessions",
        title_fr="Enregistrements des séances", url="https://safercities.ca/cmncp21-videos", language="en", access="audience",
    )  # fmt: skip


# ---- invented --------------------------------------------------------------------------------------------------------


def saskatoon_hosts_the_prairies(teller: Teller) -> None:
    """A regional meeting that is announced: a date was looked for, the agenda stands, places run short."""
    convenor = Convenor(teller)
    first = teller.day(52)
    meeting = convenor.begin(
        -60, kind="regional", region="prairies", host="saskatoon", co_host="calgary", mode="in_person",
        title_en="Safer Prairies: young people, housing and prevention", title_fr="Prairies plus sûres\u00a0: jeunes, logement et prévention",
    )  # fmt: skip
    with teller.on(-58):
        now = convenor.fresh(meeting)
        slots = [Dates(first + timedelta(days=gap), first + timedelta(days=gap + 1), NINE, FOUR) for gap in (0, 7, 14)]
        services.keep_slots(now, slots=slots, closes_on=teller.today - timedelta(days=44), by=convenor.by)
        asked = Stakeholder.objects.filter(
            municipality__slug__in=["saskatoon", "calgary", "winnipeg"], standing__in=["representative", "deputy"]
        )
        services.ask_people(
            now, people=as_invitees(now, asked.select_related("municipality", "user").order_by("pk")), by=convenor.by
        )
        services.ask_for_dates(convenor.fresh(meeting), by=convenor.by)
    _answer_dates(teller, meeting, ("yes", "if_need_be", "no"))
    with teller.on(-43):
        now = convenor.fresh(meeting)
        services.fix_date(now, by=convenor.by, slot=now.slots.order_by("day").first())
    convenor.keep(
        meeting, -42, venue="Public library, lower hall", address="311 23rd Street East, Saskatoon", languages=["en", "fr"],
        interpretation=True, capacity=4, audience="associates", registration_closes_on=first - timedelta(days=10),
        summary_en="How three cities of the Prairies bring housing, schools and police to one table for young people, what it costs and how they know that it works.",
        summary_fr="Comment trois villes des Prairies réunissent logement, écoles et police autour des jeunes, ce qu’il en coûte et comment elles savent que cela fonctionne.",
    )  # fmt: skip
    convenor.agenda(meeting, -40, PRAIRIES)
    with teller.on(-38):
        now = convenor.fresh(meeting)
        services.keep_local(
            now, seen=now.version, by=teller.speaker("calgary"),
            local_en="The library is a ten-minute walk from the hotels downtown. Entrance and lower hall are step-free.",
            local_fr="La bibliothèque est à dix minutes à pied des hôtels du centre-ville. L’entrée et la salle du bas sont de plain-pied.",
            local_contact="Nell Wheatland, 306 555-0142",
        )  # fmt: skip
    convenor.announce(meeting, -30)
    convenor.register(
        meeting, -28, "representative@saskatoon.example", "councillor@saskatoon.example", "representative@calgary.example",
        "representative@winnipeg.example", "councillor@winnipeg.example", "analyst@calgary.example",
    )  # fmt: skip


PRAIRIES = [
    item(1, "09:00", "09:30", "Welcome", "Mot de bienvenue", kind="opening", room="Lower hall", speakers=(("councillor@saskatoon.example", "welcome"),)),
    item(1, "09:30", "10:30", "What a housing-first approach changed for young people", "Ce que l’approche Logement d’abord a changé pour les jeunes", kind="plenary", room="Lower hall", language="en", interpretation=True,
         speakers=(("representative@saskatoon.example", "moderator"), ("representative@calgary.example", "speaker"))),
    item(1, "10:30", "11:00", "Coffee", "Pause café", kind="break"),
    item(1, "11:00", "12:30", "Paying for prevention: the municipal budget and beyond", "Financer la prévention\u00a0: le budget municipal et au-delà", kind="parallel", room="Lower hall", language="en", interpretation=True,
         speakers=(("cao@winnipeg.example", "speaker"),)),
    item(1, "11:00", "12:30", "Listening to young people before planning", "Écouter les jeunes avant de planifier", kind="parallel", room="Room 2", language="both",
         speakers=(("analyst@calgary.example", "moderator"), ((("Marie Longueprairie", "Community worker", "Neighbourhood centre")), "speaker"))),
    item(1, "13:30", "15:30", "Visit of the neighbourhood table", "Visite de la table de quartier", kind="site_visit"),
    item(2, "09:00", "11:00", "Round table: what works with us", "Tour de table\u00a0: ce qui fonctionne chez nous", kind="round_table", room="Lower hall"),
    item(2, "11:00", "12:00", "What we take home", "Ce que nous rapportons", kind="closing", room="Lower hall"),
]  # fmt: skip


def _answer_dates(teller: Teller, meeting: Meeting, pattern: Sequence[str]) -> None:
    slots = list(meeting.slots.order_by("day"))
    for number, invitee in enumerate(meeting.invitees.filter(is_asked_for_dates=True).order_by("pk")):
        values = {slot.pk: pattern[(place + (number > 1)) % len(pattern)] for place, slot in enumerate(slots)}
        with teller.on(-50 + number):
            services.answer_dates(invitee, answers=values)


def ottawa_hosts_the_network(teller: Teller) -> None:
    """The national meeting with the annual general meeting: announced, in person and online."""
    convenor = Convenor(teller)
    first = teller.day(96)
    meeting = convenor.begin(
        -40, kind="national", host="ottawa", mode="hybrid", time_zone="America/Toronto", is_general_meeting=True,
        title_en="National meeting and annual general meeting", title_fr="Rencontre nationale et assemblée générale annuelle",
    )  # fmt: skip
    convenor.fix(meeting, -38, first, first + timedelta(days=1))
    convenor.keep(
        meeting, -37, venue="City Hall, Jean Pigott Place", address="110 Laurier Avenue West, Ottawa", languages=["en", "fr"],
        interpretation=True, join_link="https://video.example/national", captions="yes", audience="public", capacity=120,
        quorum=9, registration_closes_on=first - timedelta(days=14), fee=0,
        summary_en="Two days on investment in prevention: what members obtained from their own councils, from other orders of government and from the private sector. The annual general meeting closes the first day.",
        summary_fr="Deux jours sur l’investissement en prévention\u00a0: ce que les membres ont obtenu de leur propre conseil, des autres ordres de gouvernement et du secteur privé. L’assemblée générale annuelle clôt la première journée.",
    )  # fmt: skip
    convenor.agenda(
        meeting, -36,
        [
            item(1, "09:00", "09:30", "Opening", "Ouverture", kind="opening", speakers=(("councillor@ottawa.example", "welcome"),)),
            item(1, "09:30", "11:00", "A permanent office for prevention: three ways", "Un bureau permanent pour la prévention\u00a0: trois façons de faire", kind="plenary", interpretation=True,
                 speakers=(("representative@ottawa.example", "moderator"), ("representative@waterloo-region.example", "speaker"), ("representante@montreal.example", "speaker"))),
            item(1, "14:30", "16:00", "Annual general meeting", "Assemblée générale annuelle", kind="general_meeting", interpretation=True),
            item(2, "09:00", "12:00", "Round table of members", "Tour de table des membres", kind="round_table", interpretation=True),
        ],
    )  # fmt: skip
    convenor.announce(meeting, -20)
    convenor.register(
        meeting, -15, "representative@ottawa.example", "representative@winnipeg.example", "representante@montreal.example",
        "representative@thunder-bay.example", "planner@thunder-bay.example",
    )  # fmt: skip


def halifax_looks_for_a_date(teller: Teller) -> None:
    """An Atlantic meeting whose date is being looked for."""
    convenor = Convenor(teller)
    meeting = convenor.begin(
        -6, kind="regional", region="atlantic", host="halifax", mode="virtual",
        title_en="Atlantic meeting: measuring what prevention achieves", title_fr="Rencontre de l’Atlantique\u00a0: mesurer les effets de la prévention",
    )  # fmt: skip
    with teller.on(-5):
        now = convenor.fresh(meeting)
        start = teller.day(40)
        slots = [
            Dates(start + timedelta(days=gap), start + timedelta(days=gap), time(13, 0), FOUR) for gap in (0, 1, 7)
        ]
        services.keep_slots(now, slots=slots, closes_on=teller.today + timedelta(days=9), by=convenor.by)
        people = Stakeholder.objects.filter(municipality__slug__in=["halifax", "saint-john"]).exclude(
            standing="partner"
        )
        rows = as_invitees(now, people.select_related("municipality", "user").order_by("pk"))
        rows.append(Invitee(name="Rose Estuary", email="rose@yorkton.example", language="both", zone="America/Halifax"))
        services.ask_people(now, people=rows, by=convenor.by)
        services.ask_for_dates(convenor.fresh(meeting), by=convenor.by)
    invitee = meeting.invitees.get(email="representative@halifax.example")
    values = dict(
        zip(meeting.slots.order_by("day").values_list("pk", flat=True), ("yes", "no", "if_need_be"), strict=True)
    )
    with teller.on(-2):
        services.answer_dates(invitee, answers=values, note="The second day is our council meeting.")


def quebec_has_held_its_meeting(teller: Teller) -> None:
    """A regional meeting in French that took place: attendance, decisions, things to do, evaluation."""
    convenor = Convenor(teller)
    first = teller.day(-16)
    meeting = convenor.begin(
        -80, kind="regional", region="quebec", host="quebec", mode="in_person",
        title_en="Quebec meeting: neighbourhood safety audits", title_fr="Rencontre du Québec\u00a0: les diagnostics de quartier",
    )  # fmt: skip
    convenor.fix(meeting, -78, first, first)
    convenor.keep(
        meeting, -77, venue="Hôtel de ville, salle du conseil", address="2, rue des Jardins, Québec", languages=["fr"],
        interpretation=False, audience="associates",
        summary_en="How cities of Quebec ask their neighbourhoods what makes them feel safe, and what they do with the answers.",
        summary_fr="Comment des villes du Québec demandent aux quartiers ce qui les fait se sentir en sécurité, et ce qu’elles font des réponses.",
    )  # fmt: skip
    convenor.agenda(
        meeting, -76,
        [item(1, "09:00", "12:00", "One neighbourhood, from audit to action", "Un quartier, du diagnostic à l’action", kind="plenary", language="fr", speakers=(("representant@quebec.example", "speaker"), ("conseiller@montreal.example", "speaker")))],
    )  # fmt: skip
    convenor.announce(meeting, -60)
    people = (
        "representant@quebec.example",
        "agente@quebec.example",
        "representante@montreal.example",
        "conseiller@montreal.example",
    )
    convenor.register(meeting, -50, *people)
    places = dict(Registration.objects.filter(meeting=meeting).values_list("email", "pk"))
    with teller.on(first, time(17, 30)):
        noted = {places[email]: str(Attendance.PRESENT) for email in people[:3]} | {
            places[people[3]]: str(Attendance.EXCUSED)
        }
        services.take_attendance(convenor.fresh(meeting), by=convenor.by, attendance=noted)
        services.record_held(convenor.fresh(meeting), by=convenor.by)
    with teller.on(first + timedelta(days=1), NINE):
        services.open_evaluation(convenor.fresh(meeting))
    _write_up(teller, convenor, meeting, first + timedelta(days=6))


def _write_up(teller: Teller, convenor: Convenor, meeting: Meeting, day: date) -> None:
    with teller.on(day):
        now = convenor.fresh(meeting)
        services.keep_notes(
            now, seen=now.version, by=convenor.by,
            notes_en="Québec and Montréal compared how they carry out neighbourhood audits.\n\nBoth found that answers must come back to the people who gave them within a season.",
            notes_fr="Québec et Montréal ont comparé leurs diagnostics de quartier.\n\nLes deux villes constatent que les réponses doivent revenir aux gens dans la saison.",
        )  # fmt: skip
        services.add_decision(
            now, by=convenor.by, text_en="A common questionnaire is drafted for both cities.",
            text_fr="Un questionnaire commun est rédigé pour les deux villes.",
        )  # fmt: skip
        services.add_action(
            now, by=convenor.by, text_en="Send the questions used in Limoilou.", text_fr="Envoyer les questions utilisées à Limoilou.",
            due_on=teller.today + timedelta(days=12), stakeholder=Stakeholder.objects.get(email="agente@quebec.example"),
        )  # fmt: skip
        services.publish_notes(convenor.fresh(meeting), by=convenor.by)


def vancouver_is_postponed(teller: Teller) -> None:
    """A Pacific meeting that a storm postponed: registrations are kept, a new date follows."""
    convenor = Convenor(teller)
    first = teller.day(20)
    meeting = convenor.begin(
        -45, kind="regional", region="pacific-and-north", host="vancouver", mode="in_person",
        title_en="Pacific meeting: safety at night", title_fr="Rencontre du Pacifique\u00a0: la sécurité la nuit",
    )  # fmt: skip
    convenor.fix(meeting, -44, first, first)
    convenor.keep(
        meeting, -43, venue="Roundhouse, main hall", address="181 Roundhouse Mews, Vancouver", languages=["en"],
        summary_en="What lighting, transport and night-time hosts do for safety, and who pays for them.",
        summary_fr="Ce que l’éclairage, les transports et la présence nocturne apportent à la sécurité, et qui les paie.",
    )  # fmt: skip
    convenor.announce(meeting, -35)
    convenor.register(meeting, -30, "representative@vancouver.example", "planner@vancouver.example")
    with teller.on(-2):
        services.postpone(convenor.fresh(meeting), by=convenor.by, note="The hall was damaged by a storm.")


GATHERINGS: tuple[Callable[[Teller], None], ...] = (
    ontario_workshop_of_2017,
    calgary_of_2018,
    cmncp21,
    quebec_has_held_its_meeting,
    saskatoon_hosts_the_prairies,
    ottawa_hosts_the_network,
    halifax_looks_for_a_date,
    vancouver_is_postponed,
)
