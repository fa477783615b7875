"""Announcing to many: who is told, once, even when the worker is killed half-way."""

from collections import Counter
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Membership, Stakeholder, Standing
from cmncp_portal.network.tests.factories import (
    make_membership,
    make_municipality,
    make_region,
    make_sector,
    make_stakeholder,
)
from cmncp_portal.notifications import mailings
from cmncp_portal.notifications.models import Message
from meetings import services
from meetings.models import Invitee, Meeting

from .factories import make_invitee, make_item, make_place, make_speaker
from .mailbag import kinds_to, to, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def emails(meeting: Meeting) -> list[str]:
    return sorted(i.email for i in services.audience_of(meeting))


@pytest.fixture
def network(saskatoon: Any, thunder_bay: Any) -> dict[str, Any]:
    """A general member in the region and one outside, an associate and somebody thinking of joining, each with people."""
    university = make_municipality("university", member=False, kind="organisation", province="SK")
    make_membership(university, kind=Membership.Kind.ASSOCIATE)
    soon = make_municipality("soon", member=False, province="AB")
    make_membership(soon, kind=Membership.Kind.PROSPECTIVE)
    for place, standing, email in (
        (saskatoon, Standing.REPRESENTATIVE, "rep@saskatoon.example"),
        (saskatoon, Standing.LEADER, "mayor@saskatoon.example"),
        (saskatoon, Standing.PARTNER, "partner@saskatoon.example"),
        (saskatoon, Standing.STAFF, ""),
        (thunder_bay, Standing.REPRESENTATIVE, "rep@thunderbay.example"),
        (university, Standing.REPRESENTATIVE, "rep@university.example"),
        (soon, Standing.REPRESENTATIVE, "rep@soon.example"),
    ):
        make_stakeholder(place, standing=standing, email=email, language="en")
    return {"university": university}


def test_a_regional_meeting_is_announced_to_its_region_and_its_hosts(network: Any, meeting: Any, helen: Any) -> None:
    assert emails(meeting("scheduled", audience="members")) == [
        "helen@winnipeg.example",
        "mayor@saskatoon.example",
        "rep@saskatoon.example",
    ]
    assert emails(meeting("scheduled", audience="associates")) == [
        "helen@winnipeg.example",
        "mayor@saskatoon.example",
        "rep@saskatoon.example",
        "rep@university.example",
    ]


def test_a_national_meeting_is_announced_to_all_of_its_classes(network: Any, meeting: Any) -> None:
    there = meeting("scheduled", national=True, host=None, audience="members")
    assert emails(there) == ["mayor@saskatoon.example", "rep@saskatoon.example", "rep@thunderbay.example"]
    assert emails(meeting("scheduled", national=True, host=None, audience="invited")) == []


def test_who_was_asked_before_is_told_and_who_wants_no_letters_is_not(network: Any, meeting: Any) -> None:
    there = meeting("scheduled", audience="invited")
    make_invitee(there, "asked@place.example")
    make_invitee(there, "silent@place.example", wants_no_more=True)
    assert emails(there) == ["asked@place.example"]


def test_people_read_in_the_language_of_their_account(meeting: Any, luc: Any, helen: Any) -> None:
    there = meeting("scheduled", national=True, audience="members")
    Stakeholder.objects.filter(user=luc).update(language="en")
    languages = services.announcing.languages_of(services.audience_of(there))
    assert languages == Counter({"en": 1, "fr": 1})


def test_announcing_publishes_and_writes_to_each_once(network: Any, meeting: Any, priya: Any, helen: Any) -> None:
    there = meeting("scheduled")
    mailing = services.announce(there, by=priya, seen=there.version)
    assert Meeting.objects.visible_to(helen).filter(pk=there.pk, state="announced").exists()
    assert written() == [m for m in written() if m.kind == "meetings.invitation"]
    assert to("invitation") == [
        "helen@winnipeg.example",
        "mayor@saskatoon.example",
        "rep@saskatoon.example",
        "rep@university.example",
    ]
    invitee = Invitee.objects.get(email="helen@winnipeg.example")
    [hers] = [m.text for m in written("invitation") if m.to_email == "helen@winnipeg.example"]
    assert f"/en/meetings/invitation/{invitee.token}/" in hers
    [progress] = mailings.progress_of(f"meetings.invitation:{there.pk}")
    assert (progress.mailing, progress.total, progress.written, progress.is_over) == (mailing, 4, 4, True)
    with pytest.raises(TransitionRefused) as refused:
        services.announce(there, by=priya, seen=there.version)
    assert refused.value.done_already
    assert len(to("invitation")) == 4


