"""Who hears of a standard: those who are asked to comment, those whose comments are answered, those who live by it."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from cmncp_portal.network.models import Stakeholder, Standing
from cmncp_portal.network.selectors import members_on, recipient_of
from cmncp_portal.notifications import mailings
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.mailings import Line
from cmncp_portal.notifications.models import Mailing
from cmncp_portal.notifications.recipients import Recipient

from ..models import Comment, CommentInvitee, ModuleAuthor, StandardVersion
from ..models.standards import office_day
from ..notifications import standards as kinds
from ..notifications.common import both

ASKED = (Standing.REPRESENTATIVE, Standing.DEPUTY, Standing.STAFF)


def members_people(*standings: str) -> list[Stakeholder]:
    """Return the current people of member municipalities with one of `standings`, in one query."""
    rows = Stakeholder.objects.current().filter(
        municipality__in=members_on(office_day()).order_by().values("pk"), standing__in=standings
    )
    return list(rows.select_related("municipality", "user").order_by("municipality__name_en", "name", "pk"))


def recipient_of_guest(invitee: CommentInvitee) -> Recipient:
    """Return somebody with a personal link as a recipient; a stranger's clock is that of the network's office."""
    language: Any = invitee.language or "both"
    return Recipient(invitee.email, invitee.name, language)


def audience(version: StandardVersion) -> tuple[list[Recipient], list[CommentInvitee]]:
    """Return who is asked to comment on `version`: those who sign in, and those who need a personal link.

    Representatives, deputies and staff of members, authors of modules, and guests, each address once. Of the second list,
    people of members without an account are not saved yet. Three queries.
    """
    guests = {invitee.email: invitee for invitee in version.invitees.all()}
    signed_in: dict[str, Recipient] = {}
    for person in members_people(*ASKED):
        to = recipient_of(person)
        email = to.email.strip().lower()
        if not email:
            continue
        if person.user is not None and person.user.is_active:
            signed_in.setdefault(email, to)
        elif email not in guests:
            guests[email] = _as_guest(version, person, to)
    authors = ModuleAuthor.objects.working(office_day()).filter(user__is_active=True).select_related("user")
    for author in authors.order_by("user__name", "pk"):
        user = author.user
        signed_in.setdefault(user.email.lower(), Recipient(user.email, user.name, user.language, user.time_zone))  # type: ignore[arg-type]
    with_link = [g for email, g in guests.items() if email not in signed_in and not g.wants_no_more]
    refused = {email for email, guest in guests.items() if guest.wants_no_more}
    return [to for email, to in signed_in.items() if email not in refused], with_link


def _as_guest(version: StandardVersion, person: Stakeholder, to: Recipient) -> CommentInvitee:
    return CommentInvitee(
        version=version,
        name=person.name,
        organisation=str(person.municipality)[:200],
        email=to.email.strip().lower(),
        language="" if to.language == "both" else to.language,
    )


def opening_key(version: StandardVersion) -> str:
    """Return the key of the letter with which the consultation was opened the last time."""
    times = version.changes_of_state.filter(to_state=StandardVersion.State.CONSULTATION).count()
    return f"{kinds.CONSULTATION_OPENED.name}:{version.pk}:{times}"


def tell_opened(
    version: StandardVersion, people: Iterable[Recipient], guests: Iterable[CommentInvitee], *, by: Any
) -> Mailing:
    """Begin the letters that ask for comments; those who are added later get the same one. Return the mailing."""
    page = kinds.page_urls(version, "version")
    lines = [Line(to, page) for to in people]
    guests = list(guests)
    lines += [Line(recipient_of_guest(guest), kinds.guest_urls(guest)) for guest in guests]
    CommentInvitee.objects.filter(pk__in=[guest.pk for guest in guests]).update(invited_at=timezone.now())
    context = kinds.with_values(version, competencies=both(version.texts.count()))
    return mailings.begin(kinds.CONSULTATION_OPENED, lines, key=opening_key(version), context=context, by=by)


def tell_answers(version: StandardVersion, *, by: Any) -> int:
    """Begin one letter to each person with the answers that were not told yet; return how many people.

    Call it with the version locked, so that nobody is told twice. An answer that changed since is told again.
    """
    now = timezone.now()
    rows = Comment.objects.filter(standard_version=version, withdrawn_at__isnull=True, told_at__isnull=True)
    rows = rows.exclude(verdict=Comment.Verdict.OPEN).select_related("text__domain", "invitee", "by")
    ordered = list(rows.defer("text__search_en", "text__search_fr").order_by("created_at", "pk"))
    if not ordered:
        return 0
    by_person: dict[str, list[Comment]] = {}
    for comment in ordered:
        by_person.setdefault(comment.email.lower(), []).append(comment)
    by_person.pop("", None)  # whose letter reached somebody else
    lines = [_answers_line(version, comments) for comments in by_person.values() if not _wants_no_more(comments)]
    is_adopted = both(version.state == StandardVersion.State.ADOPTED)
    _begin(kinds.COMMENT_ANSWERS, version, lines, occasion=f"{now.timestamp():.0f}", by=by, is_adopted=is_adopted)
    Comment.objects.filter(pk__in=[comment.pk for comment in ordered]).update(told_at=now)
    return len(lines)


def _wants_no_more(comments: list[Comment]) -> bool:
    return any(comment.invitee is not None and comment.invitee.wants_no_more for comment in comments)


def recipient_of_comment(comment: Comment) -> Recipient:
    """Return who made `comment` (fetched with account and guest) as a recipient."""
    if comment.by is not None and comment.by.is_active:
        user = comment.by
        return Recipient(user.email, comment.name, user.language, user.time_zone)  # type: ignore[arg-type]
    language: Any = (comment.invitee.language if comment.invitee else "") or comment.language or "both"
    return Recipient(comment.email, comment.name, language)


def _urls_for(comment: Comment, version: StandardVersion, page: str) -> dict[str, dict[str, Any]]:
    if comment.invitee is not None and comment.by is None:
        return kinds.guest_urls(comment.invitee)
    return kinds.page_urls(version, page)


def _answers_line(version: StandardVersion, comments: list[Comment]) -> Line:
    own, answers = _urls_for(comments[-1], version, "comments"), kinds.answer_lines(comments)
    return Line(
        recipient_of_comment(comments[-1]), {code: own[code] | {"answers": answers[code]} for code in ("en", "fr")}
    )


def tell_adopted(version: StandardVersion, *, by: Any) -> Mailing:
    """Begin the letter that `version` is adopted: to those who commented on it, and to the representatives of the members."""
    rows = Comment.objects.filter(standard_version=version, withdrawn_at__isnull=True).select_related("invitee", "by")
    lines: dict[str, Line] = {}
    page = kinds.page_urls(version, "version")
    for comment in rows.order_by("pk"):
        if comment.email and not _wants_no_more([comment]):
            lines[comment.email.lower()] = Line(recipient_of_comment(comment), page)
    for person in members_people(Standing.REPRESENTATIVE):
        to = recipient_of(person)
        lines.setdefault(to.email.strip().lower(), Line(to, page))
    is_first = both(
        not StandardVersion.objects.filter(standard=version.standard_id, adopted_on__isnull=False)
        .exclude(pk=version.pk)
        .exists()
    )
    return _begin(kinds.STANDARD_ADOPTED, version, lines.values(), occasion="adopted", by=by, is_first=is_first)


def _begin(
    kind: Kind,
    version: StandardVersion,
    lines: Iterable[Line],
    *,
    occasion: str,
    by: Any = None,
    **more: dict[str, Any],
) -> Mailing:
    """Begin a mailing about `version`; values that differ from person to person stand in the lines."""
    own = {name: both("") for name in kind.variables if name in ("answers",)}
    context = kinds.with_values(version, **{**own, **more})
    return mailings.begin(kind, lines, key=f"{kind.name}:{version.pk}:{occasion}", context=context, by=by)
