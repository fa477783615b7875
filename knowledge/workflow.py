"""When a brief may move, and why not yet. Guards give a reason that the page shows before anyone clicks."""

from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.core.workflow import Guard, Transition, Workflow

from .models import ActionBrief

Reason = str | Promise | None
S = ActionBrief.State

REVIEW_DAYS = 10  # for a reviewer
NEXT_REVIEW_MONTHS = 12  # after publication
FORMAT_DAYS = 10  # working days within which somebody who needs another format hears
EXCEPTION_DAYS = 30  # a brief in one language gets the other within this time


def has_a_title(brief: ActionBrief) -> Reason:
    source = brief.source
    return None if source and source.title else _("Give it a title in the language in which it is written.")


def has_its_text(brief: ActionBrief) -> Reason:
    source = brief.source
    if source is None or not (source.summary and source.challenge and source.what_works):
        return _("Write summary, challenge and what works.")
    return None


def has_steps(brief: ActionBrief) -> Reason:
    return None if brief.steps.all() else _("Say at least one step that a municipal stakeholder can take.")


def has_sources(brief: ActionBrief) -> Reason:
    return None if brief.sources.all() else _("Name at least one source.")


def numbers_have_sources(brief: ActionBrief) -> Reason:
    bare = next((n for n in brief.numbers.all() if not n.source), None)
    return _("“%(label)s” has no source.") % {"label": bare.label} if bare else None


def reviewers_have_answered(brief: ActionBrief) -> Reason:
    open_one = next((r for r in brief.reviews.all() if r.answered_at is None), None)
    return _("%(name)s has yet to answer.") % {"name": open_one.reviewer} if open_one else None


def comments_are_resolved(brief: ActionBrief) -> Reason:
    if any(c.resolved_at is None for e in brief.editions.all() for c in e.comments.all()):
        return _("There are comments that nobody has answered.")
    return None


def source_is_final(brief: ActionBrief) -> Reason:
    if brief.state_of(brief.source_language) != "current":
        return _("Say first that the text is final.")
    return None


def both_languages_are_current(brief: ActionBrief) -> Reason:
    """The gate: equal texts in both languages, or a recorded exception with its deadline."""
    if brief.is_bilingual:
        return None
    today = timezone.localdate()
    if brief.exception_until and brief.exception_until >= today and source_is_final(brief) is None:
        return None
    states = {language: brief.state_of(language) for language in ("en", "fr")}
    behind = next(language for language, state in states.items() if state != "current")
    if states[behind] == "out_of_date":
        return (
            _("The French text is older than the English one.")
            if behind == "fr"
            else _("The English text is older than the French one.")
        )
    return _("The French text is not ready.") if behind == "fr" else _("The English text is not ready.")


def examples_are_agreed(brief: ActionBrief) -> Reason:
    open_one = next((e for e in brief.examples.all() if e.agreed_at is None), None)
    return _("%(place)s has not agreed to its example.") % {"place": open_one.municipality} if open_one else None


def has_a_day(brief: ActionBrief) -> Reason:
    return None if brief.publish_on and brief.publish_on > timezone.localdate() else _("Choose a day that lies ahead.")


def something_changed(brief: ActionBrief) -> Reason:
    changed = any(edition.is_being_revised for edition in brief.editions.all())
    return None if changed else _("The published text is the latest.")


REVIEW_GUARDS: tuple[Guard, ...] = (has_a_title, has_its_text, has_steps, has_sources, numbers_have_sources)
PUBLISH_GUARDS: tuple[Guard, ...] = (*REVIEW_GUARDS, examples_are_agreed, both_languages_are_current)


def missing(brief: ActionBrief, guards: tuple[Guard, ...]) -> list[str]:
    """Return the reasons of all `guards` that do not let `brief` pass, in the active language."""
    return [str(reason) for guard in guards if (reason := guard(brief))]


def _move(
    name: str, sources: tuple[str, ...], target: str, permission: str, label: Any, happened: Any, **more: Any
) -> Transition:
    return Transition(name, sources, target, f"knowledge.{permission}", label, happened=happened, **more)


BRIEF = Workflow(
    _move(
        "outline",
        (S.IDEA,),
        S.OUTLINE,
        "write_brief",
        _("Begin the outline"),
        _("Outline begun"),
        guards=(has_a_title,),
    ),
    _move("draft", (S.OUTLINE,), S.DRAFT, "write_brief", _("Begin the draft"), _("Draft begun")),
    _move(
        "review", (S.DRAFT,), S.REVIEW, "ask_reviewers", _("Send to review"), _("Sent to review"), guards=REVIEW_GUARDS
    ),
    _move(
        "back_to_draft",
        (S.REVIEW, S.EDITING),
        S.DRAFT,
        "write_brief",
        _("Back to the draft"),
        _("Back to the draft"),
        needs_reason=True,
    ),
    _move(
        "edit",
        (S.REVIEW,),
        S.EDITING,
        "write_brief",
        _("Begin editing"),
        _("Review ended"),
        guards=(reviewers_have_answered,),
    ),
    _move(
        "translate",
        (S.EDITING,),
        S.TRANSLATION,
        "write_brief",
        _("Hand to translation"),
        _("Handed to translation"),
        guards=(source_is_final, comments_are_resolved),
    ),
    _move("approve", (S.TRANSLATION,), S.APPROVED, "approve", _("Approve"), _("Approved"), guards=PUBLISH_GUARDS),
    _move(
        "schedule",
        (S.APPROVED,),
        S.SCHEDULED,
        "publish",
        _("Schedule"),
        _("Scheduled"),
        guards=(*PUBLISH_GUARDS, has_a_day),
    ),
    _move(
        "unschedule",
        (S.SCHEDULED,),
        S.APPROVED,
        "publish",
        _("Do not publish on that day"),
        _("Taken off the schedule"),
    ),
    _move(
        "publish",
        (S.APPROVED, S.SCHEDULED),
        S.PUBLISHED,
        "publish",
        _("Publish now"),
        pgettext_lazy("brief", "Published"),
        guards=PUBLISH_GUARDS,
    ),
    _move(
        "publish_changes",
        (S.PUBLISHED,),
        S.PUBLISHED,
        "publish",
        _("Publish the revised text"),
        _("Revised text published"),
        guards=(*PUBLISH_GUARDS, something_changed),
    ),
    _move(
        "supersede",
        (S.PUBLISHED,),
        S.SUPERSEDED,
        "publish",
        _("Replaced by a newer one"),
        pgettext_lazy("brief", "Replaced"),
    ),
    _move(
        "withdraw",
        (S.PUBLISHED, S.SUPERSEDED),
        S.WITHDRAWN,
        "withdraw",
        _("Withdraw"),
        pgettext_lazy("brief", "Withdrawn"),
        needs_reason=True,
        grave=True,
    ),
    history="changes",
)
