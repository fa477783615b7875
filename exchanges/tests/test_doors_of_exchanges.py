"""Every address of exchanges, each person of the cast, four stages: nothing is open by mistake.

The tables are the specification: one row per address, one block of letters per stage, one letter per person, in the order of
PEOPLE. o opens, - is not for this person (403), . does not exist for this person (404), > leads elsewhere.
The views are called behind the sign-in door, without drawing pages; that the door itself holds is asked of the whole portal below.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import transaction
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.urls import resolve, reverse

from exchanges import urls
from exchanges.models import Side, VisitDocument
from exchanges.models.exchange import ExchangeQuerySet
from exchanges.models.visit import VisitQuerySet
from exchanges.views import common, desk, evaluation, exchange, planning, team, visit

from .factories import make_exchange, make_member, make_stop, read

pytestmark = pytest.mark.django_db

PEOPLE = ("amina", "joseph", "helen", "henry", "rosa", "priya", "rene", "uma", "admin_user")
STAGES = ("draft", "requested", "confirmed", "held")
MARKS = {200: "o", 422: "o", 409: "o", 302: ">", 403: "-", 404: ".", 405: "x"}

LOOK = """
"""

ACT = """
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
    for module in (common, desk, exchange, planning, team, visit):
        monkeypatch.setattr(module, "render", lambda *_args, status=200, **_more: HttpResponse(status=status))
    for module in (common, evaluation, exchange, planning, team, visit):
        monkeypatch.setattr(module, "head", lambda *_args: {})
    for module in (evaluation, planning, team, visit):
        monkeypatch.setattr(module, "selectors", Nothing())
    monkeypatch.setattr(evaluation, "report_pdf", lambda *_args: b"%PDF")
    monkeypatch.setattr(visit, "_confirmation_letter", lambda *_args: [])
    monkeypatch.setattr(VisitQuerySet, "with_plan", lambda rows: rows.select_related("exchange__guest", "exchange__host"))
    monkeypatch.setattr(ExchangeQuerySet, "with_story", lambda rows: rows.select_related("guest", "host"))


def stand(stage: str, cast: dict[str, Any], thunder_bay: Any, winnipeg: Any) -> dict[str, list[Any]]:
    """Rows of an exchange at `stage`, and the arguments of each address about it."""
    made = make_exchange(thunder_bay, winnipeg, stage=stage, by=cast["amina"])
    of = read(made.first_visit)
    stop, member = make_stop(of, status="proposed"), make_member(of, Side.VISITORS, "police", status="named")
    host = make_member(of, Side.HOSTS, status="named")
    document = VisitDocument.objects.create(
        visit=of, title="Plan", language="en", side=Side.VISITORS, filename="plan.pdf", file=ContentFile(b"%PDF", "plan.pdf")
    )
    whole, leg = [made.reference], [made.reference, of.leg]
    args: dict[str, list[Any]] = {name: whole for name in ("exchange", "request", "review", "hosts", "close", "report")}
    args |= {"list": [], "ask": []}
    args |= {f"move {name}": [*leg, name] for name in ("withdraw", "postpone", "cancel", "change_host", "reopen")}
    args |= {f"evaluation_move {name}": [*leg, name] for name in ("reviewed", "one-sided")}
    args |= {f"stop_move {name}": [*leg, stop.pk, name] for name in ("agree", "drop", "earlier")}
    args |= {f"{name} {side}": [*leg, side] for name in ("member_add", "invite_all", "lead") for side in Side.values}
    for side, person in ((Side.VISITORS, member), (Side.HOSTS, host)):
        args |= {f"{name} {side.value}": [*leg, person.pk] for name in ("member_edit", "member_replace")}
        args |= {f"member_move {side.value}": [*leg, person.pk, "invite"]}
    args |= {"stop_edit": [*leg, stop.pk]}
    args |= {name: [*leg, document.pk] for name in ("document", "document_remove")}
    plain = "visit calendar answer confirm dates day record print programme stop_add practical documents team waive evaluations return"
    return args | {name: leg for name in plain.split()}


def door(user: Any, method: str, address: str) -> str:
    """The letter of what `user` meets behind `address`; whatever it did is taken back."""
    request = RequestFactory().generic(method, address)
    request.user, request.htmx, request.session = user, False, {}
    request._messages = CookieStorage(request)
    found = resolve(address)
    with transaction.atomic():
        try:
            answer = found.func(request, *found.args, **found.kwargs)
            status = answer.status_code
            answer.close()
        except PermissionDenied:
            status = 403
        except Http404:
            status = 404
        transaction.set_rollback(True)
    return MARKS[status]


def table_of(method: str, cast: dict[str, Any], thunder_bay: Any, winnipeg: Any, names: list[str]) -> str:
    columns = {}
    for stage in STAGES:
        args = stand(stage, cast, thunder_bay, winnipeg)
        columns[stage] = {
            name: "".join(
                door(cast[who], method, reverse(f"exchanges:{name.split()[0]}", args=args[name])) for who in PEOPLE
            )
            for name in names or args
        }
    first = columns[STAGES[0]]
    return "\n".join(" ".join([f"{name:26}", *(columns[stage][name] for stage in STAGES)]) for name in first)



ONLY_POST = """close move evaluation_move stop_move document_remove waive invite_all member_move""".split()
ALSO_POST = "review hosts answer confirm day record evaluations return".split()

import cProfile,pstats
def test_print(cast, thunder_bay, winnipeg, _undrawn, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    names = list(stand("draft", cast, thunder_bay, winnipeg))
    looks = [n for n in names if n.split()[0] not in ONLY_POST]
    acts = [n for n in names if n.split()[0] in ONLY_POST or n in ALSO_POST]
    pr=cProfile.Profile(); pr.enable()
    open("/tmp/helpers/doors.txt", "w").write(
        table_of("GET", cast, thunder_bay, winnipeg, looks) + "\n\n" + table_of("POST", cast, thunder_bay, winnipeg, acts) + "\n")
    pr.disable(); pstats.Stats(pr,stream=open("/tmp/helpers/prof.txt","w")).sort_stats("cumtime").print_stats(70)
