"""Two meetings lived through in a browser: from the question about dates to the evaluation, and one that is called off.

As in test_journeys.py, worker and beat are real, and what arrives by mail is compared word for word.
"""

import os
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from celery import Celery
from django.urls import reverse
from django.utils import translation

from cmncp_portal.network.models import Municipality, Region, Standing
from cmncp_portal.network.tests.factories import make_representative, make_stakeholder, make_user
from cmncp_portal.notifications import tasks
from cmncp_portal.testing.sink import Sink
from meetings.models import ActionItem, Meeting, Registration
from meetings.services import sweeping
from meetings.services.general import prepare_delegates
from meetings.tests.factories import (
    make_action,
    make_invitee,
    make_item,
    make_meeting,
    make_place,
    make_slot,
    make_speaker,
)

from . import test_journeys as usual
from .journeys import gatherings
from .journeys.acts import evaluate
from .journeys.eyes import Eyes
from .journeys.gatherings import Gathering, GatheringPost, Organiser, Somebody, not_seen, order_of, take_place_on
from .journeys.people import PHONE
from .journeys.post import line_of
from .test_journeys import ahead

pytestmark = usual.pytestmark
at_a_browser, carried, eyes, network, sink = (
    usual.at_a_browser, usual.carried, usual.eyes, usual.network, usual.sink
)  # fmt: skip

PRIYA, NADIA, ROSA = "priya@network.example", "nadia@winnipeg.example", "rosa@saskatoon.example"
GUS, TOM, VAL, ANN = "gus@partner.example", "tom@saskatoon.example", "val@street.example", "ann@university.example"
ODILE = "odile@network.example"
MIREILLE = ("Mireille Valdargent", "mireille@montreal.example", "Conseillère de la ville")
THIERRY = ("Thierry Grandlac", "thierry@montreal.example", "Conseiller en développement")
JOIN_LINK = "https://video.example/quebec"
PDF = "application/pdf"
IN_FRENCH = {
    "title_en": "Rencontre d’hiver", "title_fr": "Rencontre d’hiver", "summary_en": "Ce qui fonctionne.",
    "summary_fr": "Ce qui fonctionne.", "venue": "Hôtel de ville", "address": "510, rue Principale",
}  # fmt: skip
TO_DO = ("Share the plan with all members.", "Transmettre le plan à tous les membres.")


@pytest.fixture
def written(carried: Sink, monkeypatch: Any) -> Sink:
    """As `carried`; letters to many are written by the worker as well."""
    url = os.environ["REDIS_URL"].replace("unix://", "redis+socket://", 1)
    app = Celery("letters to many", broker=url, set_as_current=False)
    give = lambda args, **_options: app.send_task("notifications.write_mailing", args)  # noqa: E731
    monkeypatch.setattr(tasks.write_mailing, "apply_async", give)
    return carried


# ---- one meeting, whole ----------------------------------------------------------------------------------------------


def test_the_prairies_meet_in_winnipeg(
    network: dict[str, Municipality], eyes: Eyes, written: Sink, at_a_browser: Callable[..., Any], new_context: Any
) -> None:
    story = gatherings.the_prairies_meet()
    post = post_of(written, eyes, "prairies-winnipeg", story)
    make_user(PRIYA, name="Priya Nair", roles=("coordinator",))
    make_representative(network["winnipeg"], NADIA, name="Nadia Redriver", time_zone="America/Winnipeg")
    make_representative(network["saskatoon"], ROSA, name="Rosa Morin", time_zone="America/Regina")
    priya, nadia, rosa = (at_a_browser(Organiser, "en", email) for email in (PRIYA, NADIA, ROSA))
    gus, tom = (at_a_browser(Somebody, "en") for _who in "gt")

    meeting = priya.signs_in().begins(story, "Prairies", "Winnipeg")
    asked = members_are_asked(priya, meeting, story, post)
    nadia.opens(post.link(asked[NADIA]))
    nadia.answers_about_dates("yes", "yes", "no", note="Council meets in the third week.")
    gus.opens(post.link(asked[GUS]))
    gus.answers_about_dates("if_need_be", "yes", "yes")
    the_date_is_fixed(priya, meeting, story)
    post.arrives("02 date fixed", [NADIA, ROSA, GUS])

    the_programme_is_made(priya, meeting, story)
    the_host_writes_local_information(nadia.signs_in(), meeting)
    invited = the_meeting_is_announced(priya, meeting, post)
    rosa.signs_in()
    rosa.comes_to("meeting", meeting)
    rosa.follows("Register")
    assert rosa.registers(("Tom Birch", TOM)) == ["Registered", "Registered"]
    placed = post.arrives("04 registered", [ROSA, TOM])
    waits = two_have_to_wait(meeting, gus, invited, post, Eyes(eyes.site), new_context)

    tom.opens(post.link(of(placed, TOM)))
    tom.gives_the_place_back("I am ill.")
    moved_up = post.arrives("06 a place is free", [TOM, GUS])
    gus.opens(post.link(of(moved_up, GUS)))
    uid = line_of(of(moved_up, GUS), "UID")
    assert uid == line_of(of(placed, ROSA), "UID")
    assert f"UID:{uid}" in gus.fetches_behind("For my calendar (.ics)", "text/calendar; charset=utf-8").decode()
    the_date_moves(priya, meeting, story, post, of(placed, ROSA))

    take_place_on(meeting, -4, -3)
    Meeting.objects.filter(pk=meeting.pk).update(registration_closes_on=None)
    the_meeting_was_held(priya, meeting)
    what_came_of_it(priya, meeting, post, at_a_browser(Somebody, "en"))
    it_is_evaluated(gus, priya, meeting, post, waits)
    a_coordinator_sees_the_rest(priya, meeting, network)
    assert not_seen(eyes, "en") == set()
    eyes.report()