def test_what_is_missing_is_said_and_nothing_is_sent(meeting: Any, priya: Any, helen: Any) -> None:
    there = meeting("scheduled", summary_fr="")
    with pytest.raises(TransitionRefused, match="both languages"):
        services.announce(there, by=priya, seen=1)
    there = meeting("scheduled")
    item = make_item(there, title_en="Keynote", title_fr="Conférence", kind="keynote")
    with pytest.raises(TransitionRefused, match="no speaker"):
        services.announce(there, by=priya, seen=1)
    make_speaker(item)
    services.announce(there, by=priya, seen=1)
    assert to("invitation") == ["helen@winnipeg.example"]


def test_only_the_network_announces_what_it_has_read(meeting: Any, priya: Any, helen: Any) -> None:
    there = meeting("scheduled")
    with pytest.raises(PermissionDenied):
        services.announce(there, by=helen, seen=there.version)
    with pytest.raises(TransitionRefused, match="look at it again"):
        services.announce(there, by=priya, seen=there.version + 1)
    assert Meeting.objects.get(pk=there.pk).published_at is None


def test_more_people_are_invited_and_the_others_hear_nothing(meeting: Any, priya: Any) -> None:
    there = meeting()
    make_invitee(there, "old@place.example", invited_at=there.published_at)
    make_place(there, "coming@place.example")
    new = [Invitee(name=n, email=f"{n}@place.example", language="en") for n in ("old", "coming", "new")]
    services.invite(there, people=new, by=priya)
    assert to("invitation") == ["new@place.example"]
    assert services.invite(there, people=new, by=priya) is None


def test_saying_no_and_changing_ones_mind(meeting: Any) -> None:
    there = meeting()
    invitee = make_invitee(there, "guest@place.example", invited_at=there.published_at)
    services.decline_invitation(invitee, word="On leave.")
    assert Invitee.objects.get(pk=invitee.pk).decline_note == "On leave."
    make_place(there, "guest@place.example")
    with pytest.raises(TransitionRefused):
        services.decline_invitation(invitee)


@pytest.fixture
def five_hundred(db: None) -> int:
    """Five hundred people in fifty municipalities of the region, one in five reading French."""
    sector = make_sector()
    make_region()
    places = [make_municipality(f"big-{n}", province="MB") for n in range(50)]
    Stakeholder.objects.bulk_create(
        Stakeholder(
            municipality=places[n % 50],
            name=f"Person {n}",
            email=f"p{n}@big.example",
            language="fr" if n % 5 == 0 else "en",
            standing=Standing.STAFF,
            sector=sector,
        )
        for n in range(500)
    )
    return 500


def test_five_hundred_are_announced_to_in_constant_queries_and_survive_a_killed_worker(
    five_hundred: int, meeting: Any, priya: Any, monkeypatch: Any, django_assert_max_num_queries: Any
) -> None:
    there = meeting("scheduled", host=None, national=True)
    assert priya.has_perm("meetings.organise", there)  # what a request has asked before
    with django_assert_max_num_queries(30):
        mailing = services.announce(there, by=priya, seen=there.version)
    assert Message.objects.count() == 0

    whole, batches = mailings._write_some, []

    def killed(pk: int) -> int | None:
        if len(batches) == 2:
            raise SystemExit  # the worker is killed in its third batch
        batches.append(1)
        return whole(pk)

    monkeypatch.setattr(mailings, "_write_some", killed)
    with pytest.raises(SystemExit):
        mailings.write(mailing.pk)
    [half] = mailings.progress_of(f"meetings.invitation:{there.pk}")
    assert (half.total, half.written, half.is_over) == (500, 200, False)
    assert Message.objects.count() == 200

    monkeypatch.setattr(mailings, "_write_some", whole)
    with django_assert_max_num_queries(80):
        assert mailings.sweep() == 300
    assert mailings.sweep() == 0
    [whole_one] = mailings.progress_of(f"meetings.invitation:{there.pk}")
    assert (whole_one.written, whole_one.is_over) == (500, True)
    assert Message.objects.values("to_email").distinct().count() == Message.objects.count() == 500
    assert Message.objects.filter(language="fr").count() == 100


def test_a_cancelled_meeting_stops_the_announcement_that_is_under_way(
    five_hundred: int, meeting: Any, priya: Any
) -> None:
    there = meeting("scheduled", host=None, national=True)
    mailing = services.announce(there, by=priya, seen=there.version)
    mailings._write_some(mailing.pk)
    services.cancel(there, by=priya, note="No room is free.")
    assert set(kinds_to("p0@big.example")) == {"cancelled"}  # the invitation that waited was taken back
    assert to("invitation") == []
    assert len(to("cancelled")) == 500
