"""Every address of exchanges, each person of the cast, four stages: nothing is open by mistake.

The tables are the specification: one row per address, one block of letters per stage, one letter per person, in the order of
PEOPLE. o opens, - is not for this person (403), . does not exist for this person (404), > leads elsewhere.
The views are called behind the sign-in door, without drawing pages; that the door itself holds is asked of the whole portal below.
"""

from contextlib import nullcontext
from typing import Any

import pytest
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import transaction
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.urls import resolve, reverse
from django.utils import translation

from cmncp_portal.core import screens
from exchanges import urls
from exchanges.models import Exchange, Idea, Side, VisitDocument
from exchanges.models.exchange import ExchangeQuerySet
from exchanges.models.visit import VisitQuerySet
from exchanges.views import common, desk, evaluation, exchange, planning, taking, team, visit

from .factories import make_exchange, make_member, make_stop, read

pytestmark = pytest.mark.django_db

PEOPLE = ("amina", "joseph", "helen", "henry", "rosa", "priya", "rene", "uma", "admin_user")
STAGES = ("draft", "requested", "confirmed")
MARKS = {200: "o", 422: "o", 409: "o", 302: ">", 403: "-", 404: ".", 405: "x"}

LOOK = """
exchange                  oo...o..o oooo.o..o oooo.oooo
request                   oo...o..o >>--.>..> >>--.>-->
review                    oo...o..o >>--.>..> >>--.>-->
hosts                     oo...o..o oo--.o..o oo--.o--o
report                    ......... ......... .........
list                      ooooooooo ooooooooo ooooooooo
ask                       oooooo--o oooooo--o oooooo--o
member_add hosts          --...o..o --oo.o..o --oo.o--o
lead visitors             oo...o..o oo--.o..o oo--.o--o
member_edit visitors      oo...o..o oo--.o..o oo--.o--o
member_edit hosts         --...o..o --oo.o..o --oo.o--o
member_replace hosts      --...o..o --oo.o..o --oo.o--o
stop_edit                 --...o..o oooo.o..o oooo.o--o
document                  --...o..o oooo.o..o oooo.o--o
visit                     oo...o..o oooo.o..o oooo.oooo
calendar                  >>...>..> >>>>.>..> oooo.oooo
answer                    oo...o..o oooo.o..o oooo.oooo
confirm                   oo...o..o oooo.o..o oooo.oooo
dates                     --...o..o oooo.o..o o-o-.o--o
day                       oo...o..o oooo.o..o oooo.oooo
record                    o-...o..o o-o-.o..o o-o-.o--o
print                     oo...o..o oooo.o..o oooo.oooo
programme                 oo...o..o oooo.o..o oooo.oooo
stop_add                  --...o..o oooo.o..o oooo.o--o
practical                 --...o..o oooo.o..o oooo.o--o
documents                 --...o..o oooo.o..o oooo.o--o
team                      oo...o..o oooo.o..o oooo.oooo
evaluations               >>...>..> >>>>.>..> >>>>.>>>>
return                    o-...o..o o-o-.o..o o-o-.o--o
ideas                     >>...>..> oooo.o..o oooo.o--o
commit                    ......... oooo..... oooo..--.
"""

ACT = """
review                    >>...>..> >>--.>..> >>--.>-->
close                     >-...>..> >->-.>..> >->-.>-->
move withdraw             o-...o..o o---.o..o o---.o--o
move postpone             o-...o..o o-o-.o..o o-o-.o--o
move cancel               o-...o..o o-o-.o..o o-o-.o--o
move change_host          --...-..o o---.o..o o---.o--o
move reopen               --...o..o ----.o..o ----.o--o
evaluation_move one-sided --...o..o ----.o..o ----.o--o
stop_move agree           --...>..> >>>>.>..> >>>>.>-->
stop_move drop            --...>..> >>>>.>..> >>>>.>-->
stop_move earlier         --...>..> >>>>.>..> >>>>.>-->
invite_all visitors       >>...>..> >>--.>..> >>--.>-->
invite_all hosts          --...>..> -->>.>..> -->>.>-->
member_move visitors      >>...>..> >>--.>..> >>--.>-->
member_move hosts         --...>..> -->>.>..> -->>.>-->
document_remove           --...>..> >>--.>..> >>--.>-->
answer                    --...>..> --o-.o..o >>>>.>-->
confirm                   >-...-..- >->-.-..- >->-.----
day                       oo...o..o oooo.o..o oooo.o--o
record                    >-...>..> >->-.>..> o-o-.o--o
waive                     o-...o..o o-o-.o..o o-o-.o--o
return                    o-...o..o o-o-.o..o o-o-.o--o
"""


