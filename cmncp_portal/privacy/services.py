"""Writing: asking for one's own data, forgetting, refusing, the register, and the night."""

import logging
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cmncp_portal.accounts.models import Role, User
from cmncp_portal.accounts.services import recipient
from cmncp_portal.core.days import local_day
from cmncp_portal.core.personal import Removed
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.notifications import services as letters
from cmncp_portal.notifications.bilingual import both, day_words, url_words
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.recipients import Recipient

from . import notifications as kinds
from . import selectors
from .models import Incident, PersonRequest, RetentionRun
from .parts import PARTS

log = logging.getLogger(__name__)
ANSWERED_WITHIN = timedelta(days=30)  # Québec's Act respecting the private sector, s. 32; the page on privacy says so
K = PersonRequest.Kind


@transaction.atomic
def ask(*, kind: str, email: str, language: str, by: Any = None) -> PersonRequest:
    """Note that the holder of `email` wants a copy or to be forgotten, and send the letter with the button; return the request.

    Nothing is looked up: the same is done for every address. At most one letter an hour goes to an address for each kind. `by`
    is the administrator who wrote the request down; raises PermissionDenied for anybody else.
    """
    if by is not None:
        _require_keeper(by)
    address, now = email.strip().lower(), timezone.now()
    waiting = PersonRequest.objects.filter(kind=kind, email=address, confirmed_at__isnull=True)
    request = next((one for one in waiting.order_by("-pk") if selectors.stage_of(one, now) == "asked"), None)
    if request is None:
        request = PersonRequest.objects.create(
            kind=kind,
            email=address,
            language=language,
            asked_by_name=by.name if by else "",
            due_on=timezone.localdate(now) + ANSWERED_WITHIN,
        )
    until = local_day(request.asked_at + timedelta(days=14), timezone.get_default_timezone_name())
    _tell(kinds.CONFIRM, request, f"{now:%Y%m%d%H}", wants_copy=both(kind == K.COPY), until=day_words(until))
    return request


@transaction.atomic
def confirm(request: PersonRequest) -> PersonRequest:
    """The button of the letter's page was pressed: the address is proved. Return the request as it stands then.

    A copy can be read from now on. Forgetting is handed to a worker, or waits for an administrator when something runs that
    needs the person. Raises TransitionRefused when it was confirmed before (done already) or is too old.
    """
    request, now = _locked(request), timezone.now()
    stage = selectors.stage_of(request, now)
    if stage == "stale":
        raise TransitionRefused(_("This link is too old. Please ask again."))
    if stage != "asked":
        raise TransitionRefused(_("This was confirmed already."), done_already=True)
    request.confirmed_at, request.due_on = now, timezone.localdate(now) + ANSWERED_WITHIN
    if request.kind == K.COPY:
        request.done_at = now
    request.save(update_fields=["confirmed_at", "due_on", "done_at"])
    if request.kind == K.FORGET:
        if selectors.obstacles_to_forgetting(request.email, now):
            _tell_of_waiting(request)
        else:
            _hand_over(request.pk)
    return request


def carry_out(pk: int) -> bool:
    """Forget the person of the request `pk`; return whether it was done now. May run twice, or be killed and run again.

    Nothing is done while something stands in the way and no administrator has decided.
    """
    now = timezone.now()
    with transaction.atomic():
        request = PersonRequest.objects.select_for_update().filter(pk=pk, kind=K.FORGET).first()
        if request is None or selectors.stage_of(request, now) != "waiting":
            return False
        if not request.done_by_name and selectors.obstacles_to_forgetting(request.email, now):
            return False
        email, person = request.email, selectors.person_of(request.email)
        PersonRequest.objects.filter(pk=pk).update(email="", done_at=now)
        removed = [line for part in PARTS for line in part.forget(person, now=now)]
        request.refresh_from_db()
        request.report = [_as_data(line) for line in removed if line.count]
        request.save(update_fields=["report"])
        parts = {code: [line[code] for line in request.report] for code in ("en", "fr")}
        _tell(kinds.FORGOTTEN, request, "done", email=email, parts=parts)
    return True


@transaction.atomic
def decide(request: PersonRequest, *, by: User) -> None:
    """An administrator decides that the person is forgotten although something stands in the way; a worker does it.

    Raises PermissionDenied; TransitionRefused when it was settled before, or when what stands in the way forbids it.
    """
    _require_keeper(by)
    request, now = _open(request), timezone.now()
    forbidding = [one for one in selectors.obstacles_to_forgetting(request.email, now) if one.forbids]
    if forbidding:
        raise TransitionRefused(forbidding[0].text)
    if request.done_by_name:
        raise TransitionRefused(_("%(name)s decided this already.") % {"name": request.done_by_name}, done_already=True)
    request.done_by_name = by.name
    request.save(update_fields=["done_by_name"])
    _hand_over(request.pk)


