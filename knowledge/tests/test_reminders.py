"""What is due: before, on and after each day; who hears of it; never twice; never once it is answered, moved or withdrawn."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cmncp_portal.core.dates import day_in_words
from cmncp_portal.network.tests.factories import make_user
from cmncp_portal.notifications.models import Message
from cmncp_portal.notifications.services import set_preference
from knowledge import tasks
from knowledge.models import ActionBrief, Edition, Review, Subscription
from knowledge.notifications import address
from knowledge.reminders import awaited_language, due
from knowledge.selectors.people import administrators
from knowledge.services import formats, sweeping

from .factories import make_brief

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
TORONTO, VANCOUVER, ST_JOHNS = "America/Toronto", "America/Vancouver", "America/St_Johns"
ASKED = datetime(2027, 1, 15, 15, 0, tzinfo=UTC)
DAY = date(2027, 3, 3)  # a Wednesday


def at(day: date, hour: int = 12, minute: int = 0, zone: str = TORONTO) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=ZoneInfo(zone))


def sweep(clock: Any, moment: datetime) -> None:
    clock.move_to(moment)
    sweeping.send_reminders()
    assert sweeping.send_reminders() == 0  # twice: nothing is said twice


def written(kind: str) -> list[Message]:
    return list(Message.objects.filter(kind=f"knowledge.{kind}").order_by("pk"))


def to(kind: str) -> list[str]:
    return sorted(m.to_email for m in written(kind))


def make_review(brief: ActionBrief, reviewer: Any, due_on: date = DAY, **fields: Any) -> Review:
    return Review.objects.create(
        brief=brief, reviewer=reviewer, due_on=due_on, **({"asked_by_name": "Uma Sharma", "asked_at": ASKED} | fields)
    )


def one_language(until: date = DAY, **fields: Any) -> ActionBrief:
    """A brief that was published in English by exception; the French text is due by `until`."""
    return make_brief(languages=("en",), exception_reason="Council meets.", exception_until=until, **fields)


# ---- reading a draft


@pytest.mark.parametrize(
    ("moment", "late"),
    [
        (at(date(2027, 2, 28)), None),
        (at(date(2027, 3, 1), 8, 29), None),
        (at(date(2027, 3, 1), 8, 30), False),  # two days before
        (at(date(2027, 3, 2)), False),  # a portal that slept
        (at(date(2027, 3, 3), 8, 29), False),  # the last minute of the reminder of Monday
        (at(date(2027, 3, 3), 8, 30), False),  # on the day
        (at(date(2027, 3, 5), 8, 29), False),
        (at(date(2027, 3, 5), 8, 30), None),
        (at(date(2027, 3, 6)), None),  # three days after is a Saturday
        (at(date(2027, 3, 8), 8, 29), None),
        (at(date(2027, 3, 8), 8, 30), True),
        (at(date(2027, 3, 10), 8, 30), None),
    ],
    ids=str,
)
def test_a_reader_is_reminded_around_the_day(clock: Any, rene: Any, moment: datetime, late: bool | None) -> None:
    draft = make_brief("review")
    make_review(draft, rene)
    sweep(clock, moment)
    assert to("review_reminder") == ["rene@network.example"] * (late is not None)
    if late is not None:
        [letter] = written("review_reminder")
        assert ("était attendue" in letter.subject) is late
        assert "Sécurité dans les rues" in letter.subject
        assert day_in_words(DAY, "fr") in letter.subject
        assert letter.text.count(address("read", draft.slug, "en")["fr"]) == 1


def test_three_reminders_and_no_more(clock: Any, rene: Any) -> None:
    make_review(make_brief("review"), rene)
    for days in range(40):
        sweep(clock, at(date(2027, 2, 15) + timedelta(days=days)))
    assert to("review_reminder") == ["rene@network.example"] * 3


def test_each_reader_at_half_past_eight_of_the_own_morning(clock: Any) -> None:
    draft = make_brief("review")
    make_review(draft, make_user("east@network.example", time_zone=ST_JOHNS))
    make_review(draft, make_user("west@network.example", time_zone=VANCOUVER))
    sweep(clock, at(DAY, 8, 30, ST_JOHNS))
    assert to("review_reminder") == ["east@network.example", "west@network.example"]  # to the west that of Monday
    sweep(clock, at(DAY, 8, 29, VANCOUVER))
    assert len(written("review_reminder")) == 2
    sweep(clock, at(DAY, 8, 30, VANCOUVER))
    assert to("review_reminder") == ["east@network.example", "west@network.example", "west@network.example"]


def test_good_friday_is_no_day_for_reminders(clock: Any, rene: Any) -> None:
    make_review(make_brief("review"), rene, due_on=date(2027, 3, 26))
    sweep(clock, at(date(2027, 3, 26)))
    assert [m.created_at.date() for m in written("review_reminder")] == []
    sweep(clock, at(date(2027, 3, 29)))  # Easter Monday, a working day here
    assert to("review_reminder") == ["rene@network.example"] * 2  # that of the day, and the one of three days after


def test_who_was_asked_late_is_not_reminded_of_days_gone_by(clock: Any, rene: Any) -> None:
    make_review(make_brief("review"), rene, asked_at=at(date(2027, 3, 2), 9))
    sweep(clock, at(date(2027, 3, 2)))
    assert written("review_reminder") == []
    sweep(clock, at(DAY))
    assert to("review_reminder") == ["rene@network.example"]


@pytest.mark.parametrize("state", ["superseded", "withdrawn"])
def test_nobody_is_asked_to_read_what_is_out_of_use(clock: Any, rene: Any, state: str) -> None:
    make_review(make_brief(state), rene)
    sweep(clock, at(DAY))
    assert written("review_reminder") == []


def test_who_answered_or_left_hears_no_more(clock: Any, rene: Any, uma: Any) -> None:
    draft = make_brief("review")
    make_review(draft, rene, answered_at=ASKED, verdict="fine")
    make_review(draft, uma)
    type(uma).objects.filter(pk=uma.pk).update(is_active=False)
    sweep(clock, at(DAY))
    assert written("review_reminder") == []


def test_who_switched_reminders_off_gets_none(clock: Any, rene: Any) -> None:
    set_preference(email=rene.email, category="knowledge", is_wanted=False)
    make_review(make_brief("review"), rene)
    sweep(clock, at(DAY))
    assert written("review_reminder") == []


def test_an_answer_between_asking_and_writing_is_noticed(clock: Any, rene: Any) -> None:
    review = make_review(make_brief("review"), rene)
    clock.move_to(at(DAY))
    [one, *_others] = list(due())
    Review.objects.filter(pk=review.pk).update(answered_at=ASKED, verdict="fine")
    assert sweeping._remind(one) == 0
    assert written("review_reminder") == []


# ---- the yearly review


@pytest.mark.parametrize(
    ("day", "subject"),
    [
        (date(2027, 4, 1), None),
        (date(2027, 4, 2), "Yearly review in 60 days: Safe streets"),
        (date(2027, 4, 5), "Yearly review in 57 days: Safe streets"),  # a portal that slept over the weekend
        (date(2027, 4, 7), None),
        (date(2027, 5, 31), None),
        (date(2027, 6, 1), "Yearly review due: Safe streets"),
        (date(2027, 6, 2), "Yearly review due: Safe streets"),
        (date(2027, 6, 4), None),
    ],
    ids=str,
)
def test_the_writers_hear_of_the_yearly_review(
    clock: Any, uma: Any, priya: Any, day: date, subject: str | None
) -> None:
    make_brief(next_review_on=date(2027, 6, 1))
    sweep(clock, at(day))
    assert [m.subject for m in written("review_due")] == ([f"[CMNCP] {subject}"] if subject else [])
    assert to("review_due") == ["uma@university.example"] * bool(subject)


def test_the_yearly_review_moves_off_a_weekend(clock: Any, uma: Any) -> None:
    make_brief(next_review_on=date(2027, 6, 5))  # a Saturday
    sweep(clock, at(date(2027, 6, 5)))
    assert written("review_due") == []
    sweep(clock, at(date(2027, 6, 7)))
    assert to("review_due") == ["uma@university.example"]


@pytest.mark.parametrize("state", ["draft", "approved", "superseded", "withdrawn"])
def test_only_what_is_published_is_reviewed(clock: Any, uma: Any, state: str) -> None:
    make_brief(state, next_review_on=date(2027, 6, 1))
    sweep(clock, at(date(2027, 6, 1)))
    assert written("review_due") == []


def test_a_review_that_was_moved_is_due_on_its_new_day(clock: Any, uma: Any) -> None:
    brief = make_brief(next_review_on=date(2027, 6, 1))
    clock.move_to(at(date(2027, 6, 1)))
    [one] = list(due())
    ActionBrief.objects.filter(pk=brief.pk).update(next_review_on=date(2027, 6, 3))
    assert sweeping._remind(one) == 0
    sweep(clock, at(date(2027, 6, 1)))
    assert written("review_due") == []
    sweep(clock, at(date(2027, 6, 3)))
    assert to("review_due") == ["uma@university.example"]


# ---- one language by exception


@pytest.mark.parametrize(
    ("day", "late"),
    [
        (date(2027, 2, 23), None),
        (date(2027, 2, 24), False),  # a week before
        (date(2027, 2, 26), None),
        (date(2027, 3, 2), None),
        (date(2027, 3, 3), False),  # on the day
        (date(2027, 3, 9), None),
        (date(2027, 3, 10), True),  # then every week
        (date(2027, 3, 17), True),
        (date(2027, 3, 23), None),
        (date(2028, 3, 1), True),
    ],
    ids=str,
)
def test_the_other_language_is_asked_for_until_it_is_there(
    clock: Any, uma: Any, admin_user: Any, priya: Any, day: date, late: bool | None
) -> None:
    one_language()
    sweep(clock, at(day))
    told = ["admin@network.example", "uma@university.example"]
    assert to("exception_due") == (told if late is not None else [])
    wording = "has been due since" if late else "is due by"
    assert {m.subject for m in written("exception_due")} == (
        {f"[CMNCP] The French text {wording} March 3, 2027: Safe streets"} if late is not None else set()
    )


def test_every_week_once(clock: Any, uma: Any) -> None:
    one_language()
    for days in range(35):
        sweep(clock, at(date(2027, 2, 20) + timedelta(days=days)))
    days_told = [m.created_at.date().isoformat() for m in written("exception_due")]
    assert days_told == ["2027-02-24", "2027-03-03", "2027-03-10", "2027-03-17", "2027-03-24"]


def test_a_french_brief_awaits_its_english_text(clock: Any, uma: Any) -> None:
    make_brief(source_language="fr", languages=("fr",), exception_reason="Urgent.", exception_until=DAY)
    sweep(clock, at(DAY))
    assert [m.subject for m in written("exception_due")] == [
        "[CMNCP] The English text is due by March 3, 2027: Sécurité dans les rues"
    ]


def test_in_french(clock: Any, uma: Any) -> None:
    type(uma).objects.filter(pk=uma.pk).update(language="fr")
    one_language()
    sweep(clock, at(DAY))
    assert [m.subject for m in written("exception_due")] == [
        "[RMCPC] Texte français à publier d’ici le 3\u00a0mars\u00a02027\u00a0: Safe streets"
    ]


def test_once_readers_have_both_texts_nobody_is_asked(clock: Any, uma: Any) -> None:
    make_brief(exception_reason="Council meets.", exception_until=DAY)
    sweep(clock, at(DAY))
    assert written("exception_due") == []


@pytest.mark.parametrize("state", ["translation", "approved", "scheduled", "superseded", "withdrawn"])
def test_only_what_readers_have_awaits_a_language(clock: Any, uma: Any, state: str) -> None:
    one_language(stage=state)
    sweep(clock, at(DAY))
    assert written("exception_due") == []


@pytest.mark.parametrize(
    ("english", "french", "awaited"),
    [
        ({}, {}, ""),
        ({"version": 2}, {}, "fr"),  # the French text is older than the English one
        ({"version": 2}, {"version": 2, "based_on": 2}, "fr"),  # ready, and not given to readers yet
        ({"version": 2}, {"version": 2, "based_on": 2, "published_version": 2}, ""),
        ({}, {"current_at": None}, "fr"),
        ({}, {"published_at": None}, "fr"),
    ],
)
def test_which_language_readers_await(english: dict[str, Any], french: dict[str, Any], awaited: str) -> None:
    brief = make_brief()
    for language, fields in (("en", english), ("fr", french)):
        Edition.objects.filter(brief=brief, language=language).update(**({"version": 1} | fields))
    assert awaited_language(ActionBrief.objects.get(pk=brief.pk)) == awaited


def test_administrators_are_those_of_the_role_and_superusers(admin_user: Any, priya: Any, uma: Any) -> None:
    make_user("role@network.example", roles=("administrator", "university"))
    make_user("gone@network.example", roles=("administrator",), is_active=False)
    assert [to.email for to in administrators()] == ["admin@network.example", "role@network.example"]


def test_who_writes_and_administers_gets_one_letter(clock: Any) -> None:
    make_user("both@network.example", roles=("administrator", "university"))
    one_language()
    sweep(clock, at(DAY))
    assert to("exception_due") == ["both@network.example"]


# ---- doorways


def test_the_task_of_the_hour_says_how_many_letters(clock: Any, rene: Any) -> None:
    make_review(make_brief("review"), rene)
    clock.move_to(at(DAY, 9))
    assert tasks.send_reminders() == 1
    assert tasks.send_reminders() == 0


def test_a_brief_whose_day_has_come_is_published(clock: Any) -> None:
    brief = make_brief("scheduled")  # for March 1
    told = []
    for moment in (at(date(2027, 3, 1), 8, 59), at(date(2027, 3, 1), 9), at(date(2027, 3, 1), 9, 5)):
        clock.move_to(moment)
        told.append((tasks.publish_due(), ActionBrief.objects.get(pk=brief.pk).state))
    assert told == [(0, "scheduled"), (1, "published"), (0, "published")]


def test_the_night_forgets_who_never_confirmed(clock: Any) -> None:
    agreed = {"language": "en", "wording": "I agree.", "asked_at": at(date(2026, 12, 1))}
    Subscription.objects.create(email="waits@place.example", **agreed)
    kept = Subscription.objects.create(email="reads@place.example", confirmed_at=ASKED, **agreed)
    recent = Subscription.objects.create(email="new@place.example", **(agreed | {"asked_at": ASKED}))
    assert (tasks.housekeeping(), tasks.housekeeping()) == (1, 0)
    assert set(Subscription.objects.all()) == {kept, recent}


def test_files_are_made_of_what_readers_have(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[ActionBrief] = []
    monkeypatch.setattr(formats, "make_all", lambda brief: [made.append(brief)])
    public, draft = make_brief(), make_brief("draft")
    assert [tasks.make_files(pk) for pk in (public.pk, draft.pk, 10**6)] == [1, 0, 0]
    assert made == [public]


def test_asking_costs_the_same_for_one_and_for_many(clock: Any, rene: Any) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            list(due(at(DAY)))
        return len(queries)

    def more() -> None:
        make_review(make_brief("review"), rene)
        make_brief(next_review_on=DAY)
        one_language()

    more()
    one = count()
    for _ in range(5):
        more()
    assert (one, count()) == (6, 6)