@pytest.fixture
def cast(request: pytest.FixtureRequest, thunder_bay: Any, winnipeg: Any) -> dict[str, Any]:
    return {name: request.getfixturevalue(name) for name in PEOPLE}


class Nothing:
    """Stands for what a page would read: doors are about who, not about what a page says."""

    def __getattr__(self, _name: str) -> Any:
        return lambda *_args, **_more: []


@pytest.fixture
def _undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (screens, desk, exchange, planning, team, visit):
        monkeypatch.setattr(module, "render", lambda *_args, status=200, **_more: HttpResponse(status=status))
    for module in (common, evaluation, exchange, planning, taking, team, visit):
        monkeypatch.setattr(module, "head", lambda *_args: {})
    for module in (evaluation, planning, team, visit):
        monkeypatch.setattr(module, "selectors", Nothing())
    monkeypatch.setattr(planning, "send_file", lambda *_args: HttpResponse())
    monkeypatch.setattr(evaluation, "report_pdf", lambda *_args: b"%PDF")
    monkeypatch.setattr(visit, "_confirmation_letter", lambda *_args: [])
    monkeypatch.setattr(
        VisitQuerySet, "with_plan", lambda rows: rows.select_related("exchange__guest", "exchange__host")
    )
    monkeypatch.setattr(ExchangeQuerySet, "with_story", lambda rows: rows.select_related("guest", "host"))
    known: dict[int, list[int]] = {}  # who may know of what is asked once for each person
    visible_to = ExchangeQuerySet.visible_to

    def once(rows: Any, user: Any) -> Any:
        if user.pk not in known:
            known[user.pk] = list(visible_to(Exchange.objects.all(), user).values_list("pk", flat=True))
        return rows.filter(pk__in=known[user.pk])

    monkeypatch.setattr(ExchangeQuerySet, "visible_to", once)


def stand(stage: str, cast: dict[str, Any], thunder_bay: Any, winnipeg: Any) -> dict[str, list[Any]]:
    """Rows of an exchange at `stage`, and the arguments of each address about it."""
    made = make_exchange(thunder_bay, winnipeg, stage=stage, by=cast["amina"])
    of = read(made.first_visit)
    stop, member = make_stop(of, status="proposed"), make_member(of, Side.VISITORS, "police", status="named")
    host = make_member(of, Side.HOSTS, status="named")
    document = VisitDocument.objects.create(
        visit=of,
        title="Plan",
        language="en",
        side=Side.VISITORS,
        filename="plan.pdf",
        file=ContentFile(b"%PDF", "plan.pdf"),
    )
    idea = Idea.objects.create(visit=of, side=Side.VISITORS, text="Peers", by_name="Joseph", is_shared=True)
    whole, leg = [made.reference], [made.reference, of.leg]
    args: dict[str, list[Any]] = dict.fromkeys(("exchange", "request", "review", "hosts", "close", "report"), whole)
    args |= {"list": [], "ask": []}
    args |= {f"move {name}": [*leg, name] for name in ("withdraw", "postpone", "cancel", "change_host", "reopen")}
    args |= {"evaluation_move one-sided": [*leg, "one-sided"]}
    args |= {f"stop_move {name}": [*leg, stop.pk, name] for name in ("agree", "drop", "earlier")}
    args |= {f"{name} {side}": [*leg, side] for name in ("member_add", "invite_all", "lead") for side in Side.values}
    for side, person in ((Side.VISITORS, member), (Side.HOSTS, host)):
        args |= {f"{name} {side.value}": [*leg, person.pk] for name in ("member_edit", "member_replace")}
        args |= {f"member_move {side.value}": [*leg, person.pk, "invite"]}
    args |= {"stop_edit": [*leg, stop.pk], "commit": [*leg, f"idea-{idea.pk}"]}
    args |= {name: [*leg, document.pk] for name in ("document", "document_remove")}
    plain = "visit calendar answer confirm dates day record print programme stop_add practical documents team waive evaluations ideas return"
    return args | dict.fromkeys(plain.split(), leg)


