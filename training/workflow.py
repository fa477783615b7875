"""When a version, a module, an offering or a piece of evidence may move, and why not yet. The page shows the same reasons."""

from collections.abc import Iterable

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.core.workflow import Guard, Transition, Workflow

from .models import Comment, EvidenceClaim, Module, Offering, StandardVersion
from .models.standards import office_day

Reason = str | Promise | None

SHORTEST_CONSULTATION_DAYS = 14  # less is no consultation for councils and colleges that meet once a month

# --- versions of a standard

V = StandardVersion.State


def has_competencies(version: StandardVersion) -> Reason:
    empty = version.domains.annotate(n=Count("texts")).filter(n=0).first()
    if empty:
        return _("The domain “%(title)s” has no competency yet.") % {"title": empty.title}
    return None if version.domains.exists() else _("Write at least one domain with a competency.")


def has_criteria(version: StandardVersion) -> Reason:
    bare = version.texts.annotate(n=Count("criteria")).filter(n=0).select_related("domain").in_order().first()
    if bare:
        return _("“%(title)s” has no criterion yet.") % {"title": f"{bare.code} {bare.title}"}
    return None


def is_in_both_languages(version: StandardVersion) -> Reason:
    rows: tuple[tuple[Iterable, str], ...] = (
        (version.domains.filter(Q(title_en="") | Q(title_fr=""))[:1], "title"),
        (
            version.texts.filter(
                Q(title_en="") | Q(title_fr="") | Q(description_en="") ^ Q(description_fr="")
            ).in_order()[:1],
            "title",
        ),
        (version.roles.filter(Q(title_en="") | Q(title_fr=""))[:1], "title"),
    )
    for found, name in rows:
        for half in found:
            return _("“%(title)s” is in one language only.") % {"title": getattr(half, name)}
    criteria = version.texts.filter(
        Q(criteria__statement_en="")
        | Q(criteria__statement_fr="")
        | Q(criteria__evidence_en="") ^ Q(criteria__evidence_fr="")
    )
    text = criteria.in_order().first()
    if text:
        return _("A criterion of “%(title)s” is in one language only.") % {"title": text.title}
    if (version.changes_en == "") != (version.changes_fr == ""):
        return _("What is new is told in one language only.")
    return None


def asks_something_of_roles(version: StandardVersion) -> Reason:
    silent = version.roles.annotate(n=Count("requirements")).filter(n=0).first()
    if silent:
        return _("The role “%(title)s” is asked for nothing yet.") % {"title": silent.title}
    return None if version.roles.exists() else _("Say what the standard asks of at least one role.")


def consultation_has_its_days(version: StandardVersion) -> Reason:
    if version.opens_on is None or version.closes_on is None:
        return _("Say from when until when people can comment.")
    if version.closes_on < office_day():
        return _("The last day to comment has passed: set a new one.")
    if (version.closes_on - version.opens_on).days < SHORTEST_CONSULTATION_DAYS:
        return _("Leave people at least %(days)s days to comment.") % {"days": SHORTEST_CONSULTATION_DAYS}
    return None


def opening_day_has_come(version: StandardVersion) -> Reason:
    if version.opens_on and version.opens_on > office_day():
        return _("The consultation opens on a later day.")
    return None


def every_comment_is_answered(version: StandardVersion) -> Reason:
    left = version.comments.filter(verdict=Comment.Verdict.OPEN, withdrawn_at__isnull=True).count()
    if left:
        return (
            _("%(left)s comments are not answered yet.") % {"left": left}
            if left > 1
            else _("One comment is not answered yet.")
        )
    return None


WRITTEN: tuple[Guard, ...] = (has_competencies, has_criteria, is_in_both_languages, asks_something_of_roles)

