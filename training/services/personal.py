"""What training holds about a person. Attainments and attendance stay counted; the learner loses her name, certificates too."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.keeping import LIMITS
from cmncp_portal.core.personal import About, Mentions, Obstacle, Part, Person, Removed, Signed
from cmncp_portal.core.places import LIVE
from cmncp_portal.core.workflow import TransitionRefused

from ..models import (
    Attainment,
    Certificate,
    Comment,
    CommentInvitee,
    Enrolment,
    EvidenceClaim,
    EvidenceClaimChange,
    Facilitator,
    Learner,
    Module,
    ModuleAuthor,
    ModuleChange,
    ModuleMaterial,
    Offering,
    OfferingChange,
    OfferingStateChange,
    Partner,
    SelfRating,
    StandardVersionChange,
)
from .enrolling import cancel_place
from .offerings_sweep import delete_needs

G, C = Offering.State, EvidenceClaim.State
LEARNER: dict[str, Any] = {"email": "learner__email", "entry": "learner__stakeholder", "account": "learner__user"}
MODULE = ("offering__module__title", _("module"))
PLACES = About(
    Enrolment,
    _("Trainings in which you were enrolled"),
    email="email",
    entry="stakeholder",
    name="name",
    empties=("title", "organisation", "answer_note", "dietary_needs", "access_needs"),
    sets={"wants_no_more": True},
    shows=(
        ("offering__reference", _("reference")),
        MODULE,
        "name",
        "title",
        "organisation",
        "email",
        "language",
        "municipality",
        "status",
        "asked_at",
        "answer_note",
        "dietary_needs",
        "access_needs",
        "attendance",
        "completed_at",
    ),
)
TEACHES = About(
    Facilitator,
    _("Trainings that you facilitated"),
    email="email",
    entry="stakeholder",
    name="name",
    empties=("organisation",),
    shows=(("offering__reference", _("reference")), MODULE, "name", "organisation", "email"),
)
CLAIMS = About(
    EvidenceClaim,
    _("Evidence that you showed"),
    **LEARNER,
    empties=("words", "url", "file", "filename", "answer"),
    shows=("level", "words", "url", ("filename", _("file")), "state", ("sent_at", _("sent at")), "answer"),
)


def _ahead(now: datetime) -> Q:
    return Q(offering__state__in=[G.PLANNED, G.OPEN], offering__ends_on__gte=timezone.localdate(now))


def _give_back(person: Person, now: datetime) -> int:
    """Places ahead are given back, so that the next on the waiting list comes in; nobody writes modules without a name."""
    for place in Enrolment.objects.filter(PLACES.hers(person), _ahead(now), status__in=LIVE).order_by("pk"):
        with suppress(TransitionRefused):  # over by the clock of the place: then there is nothing to give back
            cancel_place(place)
    ModuleAuthor.objects.filter(user__in=person.accounts, removed_at__isnull=True).update(removed_at=now)
    EvidenceClaim.objects.filter(CLAIMS.hers(person), state__in=[C.DRAFT, C.SENT, C.MORE_ASKED]).update(
        state=C.WITHDRAWN
    )
    return 0


def _expected(person: Person, now: datetime) -> list[Obstacle]:
    places = Enrolment.objects.filter(PLACES.hers(person), _ahead(now), status__in=LIVE)
    taught = Facilitator.objects.filter(TEACHES.hers(person), _ahead(now))
    runs = Q(state__in=[G.PLANNED, G.OPEN], organised_by__in=person.accounts)
    concerned = Q(pk__in=places.values("offering")) | Q(pk__in=taught.values("offering")) | runs
    said = gettext("Takes part in, facilitates or organises: %(offering)s.")
    offerings = Offering.objects.filter(concerned).select_related("module").order_by("pk")
    found = [Obstacle(said % {"offering": one}, one.get_absolute_url()) for one in offerings]
    said = gettext("Writes a module: %(module)s.")
    written = ModuleAuthor.objects.working(timezone.localdate(now)).filter(user__in=person.accounts)
    modules = Module.objects.filter(pk__in=written.values("module")).order_by("pk")
    return found + [
        Obstacle(said % {"module": one.title}, reverse("training:module", args=[one.slug])) for one in modules
    ]


def _expire(now: datetime) -> list[Removed]:
    limit = LIMITS["needs"]
    return [Removed("needs", limit.label, delete_needs(now), limit.first_day_kept(now))]


PART = Part(
    "training",
    _("Training"),
    about=(
        PLACES,
        About(
            SelfRating,
            _("How sure you said you are"),
            email="assessment__enrolment__email",
            entry="assessment__enrolment__stakeholder",
            account="assessment__enrolment__learner__user",
            shows=(
                ("assessment__enrolment__offering__module__title", _("module")),
                ("assessment__moment", _("moment")),
                ("value", _("how sure")),
            ),
        ),
        TEACHES,
        CLAIMS,
        About(
            Certificate,
            _("Your certificates"),
            **LEARNER,
            name="name",
            shows=(("title", _("for what")), "name", "code", "issued_on", "revoked_at", "revoke_reason"),
        ),
        About(
            Attainment,
            _("What you attained"),
            **LEARNER,
            shows=(
                ("standard_version", _("standard")),
                "level",
                "attained_on",
                ("revoke_reason", _("why it was revoked")),
            ),
        ),
        About(
            Comment,
            _("Your comments on standards"),
            email="email",
            entry="stakeholder",
            account="by",
            name="name",
            empties=("organisation",),
            shows=("words", "name", "organisation", "email", ("created_at", _("written at")), "verdict", "answer"),
            gives_names=False,
        ),
        About(
            CommentInvitee,
            _("Standards on which you were asked to comment"),
            email="email",
            name="name",
            empties=("organisation",),
            sets={"wants_no_more": True},
            shows=(("version", _("standard")), "name", "organisation", "email", ("invited_at", _("invited at"))),
        ),
        About(
            ModuleAuthor,
            _("Modules that you wrote"),
            account="user",
            shows=(("module__title", _("module")), "until_on"),
        ),
        About(
            Learner,
            _("You as somebody who learns"),
            email="email",
            entry="stakeholder",
            account="user",
            name="name",
            empties=("role",),
            shows=("name", "email", "language", "role", ("created_at", _("listed since"))),
        ),
    ),
    signed=(
        Signed(Enrolment, (("enrolled_by", "enrolled_by_name"),)),
        Signed(EvidenceClaim, (("answered_by", "answered_by_name"),)),
        Signed(EvidenceClaimChange),
        Signed(ModuleChange),
        Signed(OfferingChange),
        Signed(OfferingStateChange),
        Signed(StandardVersionChange),
    ),
    mentions=(
        Mentions(Attainment, ("revoke_reason",)),
        Mentions(Certificate, ("revoke_reason",)),
        Mentions(Comment, ("words", "answer")),
        Mentions(Enrolment, ("answer_note", "organisation")),
        Mentions(EvidenceClaim, ("words", "answer", "filename")),
        Mentions(EvidenceClaimChange, ("note",)),
        Mentions(Module, ("pilot_report", "one_language_reason")),
        Mentions(ModuleChange, ("note",)),
        Mentions(ModuleMaterial, ("title_en", "title_fr", "filename")),
        Mentions(Offering, ("venue", "address", "practical_en", "practical_fr")),
        Mentions(OfferingChange, ("text_en", "text_fr")),
        Mentions(OfferingStateChange, ("note",)),
        Mentions(Partner, ("contact",)),
        Mentions(StandardVersionChange, ("note",)),
    ),
    also_forget=_give_back,
    stands_in_the_way=_expected,
    expires=_expire,
)