def door(user: Any, method: str, address: str) -> str:
    """The letter of what `user` meets behind `address`; whatever it did is taken back."""
    request = RequestFactory().generic(method, address)
    request.user, request.htmx, request.session = user, False, {}
    request._messages = CookieStorage(request)
    found = resolve(address)
    with nullcontext() if method == "GET" else transaction.atomic():
        try:
            status = found.func(request, *found.args, **found.kwargs).status_code
        except PermissionDenied:
            status = 403
        except Http404:
            status = 404
        if method != "GET":
            transaction.set_rollback(True)
    return MARKS[status]


@pytest.fixture
def stages(cast: dict[str, Any], thunder_bay: Any, winnipeg: Any, tmp_path: Any, settings: Any) -> dict[str, Any]:
    settings.MEDIA_ROOT = tmp_path
    return {stage: stand(stage, cast, thunder_bay, winnipeg) for stage in STAGES}


def address_of(name: str, args: dict[str, list[Any]]) -> str:
    return reverse(f"exchanges:{name.split()[0]}", args=args[name])


def table_of(method: str, cast: dict[str, Any], stages: dict[str, Any], names: list[str]) -> list[str]:
    def letters(address: str) -> str:
        return "".join(door(cast[who], method, address) for who in PEOPLE)

    return [" ".join([f"{name:25}", *(letters(address_of(name, args)) for args in stages.values())]) for name in names]


def names_in(table: str) -> list[str]:
    return [line[:25].strip() for line in table.strip().splitlines()]


@pytest.mark.slow
@pytest.mark.usefixtures("_undrawn")
def test_who_may_look(cast: dict[str, Any], stages: dict[str, Any]) -> None:
    assert table_of("GET", cast, stages, names_in(LOOK)) == LOOK.strip().splitlines()


@pytest.mark.slow
@pytest.mark.usefixtures("_undrawn")
def test_who_may_act(cast: dict[str, Any], stages: dict[str, Any]) -> None:
    assert table_of("POST", cast, stages, names_in(ACT)) == ACT.strip().splitlines()


def test_each_address_is_in_a_table() -> None:
    listed = {name.split()[0] for name in names_in(LOOK) + names_in(ACT)}
    desks = {"lost_link", "desk", "desk_act", "desk_calendar", "desk_document"}
    assert {pattern.name for pattern in urls.urlpatterns} - desks == listed


def test_what_changes_something_is_not_looked_at(amina: Any, stages: dict[str, Any]) -> None:
    looked = {name.split()[0] for name in names_in(LOOK)}
    acts = [name for name in names_in(ACT) if name.split()[0] not in looked]
    found = {name: door(amina, "GET", address_of(name, stages["confirmed"])) for name in acts}
    assert found == dict.fromkeys(acts, "x")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_whoever_is_not_signed_in_is_led_to_the_sign_in_page_and_back(
    client: Any, stages: dict[str, Any], language: str
) -> None:
    for name in [*names_in(LOOK), *names_in(ACT)]:
        with translation.override(language):
            address = address_of(name, stages["confirmed"])
            sign_in = reverse("account_login")
        for send in (client.get, client.post):
            answer = send(address)
            assert (answer.status_code, answer["Location"]) == (302, f"{sign_in}?next={address}")


def test_once_released_the_report_is_for_both_sides_and_those_who_evaluate(
    cast: dict[str, Any], thunder_bay: Any, winnipeg: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation, "report_pdf", lambda *_args: b"%PDF")
    made = make_exchange(thunder_bay, winnipeg, stage="evaluated")
    address = reverse("exchanges:report", args=[made.reference])
    assert "".join(door(cast[who], "GET", address) for who in PEOPLE) == "oooo.oooo"


@pytest.mark.usefixtures("_undrawn")
def test_a_former_host_finds_nothing_any_more(cast: dict[str, Any], stages: dict[str, Any], saskatoon: Any) -> None:
    Exchange.objects.update(host=saskatoon)
    names = [name for name in names_in(LOOK) if name not in ("list", "ask")]
    found = {name: door(cast["helen"], "GET", address_of(name, stages["confirmed"])) for name in names}
    assert found == dict.fromkeys(names, ".")
