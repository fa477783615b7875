"""Who may do what at a meeting. The network's coordinators organise; the host and a co-hosting member help."""

from typing import Any

import rules

from cmncp_portal.accounts.models import User
from cmncp_portal.accounts.rules import Person, is_administrator, is_reviewer, is_secretariat, is_university
from cmncp_portal.network.rules import municipality_ids_of, speaks_for_ids

from .models import ActionItem, Audience, Meeting, Registration


def meeting_of(thing: Any) -> Meeting:
    """Return the meeting that `thing` is, or belongs to."""
    return thing if isinstance(thing, Meeting) else thing.meeting


@rules.predicate
def works_for_host(user: Person, thing: Any) -> bool:
    host = meeting_of(thing).host_id
    return host is not None and host in municipality_ids_of(user)


@rules.predicate
def speaks_for_host(user: Person, thing: Any) -> bool:
    host = meeting_of(thing).host_id
    return host is not None and host in speaks_for_ids(user)


@rules.predicate
def works_for_co_host(user: Person, thing: Any) -> bool:
    co_host = meeting_of(thing).co_host_id
    return co_host is not None and co_host in municipality_ids_of(user)


@rules.predicate
def is_past_idea(user: Person, thing: Any) -> bool:
    return meeting_of(thing).state != Meeting.State.IDEA


@rules.predicate
def registered(user: Person, thing: Any) -> bool:
    """Whether the person has a place: asked once per request and meeting."""
    if not isinstance(user, User):
        return False
    meeting = meeting_of(thing)
    known: dict[int, bool] = user.__dict__.setdefault("_meetings_registered", {})
    if meeting.pk not in known:
        known[meeting.pk] = Registration.objects.registered().filter(meeting=meeting, email__iexact=user.email).exists()
    return known[meeting.pk]


def know_registered(user: User, meeting: Meeting, answer: bool) -> None:
    """Keep an `answer` that was read together with the meeting, so that `registered` does not ask for it again."""
    known: dict[int, bool] = getattr(user, "_meetings_registered", {})
    user._meetings_registered = known | {meeting.pk: answer}  # type: ignore[attr-defined]  # a request's user is lazy


@rules.predicate
def is_public(user: Person, thing: Any) -> bool:
    return meeting_of(thing).audience == Audience.PUBLIC


@rules.predicate
def is_signed_in(user: Person, thing: Any) -> bool:
    return bool(getattr(user, "is_authenticated", False))


@rules.predicate
def owns_action(user: Person, action: Any) -> bool:
    """The owner by address, or whoever speaks for the owner's municipality: the work outlives a person's leaving."""
    if not isinstance(action, ActionItem) or not isinstance(user, User):
        return False
    by_name = bool(action.owner_email) and action.owner_email.lower() == user.email.lower()
    return by_name or (action.municipality_id is not None and action.municipality_id in speaks_for_ids(user))


@rules.predicate
def speaks_for_the_delegate(user: Person, delegate: Any) -> bool:
    return delegate.municipality_id in speaks_for_ids(user)


helps = works_for_host | works_for_co_host

# Asked without a meeting, of roles alone.
rules.add_perm("meetings.know_all_audiences", is_secretariat | is_administrator | is_reviewer | is_university)
rules.add_perm("meetings.schedule", is_secretariat)

rules.add_perm("meetings.organise", is_secretariat)
rules.add_perm("meetings.keep_agenda", is_secretariat | is_past_idea & speaks_for_host)
rules.add_perm("meetings.keep_local", is_secretariat | is_past_idea & helps)
rules.add_perm("meetings.keep_materials", is_secretariat | is_past_idea & works_for_host)
rules.add_perm("meetings.see_preparation", is_secretariat | is_past_idea & helps)
rules.add_perm("meetings.read_poll", is_secretariat | is_past_idea & works_for_host)
rules.add_perm("meetings.register", is_public | is_signed_in)
rules.add_perm("meetings.see_registrations", is_secretariat | is_past_idea & speaks_for_host)
rules.add_perm("meetings.see_needs", is_secretariat | is_past_idea & speaks_for_host)
rules.add_perm("meetings.keep_registrations", is_secretariat)
rules.add_perm("meetings.take_attendance", is_secretariat | is_past_idea & works_for_host)
rules.add_perm("meetings.see_counts", is_secretariat | is_past_idea & helps | is_reviewer | is_university)
rules.add_perm("meetings.read_materials", registered | is_secretariat | helps | is_reviewer | is_university)
rules.add_perm("meetings.read_join_link", registered | is_secretariat | is_past_idea & helps)
rules.add_perm("meetings.write_notes", is_secretariat)
rules.add_perm("meetings.finish_action", is_secretariat | owns_action)
rules.add_perm("meetings.name_delegate", is_secretariat | speaks_for_the_delegate)
rules.add_perm("meetings.call_the_roll", is_secretariat)
rules.add_perm("meetings.see_delegates", is_secretariat | is_signed_in)
rules.add_perm("meetings.read_results", is_secretariat | is_reviewer | is_university | is_past_idea & works_for_host)