VERSION = Workflow(
    Transition(
        "open_consultation",
        (V.DRAFT,),
        V.CONSULTATION,
        "training.consult",
        _("Open the consultation"),
        happened=_("The consultation was opened"),
        guards=(*WRITTEN, consultation_has_its_days, opening_day_has_come),
    ),
    Transition(
        "close_consultation",
        (V.CONSULTATION,),
        V.ANSWERING,
        "training.consult",
        _("Close the consultation"),
        happened=_("The consultation was closed"),
        grave=True,
    ),
    Transition(
        "consult_again",
        (V.ANSWERING,),
        V.CONSULTATION,
        "training.consult",
        _("Consult once more"),
        happened=_("The consultation was opened once more"),
        guards=(*WRITTEN, consultation_has_its_days, opening_day_has_come),
    ),
    Transition(
        "adopt",
        (V.ANSWERING,),
        V.ADOPTED,
        "training.adopt_standard",
        _("Adopt this version"),
        happened=pgettext_lazy("standard", "Adopted"),
        guards=(*WRITTEN, every_comment_is_answered),
        grave=True,
    ),
    # Never by hand: adopting the next version does it (services.standards.adopt).
    Transition(
        "supersede",
        (V.ADOPTED,),
        V.SUPERSEDED,
        "training.adopt_standard",
        _("Supersede"),
        happened=pgettext_lazy("standard", "Superseded by a newer version"),
    ),
    history="changes_of_state",
)
BY_HAND = ("open_consultation", "close_consultation", "consult_again", "adopt")

# --- modules

M = Module.State


def has_partner(module: Module) -> Reason:
    return None if module.partner_id else _("Choose the partner with whom it was agreed.")


def has_author(module: Module) -> Reason:
    return None if module.authors.working().exists() else _("Invite at least one author.")


def has_titles(module: Module) -> Reason:
    return None if module.title_en and module.title_fr else _("Give it a title in both languages.")


def builds_a_competency(module: Module) -> Reason:
    return None if module.builds.exists() else _("Say which competencies it builds, and to which level.")


def is_written(module: Module) -> Reason:
    missing = [
        name
        for name in ("summary", "objectives", "outline")
        if not (getattr(module, f"{name}_en").strip() or getattr(module, f"{name}_fr").strip())
    ]
    if missing:
        return _("Summary, objectives and outline are to be written.")
    if module.hours is None:
        return _("Say how many hours it takes.")
    return None


def states_its_languages(module: Module) -> Reason:
    return None if module.languages else _("Say in which language it can be taught.")


def is_bilingual_or_says_why(module: Module) -> Reason:
    if module.is_bilingual or (module.one_language_reason.strip() and len(module.languages) == 1):
        return None
    return _("Everything stands in both languages, or you say why it is taught in one only.")


def was_piloted(module: Module) -> Reason:
    held = module.offerings.filter(is_pilot=True, state=Offering.State.HELD).exists()
    return None if held else _("Hold a pilot first.")


def has_pilot_report(module: Module) -> Reason:
    return None if module.pilot_report.strip() else _("Write down what the pilot showed.")


def has_open_offering(module: Module) -> Reason:
    is_open = module.offerings.filter(state=Offering.State.OPEN, is_pilot=False).exists()
    return None if is_open else _("Open an offering for enrolment: the module follows by itself.")


def has_nothing_ahead(module: Module) -> Reason:
    ahead = module.offerings.filter(state__in=[Offering.State.PLANNED, Offering.State.OPEN]).exists()
    return _("An offering lies ahead: hold or cancel it first.") if ahead else None