def post_of(sink: Sink, eyes: Eyes, name: str, story: Gathering) -> GatheringPost:
    days = {f"date {number}": span for number, span in enumerate(story.slots, start=1)}
    days |= {"moved to": story.moved, "when it was held": (ahead(-4), ahead(-3)), "done by": ahead(60)}
    days |= {"answers about dates": ahead(20), "evaluation due": ahead(14), "evaluation closes": ahead(45)}
    return GatheringPost(sink, eyes.site, name, days)


def of(letters: list[Any], email: str) -> Any:
    return {mail["X-RcptTo"]: mail for mail in letters}[email]


def members_are_asked(priya: Organiser, meeting: Meeting, story: Gathering, post: GatheringPost) -> dict[str, Any]:
    """Three dates, the members of the region and somebody from outside; the letter is read before it leaves."""
    priya.comes_to("slots", meeting)
    priya.proposes_dates(story.slots, ahead(20))
    priya.comes_to("poll_people", meeting)
    priya.writes(groups="region", outsiders=f"Gus Aspen, {GUS}, en")
    priya.presses("Add them to the list")
    priya.follows("Back to the dates")
    priya.presses("Ask for dates")
    letters = post.arrives("01 asked for dates", [NADIA, ROSA, GUS])
    return {mail["X-RcptTo"]: mail for mail in letters}


def the_date_is_fixed(priya: Organiser, meeting: Meeting, story: Gathering) -> None:
    """From the answers: the host can on two dates, and one of them suits everybody who answered."""
    priya.comes_to("poll", meeting)
    priya.reads("2 of 3 have answered.", "must be able to come", "Council meets in the third week.")
    priya.comes_to("prepare", meeting)
    priya.comes_to("poll", meeting)
    priya.follows("Fix the date")
    priya.presses("Fix the date")
    meeting.refresh_from_db()
    assert (meeting.state, meeting.starts_on, meeting.ends_on) == ("scheduled", *story.slots[1])


def the_programme_is_made(priya: Organiser, meeting: Meeting, story: Gathering) -> None:
    """Details, two places, two sessions at the same time: the second is put first from the keyboard."""
    priya.comes_to("edit", meeting)
    priya.writes(summary_en=story.summary_en, summary_fr=story.summary_fr, venue=story.venue, address=story.address)
    priya.writes(languages="en", audience="public", capacity=2, registration_closes_on=story.slots[1][0])
    priya.presses("Save")
    priya.comes_to("agenda", meeting)
    for session in story.sessions:
        priya.adds(session)
    priya.moves_down_by_keyboard(story.sessions[1])
    assert order_of(meeting) == [story.sessions[2].title_en, story.sessions[1].title_en]
    priya.follows(story.sessions[1].title_en)


def the_host_writes_local_information(nadia: Organiser, meeting: Meeting) -> None:
    nadia.comes_to("prepare", meeting)
    nadia.follows("Local information")
    nadia.writes(local_en="Parking behind the building.", local_fr="Stationnement derrière l’édifice.")
    nadia.writes(local_contact="Nadia Redriver, 204 555-0142")
    nadia.presses("Save")
    assert nadia.told() == ["The local information is saved."]


