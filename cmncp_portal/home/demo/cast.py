"""The people of the demonstration. Invented: the names are landscapes, the addresses end in ".example" and belong to nobody.

Titles are those that published sources give for such people (the network's report of 2008, its release on Waterloo Region
and Winnipeg); where none is known, the title is a usual one.
"""

from dataclasses import dataclass

from cmncp_portal.accounts import services as accounts
from cmncp_portal.accounts.models import Role, User
from cmncp_portal.network import services as network
from cmncp_portal.network.models import Municipality, Sector, Stakeholder, Standing

REP, DEPUTY, STAFF, LEADER, PARTNER = (
    Standing.REPRESENTATIVE,
    Standing.DEPUTY,
    Standing.STAFF,
    Standing.LEADER,
    Standing.PARTNER,
)


@dataclass(frozen=True)
class Person:
    """Somebody in a municipality: the part of the address before the @, name, title, role, sector, language."""

    place: str
    local: str
    name: str
    title: str
    standing: Standing
    sector: str = "municipal"
    language: str = "en"

    @property
    def email(self) -> str:
        return f"{self.local}@{self.place}.example"

    @property
    def has_account(self) -> bool:
        """Local partners have none: they do everything by their personal links."""
        return self.standing != PARTNER

    @property
    def category(self) -> str:
        """The capacity in which the person takes part in a visit."""
        return {"elected": "elected", "municipal": "staff"}.get(self.sector, self.sector)


def _city(place: str, language: str, *people: tuple[str, str, str, Standing, str]) -> list[Person]:
    return [
        Person(place, local, name, title, standing, sector, language) for local, name, title, standing, sector in people
    ]


PEOPLE: list[Person] = [
    *_city(
        "waterloo-region", "en",
        ("representative", "Clara Millpond", "Executive Director, Community Safety & Crime Prevention Council", REP, "municipal"),
        ("councillor", "Peter Elmwood", "Regional Councillor, Chair of the Police Services Board", LEADER, "elected"),
        ("chief", "Joan Ironbridge", "Chief of Police", PARTNER, "police"),
        ("vice-chair", "Amir Greenfield", "Vice-Chair, Crime Prevention Council", PARTNER, "community"),
    ),
    *_city(
        "winnipeg", "en",
        ("representative", "Nadia Redriver", "Director, Community Services", REP, "municipal"),
        ("cao", "Grant Prairiewind", "Chief Administrative Officer", STAFF, "municipal"),
        ("councillor", "Tess Oakgrove", "City Councillor", LEADER, "elected"),
        ("councillor.stonebridge", "Leo Stonebridge", "City Councillor", PARTNER, "elected"),
        ("councillor.maplewood", "Hugo Maplewood", "City Councillor", PARTNER, "elected"),
        ("deputy.chief", "Rita Coldspring", "Deputy Police Chief", PARTNER, "police"),
    ),
    *_city(
        "thunder-bay", "en",
        ("representative", "Mara Spruceland", "Coordinator, Crime Prevention Council", REP, "municipal"),
        ("planner", "Owen Birchwater", "Planner, Youth Programs", STAFF, "municipal"),
        ("councillor", "Ivy Rockport", "City Councillor", LEADER, "elected"),
    ),
    *_city(
        "montreal", "fr",
        ("representante", "Solange Desbouleaux", "Cheffe de division, développement social", REP, "municipal"),
        ("conseiller", "Thierry Grandlac", "Conseiller en développement communautaire", STAFF, "municipal"),
        ("elue", "Mireille Valdargent", "Conseillère de la ville", LEADER, "elected"),
    ),
    *_city(
        "quebec", "fr",
        ("representant", "Rémi Belérable", "Coordonnateur, sécurité urbaine", REP, "municipal"),
        ("agente", "Odile Rivebleue", "Agente de concertation", DEPUTY, "municipal"),
        ("elu", "Gaston Hautcap", "Conseiller municipal", LEADER, "elected"),
    ),
    *_city(
        "saskatoon", "en",
        ("representative", "Nell Wheatland", "Senior Planner, City Planning", REP, "municipal"),
        ("deputy", "Arlo Longbridge", "Community Safety Consultant", DEPUTY, "municipal"),
        ("councillor", "Wanda Northfield", "City Councillor", LEADER, "elected"),
    ),
    *_city(
        "calgary", "en",
        ("representative", "Silas Foothill", "Manager, Strategic Services", REP, "municipal"),
        ("analyst", "Brynn Chinookridge", "Social Policy Analyst", STAFF, "municipal"),
        ("councillor", "Dov Sandstone", "City Councillor", LEADER, "elected"),
    ),
    *_city(
        "ottawa", "en",
        ("representative", "Adele Canalside", "Executive Director, Crime Prevention Ottawa", REP, "municipal"),
        ("deputy", "Julien Rideaulac", "Coordinator, Neighbourhood Initiatives", DEPUTY, "municipal"),
        ("councillor", "Farah Hilltop", "City Councillor", LEADER, "elected"),
    ),
    *_city(
        "vancouver", "en",
        ("representative", "Kenji Seawall", "Manager, Special Projects, City Manager’s Office", REP, "municipal"),
        ("planner", "Lena Firbank", "Social Planner", STAFF, "municipal"),
        ("councillor", "Theo Northshore", "City Councillor", LEADER, "elected"),
    ),
    *_city(
        "halifax", "en",
        ("representative", "Maeve Harbourlight", "Public Safety Advisor", REP, "municipal"),
        ("coordinator", "Colin Seabright", "Coordinator, Youth Programs", STAFF, "municipal"),
        ("councillor", "Una Granitecove", "Regional Councillor", LEADER, "elected"),
    ),
]  # fmt: skip
BY_EMAIL = {person.email: person for person in PEOPLE}