MODULE = Workflow(
    Transition(
        "agree",
        (M.PROPOSED,),
        M.AGREED,
        "training.agree_with_partner",
        _("Record that the partner agreed"),
        happened=_("Agreed with the partner; it is being drafted"),
        guards=(has_titles, has_partner),
    ),
    Transition(
        "hand_in",
        (M.AGREED,),
        M.DRAFTED,
        "training.hand_in_draft",
        _("Hand in for review"),
        happened=_("The draft was handed in"),
        guards=(builds_a_competency, is_written, states_its_languages),
    ),
    Transition(
        "send_back",
        (M.DRAFTED, M.REVIEWED, M.PILOTED),
        M.AGREED,
        "training.review_module",
        _("Send back to the authors"),
        happened=_("Sent back to the authors"),
        needs_reason=True,
    ),
    Transition(
        "pass_review",
        (M.DRAFTED,),
        M.REVIEWED,
        "training.review_module",
        _("Review passed"),
        happened=_("The review was passed"),
        guards=(builds_a_competency, is_written),
    ),
    Transition(
        "record_pilot",
        (M.REVIEWED,),
        M.PILOTED,
        "training.review_module",
        _("Record the pilot"),
        happened=_("The pilot was recorded"),
        guards=(was_piloted, has_pilot_report),
    ),
    Transition(
        "approve",
        (M.PILOTED,),
        M.APPROVED,
        "training.approve_module",
        pgettext_lazy("module", "Approve"),
        happened=pgettext_lazy("module", "Approved"),
        guards=(builds_a_competency, is_written, is_bilingual_or_says_why),
    ),
    # Follows from the first offering that is opened (services.offerings.open_enrolment).
    Transition(
        "offer",
        (M.APPROVED,),
        M.OFFERED,
        "training.plan_offering",
        pgettext_lazy("module", "Offer"),
        happened=pgettext_lazy("module", "Offered for the first time"),
        guards=(has_open_offering,),
    ),
    Transition(
        "retire",
        (M.APPROVED, M.OFFERED),
        M.RETIRED,
        "training.approve_module",
        pgettext_lazy("module", "Retire"),
        happened=pgettext_lazy("module", "Retired"),
        guards=(has_nothing_ahead,),
        needs_reason=True,
        grave=True,
    ),
    Transition(
        "bring_back",
        (M.RETIRED,),
        M.APPROVED,
        "training.approve_module",
        pgettext_lazy("module", "Bring back"),
        happened=pgettext_lazy("module", "Brought back"),
    ),
    Transition(
        "drop",
        (M.PROPOSED, M.AGREED, M.DRAFTED, M.REVIEWED, M.PILOTED),
        M.DROPPED,
        "training.agree_with_partner",
        _("Do not pursue it"),
        happened=_("Not pursued"),
        guards=(has_nothing_ahead,),
        needs_reason=True,
        grave=True,
    ),
    history="changes",
)

# --- offerings

G = Offering.State


def module_can_be_given(offering: Offering) -> Reason:
    state = offering.module.state
    if offering.is_pilot:
        if state in (M.REVIEWED, M.PILOTED):
            return None
        return _("A pilot follows the review of the module.")
    if state in (M.APPROVED, M.OFFERED):
        return None
    return _("The module is not approved: only a pilot can be held.")


def has_sessions_ahead(offering: Offering) -> Reason:
    days = list(offering.sessions.values_list("day", flat=True))
    if not days:
        return _("Say on which days and at what time.")
    return None if min(days) > offering.today() else _("The sessions must lie ahead.")


def has_place(offering: Offering) -> Reason:
    if offering.is_online:
        return None if offering.join_link else _("Give the link to take part online.")
    return None if offering.venue or offering.address else _("Say where people meet.")


def has_facilitator(offering: Offering) -> Reason:
    return None if offering.facilitators.exists() else _("Say who facilitates.")


def is_taught_in_a_language_of_the_module(offering: Offering) -> Reason:
    wanted = {"en", "fr"} if offering.language == "both" else {offering.language}
    if wanted <= set(offering.module.languages):
        return None
    return _("The module cannot be taught in this language yet.")


def enrolment_ends_in_time(offering: Offering) -> Reason:
    closes = offering.enrolment_closes_on
    if closes and offering.starts_on and closes > offering.starts_on:
        return _("Enrolment closes after the first day.")
    return None