def the_meeting_is_announced(priya: Organiser, meeting: Meeting, post: GatheringPost) -> list[Any]:
    priya.comes_to("prepare", meeting)
    priya.follows("Announce the meeting")
    priya.reads("3 people will receive this")
    priya.announces()
    letters = post.arrives("03 invitation", [NADIA, ROSA, GUS])
    priya.sees_all_sent(3)
    return letters


def two_have_to_wait(
    meeting: Meeting, gus: Somebody, invited: list[Any], post: GatheringPost, blind: Eyes, new_context: Any
) -> list[Any]:
    """All places are taken: Gus, by his link, and a passer-by whose browser runs no script, from the public pages."""
    gus.opens(post.link(of(invited, GUS)))
    gus.reads("All places are taken at present.")
    gus.says_yes(dietary_needs="No nuts")
    gus.follows("To my place at the meeting")
    gus.reads("On the waiting list")
    blind.can_run = False
    val = Somebody(new_context(java_script_enabled=False), blind, "en", VAL)
    val.opens("/en/meetings/")
    val.follows(meeting.title_en)
    val.follows("Register")
    val.registers(name="Val Passerby", email=VAL, organisation="Street Church")
    val.reads("Val Passerby", VAL)  # without an account the place is said in the letter only
    blind.report()
    return post.arrives("05 on the waiting list", [GUS, VAL])


def the_date_moves(priya: Organiser, meeting: Meeting, story: Gathering, post: GatheringPost, before: Any) -> None:
    """One letter each; who is registered gets the event anew, under its old number."""
    priya.comes_to("change", meeting)
    priya.moves_it(story.moved, "The Council Chamber is taken.", told=5)
    letters = post.arrives("07 moved", [ROSA, GUS, VAL, NADIA, ANN])
    assert {line_of(of(letters, email), "UID") for email in (ROSA, GUS)} == {line_of(before, "UID")}
    was, now = line_of(before, "SEQUENCE"), {line_of(of(letters, email), "SEQUENCE") for email in (ROSA, GUS)}
    assert now == {str(int(was) + 1)}


def the_meeting_was_held(priya: Organiser, meeting: Meeting) -> None:
    priya.comes_to("attendance", meeting)
    priya.notes_who_came(Rosa="present", Gus="present")
    priya.presses("Record that it took place")
    assert Meeting.objects.get().state == "held"
    for page in ("counts", "materials"):
        priya.comes_to(page, meeting)


def what_came_of_it(priya: Organiser, meeting: Meeting, post: GatheringPost, owner: Somebody) -> None:
    """Notes, a decision, and something to do for Rosa, who says from her letter that it is done."""
    priya.comes_to("notes", meeting)
    priya.writes_down(
        ("## Talks\n\n- Evenings", "## Exposés\n\n- Soirées"), ("Meet every year.", "Se réunir chaque année.")
    )
    priya.gives_to_do(TO_DO, "Rosa Morin, Saskatoon", ahead(60))
    priya.presses("Publish the notes")
    letters = post.arrives("08 notes", [ROSA, ROSA, GUS])
    owner.opens(post.link(next(mail for mail in letters if mail["X-CMNCP-Kind"] == "meetings.action_given")))
    owner.writes(note="Sent to everyone on Monday.")
    owner.presses("It is done")
    assert owner.told() == ["Noted as done. Thank you."]
    priya.comes_to("meeting", meeting)
    priya.reads("Meet every year.", TO_DO[0])


def it_is_evaluated(gus: Somebody, priya: Organiser, meeting: Meeting, post: GatheringPost, waits: list[Any]) -> None:
    """Who came is asked, and nobody else; certificate, programme and badges are on paper."""
    assert sweeping.follow_up() == 1
    asked = post.arrives("09 evaluation", [ROSA, GUS])
    gus.opens(post.link(of(asked, GUS)))
    evaluate(gus, {"usefulness": 5, "contribution": "An evening for young people"})
    gus.opens(post.link(of(waits, GUS)))
    assert gus.fetches_behind("Certificate of attendance (PDF)", PDF).startswith(b"%PDF-")
    assert gus.fetches_behind("Programme to print (PDF)", PDF).startswith(b"%PDF-")
    priya.comes_to("results", meeting)
    priya.reads("An evening for young people")
    priya.comes_to("agenda", meeting)
    assert priya.fetches_behind("Badges, eight on a page (PDF)", PDF).startswith(b"%PDF-")