NETWORK = [
    ("coordinator@network.example", "Priya Crossroads", "en", Role.COORDINATOR),
    ("reviewer@network.example", "René Lamontagne-Verte", "fr", Role.REVIEWER),
    ("team@university.example", "Uma Lakehead", "en", Role.UNIVERSITY),
]
ADMINISTRATOR = ("administrator@network.example", "Ada Tablerock", "en")
AUTHOR = ("author@tallgrass-college.example", "Jude Marshfield", "en")  # teaches at a partner of training; has no role


def load_network_people() -> User:
    """Let the administrator and the people with roles of the network in; return the administrator. Skips who is in."""
    email, name, language = ADMINISTRATOR
    admin = User.objects.filter(email=email).first() or User.objects.create_superuser(
        email, name=name, language=language
    )
    for address, spoken, code, *roles in (*NETWORK, AUTHOR):
        if not User.objects.filter(email=address, accepted_at__isnull=False).exists():
            user = accounts.invite(email=address, name=spoken, language=code, by=admin, roles=roles)
            accounts.accept(user=user, name=spoken, language=code, time_zone="America/Toronto")
    return admin


def load_people_of(place: Municipality, *, by: User) -> None:
    """List the people of `place`, with accounts for those who work for it. Skips who is listed."""
    sectors = {sector.slug: sector for sector in Sector.objects.all()}
    listed = set(Stakeholder.objects.filter(municipality=place).values_list("email", flat=True))
    for person in PEOPLE:
        if person.place != place.slug or person.email in listed:
            continue
        user = _account(person, place, by) if person.has_account else None
        network.add_stakeholder(
            place, by=by, user=user, name=person.name, title=person.title, email=person.email, phone=_phone(person),
            sector=sectors[person.sector], standing=person.standing, language=person.language,
        )  # fmt: skip


def _account(person: Person, place: Municipality, by: User) -> User:
    user = accounts.invite(
        email=person.email, name=person.name, language=person.language, by=by, time_zone=place.time_zone
    )
    if user.accepted_at is None:
        user = accounts.accept(user=user, name=person.name, language=person.language, time_zone=place.time_zone)
    return user


def _phone(person: Person) -> str:
    """A number out of the range that is kept free for stories (555-0100 to 555-0199)."""
    return f"807 555-01{PEOPLE.index(person) % 100:02d}"