def needed_sessions_exist(offering: Offering) -> Reason:
    needed = offering.sessions_needed
    if needed and needed > offering.sessions.count():
        return _("More sessions are needed to complete it than there are.")
    return None


def last_day_has_come(offering: Offering) -> Reason:
    if offering.ends_on and offering.today() < offering.ends_on:
        return _("This can be recorded from the last day on.")
    return None


def is_not_over(offering: Offering) -> Reason:
    """Dates for which nobody ever had a place can be cancelled afterwards: there is nothing to record about them."""
    return _("It is over.") if offering.is_over and offering.enrolments.registered().exists() else None


OPEN_GUARDS: tuple[Guard, ...] = (
    module_can_be_given,
    has_sessions_ahead,
    has_place,
    has_facilitator,
    is_taught_in_a_language_of_the_module,
    enrolment_ends_in_time,
    needed_sessions_exist,
)

OFFERING = Workflow(
    Transition(
        "open_enrolment",
        (G.PLANNED,),
        G.OPEN,
        "training.organise",
        _("Open for enrolment"),
        happened=_("Opened for enrolment"),
        guards=OPEN_GUARDS,
    ),
    Transition(
        "cancel",
        (G.PLANNED, G.OPEN),
        G.CANCELLED,
        "training.organise",
        pgettext_lazy("offering", "Cancel"),
        happened=pgettext_lazy("offering", "Cancelled"),
        guards=(is_not_over,),
        needs_reason=True,
        grave=True,
    ),
    Transition(
        "record_held",
        (G.OPEN,),
        G.HELD,
        "training.take_attendance",
        pgettext_lazy("offering", "Record that it took place"),
        happened=pgettext_lazy("offering", "Recorded as held"),
        guards=(last_day_has_come,),
    ),
    history="changes",
)

# --- evidence

C = EvidenceClaim.State


def says_what_was_done(claim: EvidenceClaim) -> Reason:
    return None if claim.words.strip() else _("Say what you did, when, and what came of it.")


CLAIM = Workflow(
    Transition(
        "send",
        (C.DRAFT, C.MORE_ASKED),
        C.SENT,
        "training.show_evidence",
        _("Send to the assessors"),
        happened=_("Sent to the assessors"),
        guards=(says_what_was_done,),
    ),
    Transition(
        "ask_more",
        (C.SENT,),
        C.MORE_ASKED,
        "training.assess",
        _("Ask for more"),
        happened=_("More was asked"),
        needs_reason=True,
    ),
    Transition(
        "accept",
        (C.SENT,),
        C.ACCEPTED,
        "training.assess",
        pgettext_lazy("evidence", "Accept"),
        happened=pgettext_lazy("evidence", "Accepted"),
    ),
    Transition(
        "decline",
        (C.SENT,),
        C.DECLINED,
        "training.assess",
        pgettext_lazy("evidence", "Do not accept"),
        happened=pgettext_lazy("evidence", "Not accepted"),
        needs_reason=True,
    ),
    Transition(
        "withdraw",
        (C.DRAFT, C.SENT, C.MORE_ASKED),
        C.WITHDRAWN,
        "training.show_evidence",
        pgettext_lazy("evidence", "Withdraw"),
        happened=pgettext_lazy("evidence", "Withdrawn"),
    ),
    history="changes",
)


def missing(thing: object, guards: tuple[Guard, ...]) -> list[str]:
    """Return the reasons of all `guards` that do not let `thing` pass, in the active language."""
    return [str(reason) for guard in guards if (reason := guard(thing))]


EVALUATION_OPENS_DAYS = 1  # after the last day; as for meetings
EVALUATION_DUE_DAYS = 14
EVALUATION_CLOSE_DAYS = 45
USE_MONTHS = 3  # after the last day people are asked whether they used it
USE_DUE_DAYS = 14
USE_CLOSE_DAYS = 45