def a_coordinator_sees_the_rest(person: Organiser, meeting: Meeting, network: dict[str, Municipality]) -> None:
    """The pages to which nobody in the story came, in their everyday state."""
    place, action = Registration.objects.filter(meeting=meeting).first(), ActionItem.objects.get()
    for page in ("hosts", "past", "lost_link"):
        person.opens(person.address(page))
    person.comes_to("programme", meeting)
    person.comes_to("registrations", meeting)
    person.comes_to("registration_move", meeting, place.pk, "edit")
    person.comes_to("action_move", meeting, action.pk, "edit")
    ActionItem.objects.filter(pk=action.pk).update(municipality=network["winnipeg"])
    person.comes_to("commit", meeting, action.pk)
    votes = with_votes(network)
    person.comes_to("general_meeting", votes)
    person.comes_to("delegate", votes, votes.delegates.first().pk)
    person.comes_to("motion", votes)


def with_votes(network: dict[str, Municipality]) -> Meeting:
    """A national meeting of today and tomorrow, with the annual general meeting."""
    titles = {"title_en": "National meeting", "title_fr": "Rencontre nationale"}
    meeting = make_meeting(national=True, is_general_meeting=True, quorum=2, host=network["ottawa"], **titles)
    take_place_on(meeting, 1, 2)
    prepare_delegates(meeting)
    take_place_on(meeting, 0, 1)
    return meeting


# ---- in French, on a telephone ---------------------------------------------------------------------------------------


def test_le_quebec_se_rencontre(
    network: dict[str, Municipality], eyes: Eyes, written: Sink, at_a_browser: Callable[..., Any]
) -> None:
    """Announced, followed online, postponed, called off: whoever is invited has no account and holds a telephone."""
    story = gatherings.le_quebec_se_rencontre()
    eyes.all_french = True
    post = post_of(written, eyes, "le-quebec-se-rencontre", story)
    make_user(ODILE, name="Odile Beaulac", roles=("coordinator",), language="fr")
    for name, email, title in (MIREILLE, THIERRY):
        make_stakeholder(
            network["montreal"], name=name, email=email, title=title, language="fr", standing=Standing.DEPUTY
        )
    odile = at_a_browser(Organiser, "fr", ODILE)
    mireille, thierry = (at_a_browser(Somebody, "fr", viewport=PHONE, has_touch=True) for _who in "mt")
    meeting = being_prepared(story, network)

    odile.signs_in().comes_to("announce", meeting)
    odile.announces()
    invited = post.arrives("01 invitation", [MIREILLE[1], THIERRY[1]])
    odile.sees_all_sent(2)
    mireille.opens(post.link(of(invited, MIREILLE[1])))
    mireille.says_yes(attends="online", access_needs="Texte des exposés")
    mireille.follows("To my place at the meeting")
    placed = post.arrives("02 registered", [MIREILLE[1]])
    she_prepares(mireille, meeting, post.link(placed[0]), story)
    he_lost_the_letter(thierry, post)
    odile.comes_to("registrations", meeting)
    odile.unfolds("What the person needs")
    odile.reads("Texte des exposés, en gros caractères")
    odile.comes_to("registration_move", meeting, Registration.objects.get().pk, "edit")
    odile.comes_to("change", meeting)

    odile.comes_to("prepare", meeting)
    odile.calls_off("postpone", "La salle est inondée.")
    post.arrives("04 postponed", [MIREILLE[1]])
    mireille.opens(post.link(placed[0]))
    assert JOIN_LINK not in mireille.page.content()
    odile.comes_to("prepare", meeting)
    odile.calls_off("cancel", "Aucune autre salle n’est libre.")
    post.arrives("05 cancelled", [MIREILLE[1]])
    mireille.opens(post.link(placed[0]))

    the_past_is_written_down(odile, mireille)
    the_general_meeting_votes(odile, with_votes(network))
    une_coordonnatrice_voit_le_reste(odile, meeting, network)
    assert not_seen(eyes, "fr") == set()
    eyes.report()


def being_prepared(story: Gathering, network: dict[str, Municipality]) -> Meeting:
    """A meeting of the region, in person and online, ready to be announced."""
    first, last = story.slots[0]
    meeting = make_meeting(
        "scheduled", slug=f"quebec-meets-{first.year}", region=Region.objects.get(slug="quebec"), host=network["quebec"],
        title_en=story.title_en, title_fr=story.title_fr, summary_en=story.summary_en, summary_fr=story.summary_fr,
        starts_on=first, ends_on=last, mode="hybrid", join_link=JOIN_LINK, captions="yes", venue=story.venue,
        address=story.address, audience="public", capacity=30, time_zone="America/Toronto", local_en="Lift at the back.",
        local_fr="Ascenseur à l’arrière.",
    )  # fmt: skip
    item = make_item(meeting, title_en="Neighbourhoods", title_fr="Quartiers", kind="plenary", language="fr")
    make_speaker(item, "Lise Bellerive")
    return meeting


