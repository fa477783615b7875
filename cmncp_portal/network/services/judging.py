"""What a row of a handed-in list would do: new, changed, unchanged, or refused and why.

A judge loads what exists once, then looks at each row in memory, so that 5,000 rows cost as many queries as one.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from ..columns import municipality_columns, municipality_row, people_columns, person_row
from ..lists import Column, fold
from ..models import Membership, Municipality, Province, Sector, Stakeholder, Standing
from ..zones import is_zone_of

Row = dict[str, Any]
RESERVED = ("lists", "listes")  # addresses of the portal's own pages beside those of municipalities


def problem(column: str, error: ValidationError) -> dict[str, str]:
    """Return why a cell or a row is refused, in both languages, since a preview may be read in either."""
    texts = {}
    for language in ("en", "fr"):
        with override(language):
            texts[language] = " ".join(error.messages)
    return {"column": column, **texts}


class Judge:
    """Knows what exists. `lock` takes the rows for the transaction, for the moment of applying."""

    columns: list[Column]

    def __init__(self) -> None:
        self.seen: dict[Any, int] = {}
        self.problems: list[dict[str, str]] = []

    def refuse(self, column: str, message: Any, **params: Any) -> None:
        self.problems.append(problem(column, ValidationError(message, params=params)))

    def target(self, values: Row) -> Any:
        """Return the existing record that a row means, or None for a new one."""
        raise NotImplementedError

    def examine(self, values: Row, record: Any, now: Row) -> None:
        """Refuse what is wrong in a row for `record` (None: a new one), which stands as `now`."""
        raise NotImplementedError

    def row_of(self, record: Any) -> Row:
        raise NotImplementedError

    def identity(self, values: Row, record: Any) -> Any:
        """Return what two rows of one file must not share."""
        raise NotImplementedError

    def judge(self, row: Row) -> Row:
        """Return the stored row with its outcome against what exists now; `values` and `unreadable` were read before."""
        self.problems = list(row["unreadable"])
        values = row["values"]
        record = None
        changes: list[Any] = []
        if not self.problems:
            record = self.target(values)
            now = self.row_of(record) if record is not None else {}
            given = [(c.name, values[c.name]) for c in self.columns if c.name in values]  # JSON does not keep an order
            changes = [[name, now.get(name), new] for name, new in given if now.get(name) != new and (now or new)]
            self.examine(values, record, now)
            self._only_once(values, record, row["line"])
        state = "refused" if self.problems else "new" if record is None else "changed" if changes else "unchanged"
        return {
            **row,
            "state": state,
            "pk": record.pk if record is not None else None,
            "changes": changes if state in ("new", "changed") else [],
            "problems": self.problems,
        }

    def _only_once(self, values: Row, record: Any, line: int) -> None:
        key = self.identity(values, record)
        first = self.seen.setdefault(key, line)
        if first != line:
            self.refuse("", _("Line %(line)s is about the same one."), line=first)


class MunicipalityJudge(Judge):
    def __init__(self, *, lock: bool = False) -> None:
        super().__init__()
        self.columns = municipality_columns()
        rows = Municipality.objects.order_by("pk").prefetch_related("offers", "seeks")
        places = list(rows.select_for_update() if lock else rows)
        self.by_slug = {place.slug: place for place in places}
        self.by_name: dict[Any, Any] = {(fold(name), p.province): p for p in places for name in (p.name_en, p.name_fr)}
        day = timezone.localdate()
        running = Membership.objects.filter(from_on__lte=day).filter(Q(until_on__isnull=True) | Q(until_on__gte=day))
        self.memberships = {m.municipality_id: m for m in running.order_by("from_on", "pk")}
        self.has_open = set(Membership.objects.filter(until_on__isnull=True).values_list("municipality_id", flat=True))

    def target(self, values: Row) -> Municipality | None:
        if values.get("slug"):
            return self.by_slug.get(values["slug"])
        return self.by_name.get((fold(values.get("name_en") or ""), values.get("province")))

    def row_of(self, record: Municipality) -> Row:
        return municipality_row(record, self.columns, self.memberships.get(record.pk))

    def identity(self, values: Row, record: Municipality | None) -> Any:
        return record.slug if record else self.new_slug(values)

    @staticmethod
    def new_slug(values: Row) -> str:
        """Return the address of a new municipality: as given, else made from its English name."""
        return values.get("slug") or slugify(values.get("name_en") or "")[:50]

    def examine(self, values: Row, record: Municipality | None, now: Row) -> None:
        after = now | values
        for name in ("name_en", "name_fr", "province", "time_zone", "kind"):
            may_be_left = record is None and name in ("name_fr", "kind")  # French as English; a city
            if not after.get(name) and not may_be_left:
                self.refuse(name, _("This cell must not be empty."))
        if after.get("province") and after.get("time_zone") and not is_zone_of(after["time_zone"], after["province"]):
            province = Province(after["province"]).label
            self.refuse(
                "time_zone",
                _("“%(zone)s” is not a time zone of %(province)s."),
                zone=after["time_zone"],
                province=province,
            )
        if after.get("population") is not None and after.get("population_year") is None:
            self.refuse("population_year", _("A population needs its census year."))
        if (after.get("latitude") is None) != (after.get("longitude") is None):
            self.refuse("latitude", _("Latitude and longitude come in pairs."))
        self._examine_addresses(values, record)
        self._examine_membership(after, now, record)

    def _examine_addresses(self, values: Row, record: Municipality | None) -> None:
        if record is not None:
            return
        namesake = self.by_name.get((fold(values.get("name_en") or ""), values.get("province")))
        if namesake is not None:
            self.refuse(
                "slug",
                _("%(name)s is in the directory already, under the address “%(slug)s”."),
                name=namesake.name,
                slug=namesake.slug,
            )
        elif self.new_slug(values) in RESERVED or (not values.get("slug") and self.new_slug(values) in self.by_slug):
            self.refuse("slug", _("The address “%(slug)s” is taken: give another one."), slug=self.new_slug(values))

    def _examine_membership(self, after: Row, now: Row, record: Municipality | None) -> None:
        changed = any(after.get(name) != now.get(name) for name in ("membership", "member_since"))
        if changed and now.get("membership"):
            self.refuse("membership", _("A membership is changed on the municipality’s own page."))
        elif changed and bool(after.get("membership")) != bool(after.get("member_since")):
            self.refuse("membership", _("A membership needs its class and its first day."))
        elif changed and record is not None and record.pk in self.has_open:
            self.refuse("membership", _("A membership is changed on the municipality’s own page."))


class PeopleJudge(Judge):
    def __init__(self, *, lock: bool = False) -> None:
        super().__init__()
        self.columns = people_columns()
        rows = Stakeholder.objects.select_related("municipality", "sector", "user").order_by("pk")
        self.people = list(rows.select_for_update(of=("self",)) if lock else rows)
        self.by_number = {person.pk: person for person in self.people}
        current = [person for person in self.people if person.is_current()]
        self.by_email: dict[Any, Any] = {(p.municipality.slug, p.email.lower()): p for p in current if p.email}
        self.by_name: dict[Any, Any] = {(p.municipality.slug, fold(p.name)): p for p in current}
        self.represented = {
            p.municipality.slug: p for p in self.people if p.standing == Standing.REPRESENTATIVE and not p.left_on
        }
        self.represented_in_file: set[str] = set()

    def target(self, values: Row) -> Stakeholder | None:
        if values.get("number"):
            return self.by_number.get(values["number"])
        place = values.get("municipality")
        if values.get("email"):
            return self.by_email.get((place, values["email"].lower()))
        return self.by_name.get((place, fold(values.get("name") or "")))

    def row_of(self, record: Stakeholder) -> Row:
        return person_row(record, self.columns)

    def identity(self, values: Row, record: Stakeholder | None) -> Any:
        if record is not None:
            return record.pk
        return (values["municipality"], (values.get("email") or "").lower() or fold(values["name"]))

    def judge(self, row: Row) -> Row:
        judged = super().judge(row)
        judged["changes"] = [change for change in judged["changes"] if change[0] != "number"]
        if judged["state"] == "changed" and not judged["changes"]:
            judged["state"] = "unchanged"
        return judged

    def examine(self, values: Row, record: Stakeholder | None, now: Row) -> None:
        after = now | values
        if values.get("number") and record is None:
            self.refuse("number", _("Nobody is listed under this number: leave the cell empty for somebody new."))
        if not after.get("sector"):
            self.refuse("sector", _("This cell must not be empty."))
        if record is not None:
            self._examine_known(after, now, record)
        place, email = after["municipality"], (after.get("email") or "").lower()
        other = self.by_email.get((place, email))
        if email and not after.get("left_on") and other is not None and (record is None or other.pk != record.pk):
            self.refuse("email", _("%(name)s is listed there with the same address."), name=other.name)
        self._examine_representative(after, now, record)

    def _examine_known(self, after: Row, now: Row, record: Stakeholder) -> None:
        if after["municipality"] != now["municipality"]:
            self.refuse(
                "municipality", _("Somebody who moves does so on their own page, so that what they did stays behind.")
            )
        if record.user_id and (after.get("email") or "").lower() != (now.get("email") or "").lower():
            self.refuse("email", _("This person has an account and changes the address in their own profile."))

    def _examine_representative(self, after: Row, now: Row, record: Stakeholder | None) -> None:
        was, will = now.get("standing") == Standing.REPRESENTATIVE, after.get("standing") == Standing.REPRESENTATIVE
        if was and not will:
            self.refuse("standing", _("A representative hands the role over to somebody first."))
        if not will or after.get("left_on"):
            return
        holder = self.represented.get(after["municipality"])
        if holder is not None and (record is None or holder.pk != record.pk):
            self.refuse("standing", _("%(name)s represents this municipality."), name=holder.name)
        elif holder is None and after["municipality"] in self.represented_in_file:
            self.refuse("standing", _("Another line names a representative of this municipality."))
        self.represented_in_file.add(after["municipality"])


def sector_ids() -> dict[str, int]:
    """Return the key of each sector by its slug."""
    return dict(Sector.objects.values_list("slug", "pk"))
