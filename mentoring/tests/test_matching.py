"""What the coordinators read before they propose: needs, offers, ratings, who is left out; and the proposal itself."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.evaluation.tests.factories import make_questionnaire, make_response, make_survey
from cmncp_portal.network.models import Municipality
from cmncp_portal.network.tests.factories import make_membership, make_municipality, make_programme, make_topic
from cmncp_portal.notifications.models import Message
from cmncp_portal.progress.tests.factories import make_profile
from mentoring.models import Agreement, AgreementChange, CheckIn
from mentoring.selectors.best_set import NOBODY, whole_set
from mentoring.selectors.finding import numbers
from mentoring.selectors.matching import (
    CLOSING,
    as_read,
    candidate_of,
    candidates_for,
    capacities,
    offers_to_match,
    open_needs,
    room_of,
    seeker_of,
)
from mentoring.services.proposing import prepare, propose
from mentoring.workflow import PAIR_RESTS_DAYS

from .factories import make_agreement, make_need, make_offer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def one_need(user: Any) -> Any:
    return open_needs(user).get()


def offer_named(user: Any, slug: str) -> Any:
    return offers_to_match(user).get(municipality__slug=slug)


def rate(mentor: Municipality, *values: Any, side: str = "mentee", moment: str = "end", slug: str = CLOSING) -> None:
    """Answers to "was it worth it?", each at the end of an agreement of its own."""
    questionnaire = make_questionnaire(slug, questions=({"code": "worth", "kind": "rating"},))
    for value in values:
        offer = mentor.mentor_offers.first() or make_offer(mentor)
        over = make_agreement(offer, make_need(make_municipality(), "done"), "completed")
        survey = make_survey(questionnaire)
        CheckIn.objects.create(agreement=over, moment=moment, side=side, survey=survey)
        make_response(survey, answers={"worth": value})


# ---- what is read


def test_why_a_mentor_fits_in_both_languages(thunder_bay: Any, winnipeg: Any, priya: Any) -> None:
    topic = make_topic()
    make_profile(thunder_bay, 1)
    make_profile(winnipeg, 2, declared_stage=3, declared_reason="A partnership since 2019.")
    Municipality.objects.filter(pk=thunder_bay.pk).update(latitude="48.38090", longitude="-89.24770")
    Municipality.objects.filter(pk=winnipeg.pk).update(latitude="49.89510", longitude="-97.13840")
    programme = make_programme(winnipeg, name_en="Thunderwing", name_fr="Aile de tonnerre")
    programme.topics.add(topic)
    make_programme(winnipeg, name_en="Gone", ended_on=date(2026, 1, 1)).topics.add(topic)
    make_need(thunder_bay, topics=[topic], wish=winnipeg, hours=8)
    make_offer(winnipeg, topics=[topic, make_topic("gangs")], until_on=date(2027, 12, 31))
    need = one_need(priya)
    [(offer, match)] = candidates_for(need, priya).matches
    assert (offer.municipality, match.score) == (winnipeg, 5 + 3 + 2 + 2 + 1 + 4 + 1 - 1 - 1)
    assert as_read(match, need)["en"] == [
        "It is the municipality that was wished for.",
        "Asked for and offered: Youth.",
        "Has programmes on these topics: Thunderwing.",
        "Both work in: English.",
        "Of neighbouring size (over 500,000).",
        "Two stages ahead (Partnership).",
        "About 600 km away.",
    ]
    assert as_read(match, need)["cautions"]["en"] == [
        "Hours a month: 6 offered, 8 asked for.",
        "The offer ends on December 31, 2027.",
    ]
    assert len(as_read(match, need)["fr"]) == 7
    with translation.override("fr"):
        assert any("Aile de tonnerre" in str(reason) for reason in match.reasons)


def test_who_is_no_member_does_not_read_where_the_mentor_stands(thunder_bay: Any, winnipeg: Any, priya: Any) -> None:
    make_profile(winnipeg, 3)
    make_need(thunder_bay, topics=[make_topic()], stage=1)
    make_offer(winnipeg, topics=[make_topic()])
    thunder_bay.memberships.update(kind="prospective")
    need = one_need(priya)
    [(_offer, match)] = candidates_for(need, priya).matches
    assert "Two stages ahead (Partnership)." in [str(reason) for reason in match.reasons]
    read = as_read(match, need)
    assert [
        line for code in ("en", "fr") for line in read[code] if "Partnership" in line or "Partenariat" in line
    ] == []
    assert len(read["en"]) == len(read["fr"]) == len(match.reasons) - 1


@pytest.mark.parametrize(("declared", "expected"), [(None, 2), (0, 0), (5, 5)])
def test_what_the_need_says_of_the_stage_stands_above_the_profile(
    thunder_bay: Any, priya: Any, declared: int | None, expected: int
) -> None:
    make_profile(thunder_bay, 2)
    make_need(thunder_bay, stage=declared)
    assert seeker_of(one_need(priya)).stage == expected


@pytest.mark.parametrize(
    ("need", "offer", "counts"),
    [("both", "both", True), ("in_person", "both", True), ("online", "in_person", False), ("both", "online", False)],
)
def test_distance_counts_only_when_both_would_travel(
    thunder_bay: Any, winnipeg: Any, priya: Any, need: str, offer: str, counts: bool
) -> None:
    Municipality.objects.update(latitude="49.00000", longitude="-97.00000")
    make_need(thunder_bay, meets=need)
    make_offer(winnipeg, meets=offer)
    [(_offer, match)] = candidates_for(one_need(priya), priya).matches
    assert any("km away" in str(reason) for reason in match.reasons) == counts


def test_load_experience_and_proposals_are_counted(thunder_bay: Any, winnipeg: Any, priya: Any) -> None:
    need = make_need(thunder_bay)
    offer = make_offer(winnipeg, capacity=3)
    for state in ("active", "paused", "completed", "completed", "ended", "awaiting", "proposed", "declined"):
        make_agreement(offer, make_need(make_municipality(), "done"), state)
    found = candidate_of(offer_named(priya, "winnipeg"))
    assert (found.load, found.experience, found.busy, found.capacity_left) == (2, 2, 2, 1)
    assert capacities([offer_named(priya, "winnipeg")]) == {"winnipeg": 0}
    make_agreement(offer, need, "proposed")
    [(_offer, match)] = candidates_for(one_need(priya), priya).matches
    assert "Is proposed to 2 other municipalities." in [str(c) for c in match.cautions]


def test_ratings_are_those_of_mentored_municipalities_at_the_end(winnipeg: Any, saskatoon: Any, priya: Any) -> None:
    rate(winnipeg, 5, 5, 4, 4, 4, "na")
    rate(winnipeg, 1, side="mentor", slug="mentoring-closing-mentor")
    rate(winnipeg, 1, moment="6", slug="other")
    rate(saskatoon, 1, slug="third")
    assert (
        candidate_of(offer_named(priya, "winnipeg")).rating,
        candidate_of(offer_named(priya, "winnipeg")).ratings,
    ) == (
        4.4,
        5,
    )
    assert candidate_of(offer_named(priya, "saskatoon")).ratings == 0


def test_unsent_answers_do_not_rate(winnipeg: Any, priya: Any) -> None:
    from cmncp_portal.evaluation.models import Response

    rate(winnipeg, 5, 5, 5, 5, 5)
    Response.objects.filter(pk=Response.objects.order_by("pk").values("pk")[:1]).update(submitted_at=None)
    assert candidate_of(offer_named(priya, "winnipeg")).ratings == 4


@pytest.mark.parametrize(
    ("ago", "rests"),
    [
        (timedelta(days=PAIR_RESTS_DAYS - 1), True),
        (timedelta(days=PAIR_RESTS_DAYS) - timedelta(seconds=1), True),
        (timedelta(days=PAIR_RESTS_DAYS), False),
        (timedelta(days=PAIR_RESTS_DAYS + 1), False),
    ],
)
def test_a_declined_pair_rests_for_twelve_months(
    thunder_bay: Any, winnipeg: Any, priya: Any, ago: timedelta, rests: bool
) -> None:
    offer = make_offer(winnipeg)
    declined = make_agreement(offer, make_need(thunder_bay, "withdrawn"), "declined")
    AgreementChange.objects.filter(agreement=declined).update(at=timezone.now() - ago)
    need = make_need(thunder_bay)
    found = candidates_for(one_need(priya), priya)
    reasons = [str(left.reason) for left in found.left]
    assert reasons == (["This pair was declined within the last twelve months."] if rests else [])
    assert (not whole_set(priya, {}).pairs("suggested")) == rests
    if rests:
        with pytest.raises(TransitionRefused, match="declined within the last twelve months"):
            propose(need, offer, by=priya, reasons={})
    else:
        assert propose(need, offer, by=priya, reasons={}).state == "proposed"


def test_who_is_left_out_and_why(thunder_bay: Any, priya: Any) -> None:
    make_need(thunder_bay)
    make_offer(thunder_bay)
    fields: dict[str, dict[str, Any]] = {
        "full": {}, "paused": {"state": "paused"}, "over": {"until_on": date(2027, 1, 31)}, "gone": {},
        "withdrawn": {"state": "withdrawn"}, "today": {"until_on": date(2027, 2, 1)},
    }  # fmt: skip
    offers = {name: make_offer(make_municipality(name), **more) for name, more in fields.items()}
    make_agreement(offers["full"], make_need(make_municipality(), "matched"), "active")
    offers["gone"].municipality.memberships.update(until_on=date(2027, 1, 31))
    found = candidates_for(one_need(priya), priya)
    assert [str(offer) for offer, _match in found.matches] == ["Today"]
    assert {str(left.offer): str(left.reason) for left in found.left} == {
        "Full": "It has no place left.",
        "Gone": "It is not a member at the moment.",
        "Over": "Its offer has ended.",
        "Paused": "Its offer is paused.",
        "Thunder Bay": "It is the same municipality.",
    }
    notes = {str(room.offer): (room.free, str(room.note)) for room in map(room_of, offers_to_match(priya))}
    assert (notes["Full"], notes["Today"]) == ((0, ""), (1, ""))
    assert notes["Gone"] == (0, "It is not a member at the moment.")


def test_only_coordinators_bring_together(thunder_bay: Any, winnipeg: Any, amina: Any, helen: Any, uma: Any) -> None:
    make_need(thunder_bay)
    make_offer(winnipeg)
    assert [open_needs(user).count() for user in (amina, helen, uma)] == [1, 0, 0]
    assert [offers_to_match(user).count() for user in (amina, helen, uma)] == [0, 1, 0]


# ---- the proposal


def test_a_proposal_keeps_the_reasons_as_they_were_read(thunder_bay: Any, winnipeg: Any, priya: Any) -> None:
    need, offer = make_need(thunder_bay, topics=[make_topic()]), make_offer(winnipeg, topics=[make_topic()])
    one = one_need(priya)
    [(_offer, match)] = candidates_for(one, priya).matches
    made = propose(need, offer, by=priya, reasons=as_read(match, one))
    made.refresh_from_db()
    assert (made.reference, made.state, made.mentor, made.mentee) == ("ME-2027-001", "proposed", winnipeg, thunder_bay)
    assert made.reasons["en"][0] == "Asked for and offered: Youth."
    assert (made.reasons["score"], len(made.reasons["fr"])) == (match.score, len(match.reasons))
    assert [(c.to_state, c.by_name) for c in made.changes.all()] == [("proposed", "Priya Nair")]
    assert Message.objects.count() == 0
    with pytest.raises(TransitionRefused, match=r"prepared already: ME-2027-001\.") as again:
        propose(need, offer, by=priya, reasons={})
    assert again.value.done_already


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda need, offer: type(need).objects.update(state="withdrawn"), "no longer looks for a mentor"),
        (lambda need, offer: type(offer).objects.update(until_on=date(2027, 1, 31)), "no longer stands"),
        (lambda need, offer: offer.municipality.memberships.all().delete(), "not a member"),
        (
            lambda need, offer: make_agreement(offer, make_need(make_municipality(), "matched")),
            "as many municipalities",
        ),
        (lambda need, offer: make_agreement(make_offer(make_municipality()), need, "awaiting"), "asked already"),
    ],
)
def test_what_cannot_be_is_not_prepared(thunder_bay: Any, winnipeg: Any, priya: Any, spoil: Any, reason: str) -> None:
    need, offer = make_need(thunder_bay), make_offer(winnipeg)
    spoil(need, offer)
    with pytest.raises(TransitionRefused, match=reason):
        propose(need, offer, by=priya, reasons={})


def test_nobody_else_proposes_and_nobody_to_itself(thunder_bay: Any, winnipeg: Any, priya: Any, helen: Any) -> None:
    need, offer = make_need(thunder_bay), make_offer(winnipeg)
    with pytest.raises(PermissionDenied):
        propose(need, offer, by=helen, reasons={})
    with pytest.raises(TransitionRefused, match="same municipality"):
        propose(need, make_offer(thunder_bay), by=priya, reasons={})


def test_a_refused_pair_does_not_stop_the_others(
    thunder_bay: Any, gatineau: Any, winnipeg: Any, saskatoon: Any, priya: Any
) -> None:
    first, second = make_need(thunder_bay), make_need(gatineau)
    gone = make_offer(winnipeg, "withdrawn")
    made, refused = prepare([(first, gone, {}), (second, make_offer(saskatoon), {})], by=priya)
    assert [str(agreement) for agreement in made] == ["Saskatoon – Gatineau"]
    assert refused == ["Thunder Bay: The mentor’s offer no longer stands."]


# ---- all together


def test_the_whole_set_beside_ones_own_choice(
    thunder_bay: Any, gatineau: Any, winnipeg: Any, saskatoon: Any, priya: Any
) -> None:
    youth, gangs = make_topic(), make_topic("gangs")
    first = make_need(thunder_bay, topics=[youth, gangs], created_at=timezone.now())
    second = make_need(gatineau, topics=[youth], languages=["fr"])
    make_offer(winnipeg, topics=[youth, gangs], languages=["en", "fr"])
    make_offer(saskatoon, topics=[gangs])
    whole = whole_set(priya, {})
    assert [(str(need), str(offer)) for need, offer, _match in whole.pairs("suggested")] == [
        ("Thunder Bay", "Saskatoon"),
        ("Gatineau", "Winnipeg"),
    ]
    assert (whole.suggested_total, whole.chosen_total, whole.differs) == (13, 13, False)
    own = whole_set(priya, {f"need-{first.pk}": "winnipeg", f"need-{second.pk}": NOBODY})
    assert [(str(need), str(offer)) for need, offer, _match in own.pairs("chosen")] == [("Thunder Bay", "Winnipeg")]
    assert (own.suggested_total, own.chosen_total, own.differs) == (13, 9, True)
    twice = whole_set(priya, {f"need-{first.pk}": "winnipeg", f"need-{second.pk}": "winnipeg"})
    assert [str(line.problem or "") for line in twice.lines] == ["", "It has no place left for this one."]
    assert [str(need) for need, _offer, _match in twice.pairs("chosen")] == ["Thunder Bay"]
    assert whole_set(priya, {f"need-{first.pk}": "nonsense\x00"}).lines[0].chosen is None


def test_a_need_with_a_proposal_is_no_longer_part_of_the_set(thunder_bay: Any, winnipeg: Any, priya: Any) -> None:
    need, offer = make_need(thunder_bay), make_offer(winnipeg)
    assert len(whole_set(priya, {}).lines) == 1
    agreement = propose(need, offer, by=priya, reasons={})
    assert whole_set(priya, {}).lines == []
    Agreement.objects.filter(pk=agreement.pk).update(state="withdrawn")
    assert len(whole_set(priya, {}).lines) == 1


def test_the_number_of_queries_is_the_same_for_one_and_for_many(thunder_bay: Any, priya: Any) -> None:
    topic = make_topic()
    need = make_need(thunder_bay, topics=[topic])
    assert priya.has_perm("mentoring.match")  # who it is, is asked once

    def price() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as alone:
            candidates_for(open_needs(priya).get(pk=need.pk), priya)
        with CaptureQueriesContext(connection) as together:
            whole_set(priya, {})
        return len(alone), len(together)

    few = price()
    for _n in range(40):
        place = make_municipality()
        make_programme(place).topics.add(topic)
        make_offer(place, topics=[topic])
        make_need(make_municipality(), topics=[topic])
    assert (price(), few) == ((2, 2), (2, 2))


def test_the_numbers_of_the_network(thunder_bay: Any, winnipeg: Any, saskatoon: Any) -> None:
    make_need(thunder_bay)
    offer = make_offer(winnipeg, capacity=3)
    make_offer(saskatoon, until_on=date(2027, 1, 31))
    gone = make_municipality("gone", member=False)
    make_membership(gone, until_on=date(2027, 1, 31))
    make_offer(gone)
    now = timezone.now()
    signs: list[tuple[str, datetime | None]] = [
        ("active", now - timedelta(days=44, hours=23)), ("active", now - timedelta(days=45)), ("proposed", None),
        ("awaiting", None), ("completed", now), ("ended", now), ("declined", None),
    ]  # fmt: skip
    for state, sign in signs:
        make_agreement(offer, make_need(make_municipality(), "done"), state, last_sign_at=sign)
    found = numbers()
    assert (found.needs, found.places, found.prepared, found.awaiting) == (1, 1, 1, 1)
    assert (found.running, found.silent, found.over) == (2, 1, 2)