@transaction.atomic
def refuse(request: PersonRequest, *, by: User, answer: str) -> None:
    """Answer that the person is not forgotten, and why; she gets the answer by letter. Raises as `decide` does."""
    _require_keeper(by)
    request = _open(request)
    request.refused_at, request.done_by_name, request.answer = timezone.now(), by.name, answer
    request.save(update_fields=["refused_at", "done_by_name", "answer"])
    _tell(kinds.REFUSED, request, "refused", answer=both(answer))


@transaction.atomic
def keep_incident(incident: Incident | None, *, by: User, **fields: Any) -> Incident:
    """Enter an incident into the register, or change one; return it. Nothing is ever taken out. Raises PermissionDenied."""
    _require_keeper(by)
    if incident is None:
        return Incident.objects.create(by_name=by.name, **fields)
    Incident.objects.filter(pk=incident.pk).update(**fields)
    incident.refresh_from_db()
    return incident


def retain(now: datetime | None = None) -> RetentionRun:
    """Remove what has outlived its limit, part by part, and keep a report of it. What fails is told; the others go on.

    Requests that nothing stands in the way of any more are carried out too. A second time in a row nothing is left to remove.
    """
    now = now or timezone.now()
    run, problems = RetentionRun.objects.create(at=now), []
    lines: dict[str, dict[str, Any]] = {}
    for part in PARTS:
        try:
            with transaction.atomic():
                removed = part.expire(now)
        except Exception as problem:  # one part must not keep the others from their limits
            log.exception("what %s keeps too long was not removed", part.code)
            problems.append(f"{part.code}: {type(problem).__name__}")
            continue
        for line in removed:
            known = lines.setdefault(line.code, _as_data(line) | {"count": 0})
            known["count"] += line.count
    for pk in selectors.to_decide().values_list("pk", flat=True):
        carry_out(pk)
    run.lines, run.problem, run.finished_at = list(lines.values()), "; ".join(problems), timezone.now()
    run.save(update_fields=["lines", "problem", "finished_at"])
    return run


def _as_data(line: Removed) -> dict[str, Any]:
    found: dict[str, Any] = {"code": line.code, "count": line.count, "limit": _iso(line.limit)}
    for code in ("en", "fr"):
        with translation.override(code):
            found[code] = str(line.label)
    return found


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _require_keeper(by: User) -> None:
    if not by.has_perm("privacy.keep_register"):
        raise PermissionDenied


def _locked(request: PersonRequest) -> PersonRequest:
    return PersonRequest.objects.select_for_update().get(pk=request.pk)


def _open(request: PersonRequest) -> PersonRequest:
    request = _locked(request)
    if request.kind != K.FORGET or selectors.stage_of(request, timezone.now()) != "waiting":
        raise TransitionRefused(_("This request was settled already."), done_already=True)
    return request


def _hand_over(pk: int) -> None:
    from .tasks import forget

    def publish() -> None:
        try:
            forget.apply_async((pk,), retry=False)
        except Exception as problem:  # the broker is down: the night does what is left
            log.warning("request %s waits for the night, the broker does not answer: %s", pk, problem)

    transaction.on_commit(publish)


def _tell_of_waiting(request: PersonRequest) -> None:
    """The person learns that somebody looks at it, the administrators that they have to."""
    until = day_words(request.due_on)
    _tell(kinds.WAITS, request, "waits", until=until)
    administrators = Q(is_superuser=True) | Q(pk__in=User.objects.holding(Role.ADMINISTRATOR).values("pk"))
    for keeper in User.objects.filter(administrators, is_active=True).order_by("pk"):
        values = {"number": both(str(request.pk)), "until": until, "url": url_words("privacy:decide", request.pk)}
        _send(kinds.TO_DECIDE, recipient(keeper), f"{request.pk}", values)


def _tell(kind: Kind, request: PersonRequest, occasion: str, *, email: str = "", **values: dict[str, Any]) -> None:
    address = email or request.email
    to = Recipient(address, address, request.language)  # type: ignore[arg-type]
    _send(kind, to, f"{request.pk}:{occasion}", {"url": url_words("privacy:request", request.token), **values})


def _send(kind: Kind, to: Recipient, key: str, values: dict[str, dict[str, Any]]) -> None:
    context = {code: {name: value[code] for name, value in values.items()} | {"name": to.name} for code in ("en", "fr")}
    letters.send(kind, to, key=f"{kind.name}:{key}", context=context)