def she_prepares(mireille: Somebody, meeting: Meeting, link: str, story: Gathering) -> None:
    """Her needs, the programme, the link to take part online: on her own page, and nowhere else."""
    mireille.opens(link)
    assert mireille.page.locator("[name=dietary_needs]").count() == 0  # nobody eats online
    mireille.writes(access_needs="Texte des exposés, en gros caractères")
    mireille.presses("Save")
    assert mireille.told() == [mireille.word("Saved. Only the organisers read it.")]
    mireille.reads("Quartiers", "Lise Bellerive", "Ascenseur à l’arrière.")
    assert mireille.page.locator(f"a[href='{JOIN_LINK}']").count() == 1
    mireille.opens(mireille.address("list"))
    mireille.follows(story.title_fr)
    mireille.reads("Quartiers", story.venue)
    assert JOIN_LINK not in mireille.page.content()
    mireille.follows("Programme to print")
    mireille.reads("Quartiers")
    mireille.comes_to("register", meeting)


def he_lost_the_letter(thierry: Somebody, post: GatheringPost) -> None:
    """He gets it again, and finds that it was meant for somebody else."""
    thierry.opens(thierry.address("lost_link"))
    thierry.writes(email=THIERRY[1])
    thierry.presses("Send the link")
    again = post.arrives("03 invitation again", [THIERRY[1]])
    thierry.opens(post.link(again[0]))
    thierry.unfolds("Not me")
    thierry.presses("Not me")
    thierry.opens(thierry.address("lost_link"))


def the_past_is_written_down(odile: Organiser, mireille: Somebody) -> None:
    """A coordinator records a meeting of long ago; the public map of hosts shows it."""
    odile.opens(odile.address("past"))
    odile.writes(
        kind="national", title_en="Halifax 2019", title_fr="Halifax 2019", starts_on=date(2019, 5, 3),
        source="Rapport annuel 2019", attended_count=42,
    )  # fmt: skip
    odile.page.locator("[name=host]").select_option(label="Halifax")
    odile.presses("Save")
    assert odile.is_at() == "meetings:meeting"
    odile.reads("Halifax 2019", "Rapport annuel 2019")
    mireille.opens(mireille.address("hosts"))
    mireille.reads("Halifax")


def the_general_meeting_votes(odile: Organiser, meeting: Meeting) -> None:
    odile.comes_to("general_meeting", meeting)
    odile.names_a_delegate("Montréal", "Mireille Valdargent")
    odile.names_a_delegate("Ottawa", "Paul Rideau")
    odile.calls_the_roll("Montréal", "Ottawa")
    odile.records_a_motion(
        ("Meet twice a year.", "Se réunir deux fois par an."), "Paul Rideau", "Mireille Valdargent", ["for", "for"]
    )
    odile.reads("Se réunir deux fois par an.")
    motion = meeting.motions.get()
    assert (motion.present_count, motion.had_quorum, motion.votes.count()) == (2, True, 2)


def une_coordonnatrice_voit_le_reste(odile: Organiser, meeting: Meeting, network: dict[str, Municipality]) -> None:
    """The pages to which nobody in the story came: of a meeting that is only an idea, and of one that was held."""
    odile.opens(odile.address("new"))
    odile.comes_to("edit", meeting)
    idea = make_meeting("idea", host=network["winnipeg"], poll_closes_on=ahead(20), **IN_FRENCH)
    for days in (70, 77, 84):
        make_slot(idea, ahead(days))
    make_invitee(idea, is_asked_for_dates=True)
    for page in ("edit", "local", "poll", "slots", "poll_people", "fix_date", "agenda", "item_add"):
        odile.comes_to(page, idea)
    odile.comes_to("item_edit", idea, make_item(idea, title_en="Ouverture", title_fr="Ouverture").pk)
    held = make_meeting("held", host=network["winnipeg"], **IN_FRENCH)
    take_place_on(held, -4, -3)
    make_place(held, attendance="present")
    action = make_action(held, text_en=TO_DO[1], text_fr=TO_DO[1], municipality=network["winnipeg"])
    for page in ("attendance", "counts", "materials", "notes", "results"):
        odile.comes_to(page, held)
    odile.comes_to("action_move", held, action.pk, "edit")
    odile.comes_to("commit", held, action.pk)
    with translation.override("fr"):
        odile.opens(reverse("meetings:action", args=[action.token]))
