"""The pages about dates: the list, one offering, enrolling, planning, changing, the list of people, attendance, results."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cmncp_portal.core.places import Status
from cmncp_portal.evaluation.tests.factories import make_questionnaire, make_response, make_survey
from cmncp_portal.testing.pages import as_sent, said, text_of
from training.models import Enrolment, Offering, OfferingSurvey
from training.selectors.results import self_assessments
from training.services.self_assessing import assess_oneself

from .factories import make_enrolment, make_learner, make_module, make_offering, make_version
from .offering_screens import address, came, errors_of, held, noted, to, words_of

pytestmark = pytest.mark.django_db
EVENING = datetime(2027, 4, 15, 22, 0, tzinfo=UTC)


def queries(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200
    return len(found)


# --- the list


def test_the_list_and_its_filters(clock: Any, client: Any, winnipeg: Any, gatineau: Any) -> None:
    here = make_offering(host=winnipeg, capacity=1)
    make_enrolment(here, "a@x.example")
    online = make_offering(mode="online", language="fr", host=gatineau, starts_on=date(2027, 3, 1))
    both = make_offering(language="both", module=make_module(theme="awareness"), starts_on=date(2027, 5, 1))
    past = make_offering("held", starts_on=date(2027, 1, 12))
    for hidden in ("planned", "open"):
        make_offering(hidden, is_pilot=hidden == "open")
    for asked, found in (
        ("", [online, here, both]),
        ("?language=fr", [online, both]),
        ("?language=en", [here, both]),
        ("?mode=online", [online]),
        ("?province=MB", [here]),
        ("?theme=awareness", [both]),
        ("?when=past", [past]),
        ("?when=nonsense&page=99", [online, here, both]),
    ):
        page = client.get(address("offerings") + asked)
        assert [row.offering for row in page.context["rows"]] == found, asked
    words = words_of(client.get(address("offerings")))
    assert "April 14–15, 2027 (Winnipeg time)" in words
    assert "All places are taken; the waiting list is open." in words
    french = words_of(client.get(address("offerings", language="fr")))
    assert "du 14 au 15 avril 2027" in french
    empty = client.get(address("offerings") + "?language=fr&mode=in_person&theme=projects")
    assert "No offering matches. Try fewer filters." in words_of(empty)


def test_the_lists_and_pages_ask_the_same_at_one_and_at_many(clock: Any, client: Any, joseph: Any, priya: Any) -> None:
    version = make_version()
    builds = [(text.competency, 1) for text in version.texts.all()]
    there = make_offering(module=make_module(builds=builds[:1]))
    make_enrolment(there, "a@x.example")
    pages = [(client, address("offerings")), (client, there.get_absolute_url())]
    for user, names in ((joseph, ("offering", "offerings")), (priya, ("offering", "enrolments", "attendance"))):
        signed = Client()
        signed.force_login(user)
        pages += [(signed, address(name, *([] if name == "offerings" else [there]))) for name in names]
    few = [queries(*page) for page in pages]
    for n in range(12):
        make_enrolment(there, f"p{n}@x.example", status=Status.WAITING if n % 2 else Status.REGISTERED)
        make_offering(module=there.module)
    for competency, level in builds[1:]:
        there.module.builds.create(competency=competency, level=level)
    assert [queries(*page) for page in pages] == few
    assert max(few[:2]) <= 5
    assert max(few[2:]) <= 8


# --- the page of one


def test_an_offering_says_when_where_what_and_who(clock: Any, client: Any, winnipeg: Any) -> None:
    version = make_version()
    text = version.texts.in_order().first()
    there = make_offering(
        host=winnipeg, capacity=12, enrolment_closes_on=date(2027, 3, 31), sessions_needed=1,
        module=make_module(builds=[(text.competency, 2)]), join_link="https://secret.example/1",
    )  # fmt: skip
    page = client.get(there.get_absolute_url())
    words = words_of(page)
    for sentence in (
        "Enrolment is open until March 31, 2027. 12 places are left.",
        "Wednesday, April 14, 2027, 9:00 a.m. to 4:00 p.m. Thursday, April 15, 2027",
        "Winnipeg time",
        "Who attends 1 of the 2 sessions completes it.",
        "1.1 Diagnosis 1",
        "Practitioner",
        "Dr. Ann Lee, Lakeside College",
    ):
        assert sentence in words
    assert "secret.example" not in text_of(page)
    assert "ann@college.example" not in text_of(page)
    assert address("enrol", there) in text_of(page)
    french = words_of(client.get(address("offering", there, language="fr")))
    assert "mercredi 14 avril 2027, de 9 h à 16 h" in french
    file = client.get(address("offering_calendar", there))
    assert file.content.decode().count("BEGIN:VEVENT") == 1
    assert b"secret.example" not in file.content


def test_who_may_see_it(clock: Any, client: Any, joseph: Any, ann: Any, uma: Any, priya: Any) -> None:
    there, pilot = make_offering("planned"), make_offering(is_pilot=True)
    for one in (there, pilot):
        assert client.get(one.get_absolute_url()).status_code == 302  # a letter leads here: sign in first
        for user, code in ((joseph, 404), (ann, 200), (uma, 200), (priya, 200)):
            signed = Client()
            signed.force_login(user)
            assert signed.get(one.get_absolute_url()).status_code == code
    make_enrolment(pilot, learner=make_learner(user=joseph))
    client.force_login(joseph)
    assert client.get(pilot.get_absolute_url()).status_code == 200
    assert client.get(address("offering", "TR-2027-999")).status_code == 404


def test_a_representative_sees_and_withdraws_only_her_own_people(
    clock: Any, client: Any, amina: Any, joseph: Any, luc: Any
) -> None:
    there = make_offering()
    own = make_enrolment(there, learner=make_learner(user=joseph))
    other = make_enrolment(there, learner=make_learner(user=luc))
    client.force_login(amina)
    words = words_of(client.get(there.get_absolute_url()))
    assert ("Joseph Kakegamic" in words, "Luc Tremblay" in words) == (True, False)
    assert client.get(address("enrolment_act", there, other.pk, "cancel")).status_code == 404
    act = address("enrolment_act", there, own.pk, "cancel")
    wrong = client.post(act, {"note": ""})
    assert (wrong.status_code, list(errors_of(wrong))) == (422, ["note"])
    done = client.post(act, {"note": "Needed here"})
    assert (done.status_code, done["Location"]) == (302, there.get_absolute_url())
    assert said(client, done) == ["Joseph Kakegamic is told by email."]
    assert client.get(address("enrolment_act", there, own.pk, "edit")).status_code == 403


# --- enrolling


def test_enrolling_oneself(clock: Any, client: Any, joseph: Any) -> None:
    there = make_offering()
    url = address("enrol", there)
    assert client.get(url).status_code == 302  # signs in
    client.force_login(joseph)
    page = client.get(url)
    assert "You enrol as Joseph Kakegamic; letters go to joseph@thunderbay.example." in words_of(page)
    wrong = client.post(url, {"language": "xx", "access_needs": "A ramp"})
    assert (wrong.status_code, list(errors_of(wrong))) == (422, ["language"])
    assert 'value="A ramp"' in text_of(wrong)
    done = client.post(url, {"language": "en", "access_needs": "A ramp"})
    place = Enrolment.objects.get()
    assert done["Location"] == address("place", place)
    assert (place.access_needs, place.learner.user) == ("A ramp", joseph)
    again = client.post(url, {"language": "en"})
    assert again["Location"] == address("place", place)
    assert said(client, again) == [
        "Thank you. A letter with the link to this page is on its way.",
        "You have answered already: “Registered”.",
    ]


def test_enrolling_too_late(clock: Any, client: Any, joseph: Any) -> None:
    there = make_offering(enrolment_closes_on=date(2027, 1, 31))
    client.force_login(joseph)
    assert "Enrolment is closed." in words_of(client.get(address("enrol", there)))
    late = client.post(address("enrol", there), {"language": "en"})
    assert (late.status_code, Enrolment.objects.count()) == (422, 0)
    assert [str(m) for m in late.context["messages"]] == ["Enrolment is closed."]


def rows(*people: tuple[str, str], **more: Any) -> dict[str, Any]:
    data = {"person-TOTAL_FORMS": "6", "person-INITIAL_FORMS": "0"} | more
    for n, (name, email) in enumerate(people):
        data |= {f"person-{n}-name": name, f"person-{n}-email": email, f"person-{n}-language": "en"}
    return data


def test_a_representative_enrols_staff(
    clock: Any, client: Any, amina: Any, joseph: Any, thunder_bay: Any, winnipeg: Any
) -> None:
    there = make_offering(capacity=1)
    url = address("enrol_staff", there)
    client.force_login(joseph)
    assert client.get(url).status_code == 403
    client.force_login(amina)
    wrong = client.post(url, rows(("Lea", "lea@"), ("", "max@x.example"), municipality=thunder_bay.pk))
    assert wrong.status_code == 422
    assert [list(row.errors) for row in wrong.context["rows"]][:2] == [["email"], ["name"]]
    assert 'value="max@x.example"' in text_of(wrong)
    assert client.post(url, rows(municipality=thunder_bay.pk)).status_code == 422
    assert client.post(url, rows(("L", "l@x.example"), municipality=winnipeg.pk)).status_code == 422
    done = client.post(url, rows(("Lea", "lea@x.example"), ("Max", "max@x.example"), municipality=thunder_bay.pk))
    assert said(client, done) == [
        "One person gets a letter: Lea – Registered.",
        "One person gets a letter: Max – On the waiting list.",
    ]
    again = client.post(url, rows(("Lea", "lea@x.example"), municipality=thunder_bay.pk))
    assert said(client, again) == ["Everybody you named has a place already."]
    assert set(Enrolment.objects.values_list("municipality", flat=True)) == {thunder_bay.pk}


# --- planning


def test_planning_from_the_first_page_to_the_last(
    clock: Any, client: Any, priya: Any, amina: Any, winnipeg: Any
) -> None:
    module = make_module("approved")
    client.force_login(amina)
    assert client.get(address("offering_new")).status_code == 403
    client.force_login(priya)
    wrong = client.post(address("offering_new"), {"module": module.pk, "mode": "in_person", "language": "en"})
    assert (wrong.status_code, list(errors_of(wrong))) == (422, ["time_zone"])
    page = client.post(
        address("offering_new"), {"module": module.pk, "mode": "in_person", "language": "en", "host": winnipeg.pk}
    )
    there = Offering.objects.get()
    assert (page["Location"], there.time_zone) == (address("offering_prepare", there), "America/Winnipeg")
    assert "missing Days and times that lie ahead" in words_of(client.get(page["Location"]))

    url = address("offering_sessions", there)
    typed = as_sent(
        client.get(url),
        **{"session-0-day": "2027-04-14", "session-0-begins_at": "16:00", "session-0-finishes_at": "09:00"},
    )
    wrong = client.post(url, typed)
    assert (wrong.status_code, wrong.context["rows"].errors[0]) == (422, {"finishes_at": ["It ends before it begins."]})
    typed |= {"session-0-begins_at": "09:00", "session-0-finishes_at": "16:00"}
    assert client.post(url, typed).status_code == 302
    stale = client.post(url, typed)
    assert stale.status_code == 422
    assert "Somebody saved meanwhile" in words_of(stale)

    url = address("offering_facilitators", there)
    typed = as_sent(client.get(url), **{"person-0-email": "ann@college.example"})
    assert client.post(url, typed).context["rows"].errors[0] == {"name": ["This is missing."]}
    assert client.post(url, typed | {"person-0-name": "Ann Lee"}).status_code == 302

    url = address("offering_edit", there)
    assert client.post(url, as_sent(client.get(url), capacity="many")).status_code == 422
    first = as_sent(client.get(url), venue="City Hall", capacity="12")
    assert client.post(url, first).status_code == 302
    assert client.post(url, first | {"venue": "Union Hall"}).status_code == 409  # somebody saved meanwhile
    move = address("offering_move", there, "open_enrolment")
    assert said(client, client.post(move)) == ["People can enrol now."]
    again = said(client, client.post(move))
    assert again[0].startswith("Already done by Priya")
    assert client.get(move).status_code == 405
    assert client.post(address("offering_move", there, "nothing")).status_code == 404


def test_the_preview_before_letters_leave(clock: Any, client: Any, priya: Any) -> None:
    there = make_offering()
    make_enrolment(there, "a@x.example")
    client.force_login(priya)
    url = address("offering_sessions", there)
    typed = as_sent(client.get(url), venue="Union Hall", word="The hall floods.")
    shown = client.post(url, typed)
    assert shown.status_code == 200
    words = words_of(shown)
    assert "2 people will be told: 2 in English, 0 in French, 0 in both languages." in words
    assert "→ Union Hall" in words
    assert "The hall floods." in words
    assert to("offering_changed") == []
    done = client.post(url, typed | {"send": "1"})
    assert said(client, done) == ["Changed. 2 people get a letter, each in their language."]
    assert to("offering_changed") == ["a@x.example", "ann@college.example"]
    stale = client.post(url, typed | {"send": "1", "venue": "Third Hall"})
    assert stale.status_code == 422
    assert "Somebody changed this meanwhile." in words_of(stale)
    assert "Third Hall" in text_of(stale)
    nothing = client.post(url, as_sent(client.get(url)))
    assert "This changes nothing that people were told." in words_of(nothing)


def test_cancelling_asks_for_the_reason(clock: Any, client: Any, priya: Any, ann: Any) -> None:
    there = make_offering()
    move = address("offering_move", there, "cancel")
    client.force_login(ann)
    assert client.post(move, {"note": "x"}).status_code == 403
    client.force_login(priya)
    assert client.post(move, {"note": ""}).status_code == 422
    assert said(client, client.post(move, {"note": "No room."})) == [
        "It is cancelled. Everyone concerned gets a letter."
    ]
    assert "“No room.”" in words_of(client.get(there.get_absolute_url()))


# --- who comes


def test_the_list_of_people(clock: Any, client: Any, priya: Any, ann: Any, joseph: Any, uma: Any) -> None:
    there = make_offering(capacity=1)
    make_enrolment(there, "a@x.example", dietary_needs="Vegan")
    asks = make_enrolment(there, "b@x.example", status=Status.REQUESTED)
    url = address("enrolments", there)
    for user, code in ((joseph, 403), (uma, 403), (ann, 200), (priya, 200)):
        signed = Client()
        signed.force_login(user)
        assert signed.get(url).status_code == code
    client.force_login(priya)
    words = words_of(client.get(url))
    assert "1 of 1 places taken · 0 wait · one asks for approval" in words
    assert "Vegan" in words
    assert [row.place.email for row in client.get(f"{url}?status=requested").context["rows"]] == ["b@x.example"]
    assert [row.place.email for row in client.get(f"{url}?q=a@x").context["rows"]] == ["a@x.example"]
    act = address("enrolment_act", there, asks.pk, "approve")
    assert said(client, client.post(act)) == ["B has an answer by email."]
    assert said(client, client.post(act)) == ["Already answered: “On the waiting list”."]
    export = address("enrolments_export", there)
    assert "Vegan" not in client.get(f"{export}?kind=csv").content.decode("utf-8-sig")
    assert "Vegan" in client.get(f"{export}?kind=csv&needs=1").content.decode("utf-8-sig")
    assert client.get(f"{export}?kind=doc").status_code == 404


def test_correcting_an_enrolment(clock: Any, client: Any, priya: Any) -> None:
    there = make_offering()
    place = make_enrolment(there, "a@x.example")
    client.force_login(priya)
    url = address("enrolment_act", there, place.pk, "edit")
    typed = as_sent(client.get(url), name="Ann", email="ann@x.example")
    assert client.post(url, typed | {"email": "ann@"}).status_code == 422
    assert client.post(url, typed).status_code == 302
    place.refresh_from_db()
    assert (place.name, place.email) == ("Ann", "ann@x.example")
    assert client.post(url, typed | {"name": "Anne"}).status_code == 409


def test_attendance_on_one_page(clock: Any, client: Any, ann: Any, joseph: Any) -> None:
    there = make_offering()
    a, b = make_enrolment(there, "a@x.example"), make_enrolment(there, "b@x.example")
    url = address("attendance", there)
    client.force_login(joseph)
    assert client.get(url).status_code == 403
    client.force_login(ann)
    assert "Attendance is noted from the first day on." in words_of(client.get(url))
    clock.move_to(EVENING)
    client.force_login(ann)
    [first, last] = there.sessions.all()
    page = client.get(url)
    assert page.context["session"] == last

    def sent(**marks: str) -> dict[str, str]:
        return {f"initial-came_{p.pk}": "" for p in (a, b)} | marks

    assert f'name="initial-came_{b.pk}"' in text_of(page)
    assert said(client, client.post(url, sent(**{f"came_{a.pk}": "present"}))) == ["Noted for one person."]
    early = f"{url}?session={first.pk}"
    both = {f"came_{a.pk}": "present", f"came_{b.pk}": "absent"}
    assert said(client, client.post(early, sent(**both))) == ["Noted for 2 people."]
    assert (noted(a), noted(b)) == (["present", "present"], ["absent"])
    assert said(client, client.post(early, sent())) == ["Nothing was changed."]
    wrong = client.post(early, sent(**{f"came_{a.pk}": "maybe"}))
    assert said(client, wrong) == ["Something on this page was not understood. Please try again."]
    record = client.post(url, {"what": "held"})
    assert said(client, record) == ["Recorded as held. Who completed it gets a certificate by letter."]
    again = said(client, client.post(url, {"what": "held"}))
    assert again == ["Already done by Ann Lee: it is “Held”."]
    assert to("certificate") == ["a@x.example"]


def test_results_show_means_of_five_or_more_and_no_names(
    clock: Any, client: Any, priya: Any, uma: Any, joseph: Any
) -> None:
    version = make_version()
    [one, two] = list(version.texts.in_order())[:2]
    there = make_offering(module=make_module(builds=[(one.competency, 1), (two.competency, 1)]))
    places = [make_enrolment(there, f"p{n}@x.example", name=f"Person {n}") for n in range(5)]
    for n, place in enumerate(places):
        ratings = {one.competency_id: 1 + n % 2} | ({two.competency_id: 3} if n else {})
        assess_oneself(place, moment="before", ratings=ratings)
    clock.move_to(EVENING)
    held(there, *places, by=priya)
    for place in places:
        assess_oneself(place, moment="after", ratings={one.competency_id: 4})
    url = address("offering_results", there)
    client.force_login(joseph)
    assert client.get(url).status_code == 403
    client.force_login(uma)
    page = client.get(url)
    [first, second] = page.context["changes"]
    assert (first.before.value, first.after.value, first.change, first.pairs) == (1.4, 4.0, 2.6, 5)
    assert (second.before.n, second.before.value, second.after.value, second.change) == (4, None, None, None)
    words = words_of(page)
    assert "1.1 Diagnosis 1 1.4 (n = 5) 4.0 (n = 5) 2.6 (n = 5) 1.2 Diagnosis 2 — — —" in words
    assert "Person" not in words


@pytest.mark.parametrize(("name", "reviews"), [("uma", False), ("rene", True), ("priya", True)])
def test_answers_stand_there_without_names_and_reviewers_are_led_to_their_desk(
    clock: Any, client: Any, request: Any, name: str, reviews: bool
) -> None:
    there = make_offering("held")
    questions = ({"code": "best", "kind": "text"}, {"code": "secret", "kind": "text", "is_confidential": True})
    survey = make_survey(make_questionnaire(questions=questions))
    OfferingSurvey.objects.create(offering=there, survey=survey, purpose="evaluation")
    make_response(survey, "Bob Roy", answers={"best": "The map", "secret": "Between us"})
    client.force_login(request.getfixturevalue(name))
    page = client.get(address("offering_results", there))
    words = words_of(page)
    assert [text in words for text in ("The map", "Bob Roy", "Between us")] == [True, False, False]
    desk = survey.occasion.get_absolute_url()
    [part] = page.context["parts"]
    assert (part["desk_url"], desk in text_of(page)) == ((desk, True) if reviews else ("", False))


def test_what_one_person_said_alone_cannot_be_worked_out_from_the_change_of_the_others(clock: Any, priya: Any) -> None:
    text = make_version().texts.in_order()[0]
    there = make_offering(module=make_module(builds=[(text.competency, 1)]))
    places = [make_enrolment(there, f"p{n}@x.example") for n in range(10)]
    for n, place in enumerate(places):
        if n < 6:
            assess_oneself(place, moment="before", ratings={text.competency_id: 2})
    clock.move_to(EVENING)
    held(there, *places, by=priya)
    for place in places[:5]:
        assess_oneself(place, moment="after", ratings={text.competency_id: 4})
    (line,) = self_assessments(there)
    assert (line.before.n, line.after.n, line.pairs, line.change) == (6, 5, 5, None)
    assess_oneself(places[5], moment="after", ratings={text.competency_id: 4})
    (line,) = self_assessments(there)
    assert (line.before.n, line.after.n, line.pairs, line.change) == (6, 6, 6, 2.0)


def test_attendance_of_many_takes_the_same_queries(clock: Any, client: Any, priya: Any) -> None:
    there = make_offering()
    places = [make_enrolment(there, f"p{n}@x.example") for n in range(30)]
    clock.move_to(EVENING)
    session = there.sessions.first()
    from training.services.attending import take_attendance

    with CaptureQueriesContext(connection) as one:
        take_attendance(session, by=priya, attendance={places[0].pk: "present"})
    with CaptureQueriesContext(connection) as many:
        take_attendance(session, by=priya, attendance=dict.fromkeys((p.pk for p in places), "present"))
    assert len(many) <= len(one)
    came(there, *places, by=priya)
