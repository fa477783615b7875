"""When an expression of interest, an application or a renewal may move, and why not yet."""

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.core.dates import day_in_words
from cmncp_portal.core.workflow import Guard, Transition, Workflow
from cmncp_portal.network.models import Membership
from cmncp_portal.network.rules import members_now

from .models import Application, Interest, Renewal

Reason = str | Promise | None

ANSWER_WORKING_DAYS = 5  # within which coordinators answer an expression of interest
CONFIRM_DAYS = 14  # after which an address that nobody confirmed is forgotten
RENEWAL_LETTERS = (-60, -30, 0, 30)  # days from the day of renewal
CONSENTS = ("represents", "directory", "privacy")  # each must be given; the wording stands in selectors.wording

J = Interest.State


def municipality_is_known(interest: Interest) -> Reason:
    return None if interest.municipality_id else _("Say which municipality it is, or make it known.")


def is_not_a_member(thing: Interest | Application) -> Reason:
    if thing.municipality_id and members_now(thing.municipality_id).exists():
        return _("This municipality is a member already.")
    return None


def nobody_else_applies(interest: Interest) -> Reason:
    others = Application.objects.filter(municipality=interest.municipality_id, state__in=Application.OPEN)
    if (other := others.exclude(interest=interest.pk).select_related("interest").first()) is None:
        return None
    return _("%(name)s applies for this municipality already.") % {"name": other.interest.name}


def was_confirmed(interest: Interest) -> Reason:
    return None if interest.confirmed_at else _("The address was never confirmed.")


def has_no_settled_application(interest: Interest) -> Reason:
    """Who applies once more begins with a new expression of interest: the decision stays what it was."""
    if not Application.objects.filter(interest=interest.pk).exists():
        return None
    return _("Its application was settled. Who wants to apply again fills in the page about joining once more.")


INTEREST = Workflow(
    Transition(
        "confirm",
        (J.UNCONFIRMED,),
        J.CONFIRMED,
        "joining.answer_interest",
        _("Confirm the address"),
        happened=_("The address was confirmed"),
    ),
    Transition(
        "talk",
        (J.CONFIRMED,),
        J.TALKING,
        "joining.answer_interest",
        _("Begin the conversation"),
        happened=_("The conversation began"),
    ),
    Transition(
        "invite_to_apply",
        (J.CONFIRMED, J.TALKING),
        J.APPLYING,
        "joining.answer_interest",
        _("Invite to apply"),
        happened=_("Invited to apply"),
        guards=(municipality_is_known, is_not_a_member, nobody_else_applies),
    ),
    Transition(
        "close",
        (J.UNCONFIRMED, J.CONFIRMED, J.TALKING, J.APPLYING),
        J.CLOSED,
        "joining.answer_interest",
        pgettext_lazy("expression of interest", "Close"),
        happened=pgettext_lazy("expression of interest", "Closed"),
        needs_reason=True,
    ),
    Transition(
        "reopen",
        (J.CLOSED,),
        J.TALKING,
        "joining.answer_interest",
        pgettext_lazy("expression of interest", "Open again"),
        happened=pgettext_lazy("expression of interest", "Opened again"),
        guards=(was_confirmed, has_no_settled_application),
    ),
    history="changes",
)

A = Application.State


def names_its_class(application: Application) -> Reason:
    return None if application.kind else _("Choose the class of membership.")


def has_a_resolution(application: Application) -> Reason:
    """A council decides for a general member; an associate's own body may decide otherwise."""
    if application.kind != Membership.Kind.GENERAL or application.resolution_on:
        return None
    return _("Give the date of the resolution of your council, or of the body that decides for you.")


def resolution_is_not_ahead(application: Application) -> Reason:
    if application.resolution_on and application.resolution_on > timezone.localdate():
        return _("The date of the resolution lies ahead.")
    return None


def names_a_representative(application: Application) -> Reason:
    if application.representative_name and application.representative_email:
        return None
    return _("Say who represents you, with an email address.")


def gives_the_consents(application: Application) -> Reason:
    if all(application.consents.get(name, {}).get("agreed") for name in CONSENTS):
        return None
    return _("Say that you agree to each of the points.")


SEND_GUARDS: tuple[Guard, ...] = (
    names_its_class,
    has_a_resolution,
    resolution_is_not_ahead,
    names_a_representative,
    gives_the_consents,
)

# `send` and `withdraw` are made from the personal page, where the address is the key: `by` is None there.
APPLICATION = Workflow(
    Transition(
        "send",
        (A.DRAFT, A.MORE_ASKED),
        A.SENT,
        "joining.see_application",
        _("Send the application"),
        happened=_("The application was sent"),
        guards=SEND_GUARDS,
    ),
    Transition(
        "ask_more",
        (A.SENT,),
        A.MORE_ASKED,
        "joining.decide",
        _("Ask for more"),
        happened=_("More was asked"),
        needs_reason=True,
    ),
    Transition(
        "approve",
        (A.SENT,),
        A.APPROVED,
        "joining.decide",
        pgettext_lazy("application", "Approve"),
        happened=pgettext_lazy("application", "Approved"),
        guards=(*SEND_GUARDS, is_not_a_member),
    ),
    Transition(
        "decline",
        (A.SENT, A.MORE_ASKED),
        A.DECLINED,
        "joining.decide",
        pgettext_lazy("application", "Decline"),
        happened=pgettext_lazy("application", "Declined"),
        needs_reason=True,
        grave=True,
    ),
    Transition(
        "withdraw",
        (A.DRAFT, A.SENT, A.MORE_ASKED),
        A.WITHDRAWN,
        "joining.see_application",
        pgettext_lazy("application", "Withdraw"),
        happened=pgettext_lazy("application", "Withdrawn"),
    ),
    history="changes",
)

R = Renewal.State


def grace_is_over(renewal: Renewal) -> Reason:
    return None if timezone.localdate() > renewal.grace_ends_on else _("The days of grace still run.")


def membership_goes_on(renewal: Renewal) -> Reason:
    until = renewal.membership.until_on
    return None if until is None else _("This membership ends, or ended, on %(day)s.") % {"day": day_in_words(until)}


def is_no_member_again(renewal: Renewal) -> Reason:
    if members_now(renewal.membership.municipality_id).exists():
        return _("This municipality is a member already.")
    return None


RENEWAL = Workflow(
    Transition(
        "renew",
        (R.DUE,),
        R.RENEWED,
        "joining.record_renewal",
        pgettext_lazy("renewal", "Record the renewal"),
        happened=pgettext_lazy("renewal", "Renewed"),
        guards=(membership_goes_on,),
    ),
    # By the portal itself, the day after grace; a coordinator may do it then as well.
    Transition(
        "lapse",
        (R.DUE,),
        R.LAPSED,
        "joining.record_renewal",
        pgettext_lazy("renewal", "Record that it lapsed"),
        happened=pgettext_lazy("renewal", "Lapsed"),
        guards=(grace_is_over,),
    ),
    Transition(
        "leave",
        (R.DUE,),
        R.LEFT,
        "joining.leave",
        pgettext_lazy("renewal", "Leave the network"),
        happened=pgettext_lazy("renewal", "Left the network"),
        guards=(membership_goes_on,),
        needs_reason=True,
        grave=True,
    ),
    Transition(
        "bring_back",
        (R.LAPSED,),
        R.RENEWED,
        "joining.record_renewal",
        pgettext_lazy("renewal", "Renew after all"),
        happened=pgettext_lazy("renewal", "Renewed after it had lapsed"),
        guards=(is_no_member_again,),
    ),
    history="changes",
)
