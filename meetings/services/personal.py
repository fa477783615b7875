"""What meetings hold about a person. Attendance stays counted; minutes of assemblies stay as they were adopted."""

from contextlib import suppress
from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.keeping import LIMITS
from cmncp_portal.core.personal import About, Mentions, Obstacle, Part, Person, Removed, Signed
from cmncp_portal.core.places import LIVE
from cmncp_portal.core.workflow import TransitionRefused

from ..models import (
    ActionItem,
    AgendaItem,
    Delegate,
    Invitee,
    Material,
    Meeting,
    MeetingChange,
    MeetingStateChange,
    Registration,
    Speaker,
)
from .forgetting import AHEAD
from .registering import cancel_place
from .sweeping import delete_needs

PLACES = About(
    Registration,
    _("Meetings for which you were registered"),
    email="email",
    entry="stakeholder",
    name="name",
    empties=("title", "organisation", "answer_note", "dietary_needs", "access_needs"),
    sets={"wants_no_more": True},
    shows=(
        ("meeting__title", _("meeting")),
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
        "attends",
        "attendance",
    ),
)
ACTIONS = About(
    ActionItem,
    _("What you were to do after meetings"),
    email="owner_email",
    entry="stakeholder",
    name="owner_name",
    is_hers_alone=False,
    shows=(
        ("meeting__title", _("meeting")),
        "text_en",
        "text_fr",
        "owner_name",
        "owner_email",
        "due_on",
        ("done_at", _("done at")),
        "done_note",
    ),
)


def _ahead(now: datetime) -> Q:
    """Meetings that are still to come; `finishes` is in the zone of each, a day is near enough here."""
    return Q(meeting__state__in=AHEAD) & (
        Q(meeting__ends_on__isnull=True) | Q(meeting__ends_on__gte=timezone.localdate(now))
    )


def _give_back(person: Person, now: datetime) -> int:
    """Places ahead are given back, so that the next on the waiting list comes in."""
    for place in Registration.objects.filter(PLACES.hers(person), _ahead(now), status__in=LIVE).order_by("pk"):
        with suppress(TransitionRefused):  # over by the clock of the place: then there is nothing to give back
            cancel_place(place)
    return 0


def _expected(person: Person, now: datetime) -> list[Obstacle]:
    found: dict[int, Obstacle] = {}
    places = Registration.objects.filter(PLACES.hers(person), _ahead(now), status__in=LIVE)
    delegates = Delegate.objects.filter(_ahead(now), stakeholder__in=person.entries)
    meetings = Meeting.objects.filter(Q(registrations__in=places) | Q(delegates__in=delegates)).distinct()
    organised = Meeting.objects.filter(organised_by__in=person.accounts, state__in=AHEAD)
    for one in (meetings, organised):
        for meeting in one:
            said = gettext("Is expected at, or organises: %(meeting)s.") % {"meeting": meeting.title}
            found[meeting.pk] = Obstacle(said, meeting.get_absolute_url())
    open_items = ActionItem.objects.filter(ACTIONS.hers(person), done_at__isnull=True, dropped_at__isnull=True)
    said = gettext("Was to do something after a meeting, and it is open: “%(text)s”.")
    actions = [
        Obstacle(said % {"text": one.text}, one.meeting.get_absolute_url())
        for one in open_items.select_related("meeting")
    ]
    return [*found.values(), *actions]


def _expire(now: datetime) -> list[Removed]:
    limit = LIMITS["needs"]
    return [Removed("needs", limit.label, delete_needs(now), limit.first_day_kept(now))]


PART = Part(
    "meetings",
    _("Meetings"),
    about=(
        PLACES,
        About(
            Invitee,
            _("Meetings to which you were invited"),
            email="email",
            entry="stakeholder",
            name="name",
            empties=("dates_note", "decline_note"),
            sets={"wants_no_more": True},
            shows=(
                ("meeting__title", _("meeting")),
                "name",
                "email",
                "municipality",
                ("invited_at", _("invited at")),
                ("dates_answered_at", _("answered about the dates at")),
                "dates_note",
                ("declined_at", _("declined at")),
                "decline_note",
            ),
        ),
        About(
            Speaker,
            _("Sessions in which you spoke"),
            email="email",
            entry="stakeholder",
            name="name",
            empties=("title", "organisation"),
            shows=(
                ("item__meeting__title", _("meeting")),
                ("item__title", _("session")),
                "role",
                "name",
                "title",
                "organisation",
                "email",
            ),
        ),
        ACTIONS,
    ),
    signed=(
        Signed(MeetingStateChange),
        Signed(MeetingChange),
        Signed(Registration, (("registered_by", "registered_by_name"),)),
        Signed(ActionItem, (("", "done_by_name"),)),
    ),
    mentions=(
        Mentions(
            Meeting, ("summary_en", "summary_fr", "venue", "address", "local_en", "local_fr", "local_contact", "source")
        ),
        Mentions(MeetingStateChange, ("note",)),
        Mentions(MeetingChange, ("text_en", "text_fr")),
        Mentions(AgendaItem, ("title_en", "title_fr", "abstract_en", "abstract_fr", "room")),
        Mentions(Material, ("title_en", "title_fr", "filename")),
        Mentions(ActionItem, ("text_en", "text_fr", "done_note")),
        Mentions(Registration, ("answer_note", "organisation")),
        Mentions(Invitee, ("dates_note", "decline_note")),
    ),
    also_forget=_give_back,
    stands_in_the_way=_expected,
    expires=_expire,
)
