"""Having a draft read: who is asked until when, remarks at paragraphs and what was done about them, the answer."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.accounts.models import User
from cmncp_portal.core.dates import day_in_words
from cmncp_portal.core.text import active_language
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.notifications import services as letters
from cmncp_portal.notifications.recipients import Recipient

from .. import notifications as kinds
from ..models import ActionBrief, Comment, Edition, Review
from ..selectors.people import writers
from ..selectors.texts import QUOTE, blocks_of, texts_at
from .moving import tell
from .writing import open_brief


@transaction.atomic
def ask_reviewer(brief: ActionBrief, reviewer: User, *, due_on: date, by: Any) -> Review:
    """Ask `reviewer` to read the brief until `due_on`, and write to that person.

    Raises PermissionDenied; TransitionRefused when the brief is closed, the day is over, or the person is asked already.
    """
    locked = open_brief(brief, by)
    if not by.has_perm("knowledge.ask_reviewers", locked):
        raise PermissionDenied
    if due_on < timezone.localdate():
        raise TransitionRefused(_("Choose a day that is not over."))
    if asked := locked.reviews.filter(reviewer=reviewer, answered_at=None).first():
        words = {"name": reviewer, "day": day_in_words(asked.due_on)}
        raise TransitionRefused(_("%(name)s is asked already, until %(day)s.") % words, done_already=True)
    review = Review.objects.create(brief=locked, reviewer=reviewer, due_on=due_on, asked_by_name=str(by))
    tell(
        kinds.REVIEW_ASKED,
        locked,
        [_recipient(reviewer)],
        occasion=str(review.pk),
        url=kinds.address("read", locked.slug, locked.source_language),
        by=kinds.both(str(by)),
        due=kinds.day_words(due_on),
    )
    return review


def _recipient(user: User) -> Recipient:
    language: Any = user.language
    return Recipient(user.email, user.name, language, user.time_zone)


@transaction.atomic
def release_reviewer(review: Review, *, by: Any) -> None:
    """Wait for this reviewer no longer: the question is taken back, with the letters that have not left. Comments stay.

    Raises PermissionDenied; TransitionRefused when the answer is there.
    """
    if not by.has_perm("knowledge.ask_reviewers", review.brief):
        raise PermissionDenied
    open_one = Review.objects.select_for_update().filter(pk=review.pk, answered_at=None).first()
    if open_one is None:
        raise TransitionRefused(_("The answer is there already."), done_already=True)
    letters.withdraw(f"{kinds.REVIEW_ASKED.name}:{review.brief_id}:{review.pk}")
    letters.withdraw(f"{kinds.REVIEW_REMINDER.name}:{review.pk}")
    open_one.delete()


@transaction.atomic
def answer_review(brief: ActionBrief, *, by: Any, verdict: str, note: str = "") -> Review:
    """Record what `by`, who was asked, thinks of the draft; tell the writers and the person who asked.

    `verdict` is one of Review.Verdict but WAITING. Raises PermissionDenied for somebody who was never asked,
    TransitionRefused when the answer was given already, ValueError for no verdict.
    """
    own = Review.objects.select_for_update().filter(brief=brief, reviewer=by)
    review = own.filter(answered_at=None).first()
    if review is None:
        last = own.order_by("-answered_at").first()
        if last is None or last.answered_at is None:
            raise PermissionDenied
        day = day_in_words(timezone.localtime(last.answered_at).date())
        raise TransitionRefused(_("You answered already, on %(day)s.") % {"day": day}, done_already=True)
    if verdict not in (Review.Verdict.FINE, Review.Verdict.CHANGES):
        raise ValueError("a review is answered with a verdict")
    review.verdict, review.note, review.answered_at = verdict, note.strip(), timezone.now()
    review.save(update_fields=["verdict", "note", "answered_at"])
    letters.withdraw(f"{kinds.REVIEW_REMINDER.name}:{review.pk}")
    _tell_of_answer(review, by)
    return review


def _tell_of_answer(review: Review, by: Any) -> None:
    comments = Comment.objects.filter(edition__brief=review.brief_id, by=by, at__gte=review.asked_at).count()
    tell(
        kinds.REVIEW_ANSWERED,
        review.brief,
        {to.email.lower(): to for to in (*writers(), *_who_asked(review))}.values(),
        occasion=str(review.pk),
        url=kinds.address("reviews", review.brief.slug),
        by=kinds.both(str(by)),
        verdict=kinds.verdict_words(review),
        note=kinds.both(review.note),
        comments=kinds.both(comments),
    )


def _who_asked(review: Review) -> list[Recipient]:
    """The person who asked, known by name; of several with one name those who may ask."""
    named = Q(name=review.asked_by_name) | Q(email=review.asked_by_name)
    people = User.objects.filter(named, is_active=True).with_roles().order_by("pk")[:10]
    return [_recipient(user) for user in people if user.has_perm("knowledge.ask_reviewers", review.brief)]


@transaction.atomic
def add_comment(edition: Edition, *, field: str, paragraph: int, seen: int, text: str, by: Any) -> Comment:
    """Keep a remark at a paragraph (`field` of Edition.TEXTS, counted from 0) of the version that the reader saw.

    The same remark by the same person is kept once. Raises PermissionDenied; TransitionRefused for a paragraph that is not
    there.
    """
    if not by.has_perm("knowledge.comment", edition.brief):
        raise PermissionDenied
    Edition.objects.select_for_update(of=("self",)).get(pk=edition.pk)
    quote = _quoted(edition, field, paragraph, seen)
    place: dict[str, Any] = {"field": field, "paragraph": paragraph, "quote": quote, "text": text.strip()}
    same = edition.comments.filter(**place, by=by, resolved_at=None).first()
    return same or edition.comments.create(**place, by=by, by_name=str(by), language=active_language())


def _quoted(edition: Edition, field: str, paragraph: int, seen: int) -> str:
    texts = texts_at(edition, seen) if seen and field in Edition.TEXTS else None
    found = blocks_of(field, texts[field]) if texts else []
    if not 0 <= paragraph < len(found):
        raise TransitionRefused(_("This paragraph is not there any more. Please read the text again."))
    return found[paragraph][0][:QUOTE]


@transaction.atomic
def resolve_comment(comment: Comment, *, by: Any, reply: str) -> None:
    """Answer a comment with what was done; an earlier answer stays before it.

    Raises PermissionDenied; TransitionRefused without words, or when it is answered already.
    """
    locked = _locked(comment, by, "knowledge.write_brief")
    if locked.resolved_at is not None:
        words = _("%(name)s answered this comment already.") % {"name": locked.resolved_by_name}
        raise TransitionRefused(words, done_already=True)
    if not reply.strip():
        raise TransitionRefused(_("Say in a few words what was done."))
    answers = [answer for answer in (locked.reply, reply.strip()) if answer]
    _write(comment, reply="\n\n".join(answers), resolved_at=timezone.now(), resolved_by_name=str(by))


@transaction.atomic
def reopen_comment(comment: Comment, *, by: Any) -> None:
    """Open an answered comment again; the answer stays. Raises PermissionDenied; TransitionRefused when it is open."""
    locked = _locked(comment, by, "knowledge.comment")
    if locked.resolved_at is None:
        raise TransitionRefused(_("This comment is open already."), done_already=True)
    _write(comment, resolved_at=None, resolved_by_name="")


def _locked(comment: Comment, by: Any, permission: str) -> Comment:
    if not by.has_perm(permission, comment.edition.brief):
        raise PermissionDenied
    return Comment.objects.select_for_update(of=("self",)).get(pk=comment.pk)


def _write(comment: Comment, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(comment, name, value)
    comment.save(update_fields=[*fields])
