"""All open needs at once: the best set of pairs, beside what the coordinator would choose. Nothing is saved by looking."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from cmncp_portal.network.best_set import best_set
from cmncp_portal.network.matching import LeftOut, Match, left_out, ranked, score

from .matching import candidate_of, capacities, offers_to_match, open_needs, seeker_of

OFFERED = 10  # mentors to choose from beside each need, the best first; the need's own page has them all
NOBODY = "-"


@dataclass(frozen=True)
class Line:
    """One need: which pair the set suggests (with `mentor`), what was chosen, and why the choice cannot be.

    `options` are (slug, mentor, points).
    """

    need: Any
    mentor: Any
    suggested: Match | None
    chosen: Match | None
    problem: Any
    options: list[tuple[str, Any, float]]

    @property
    def differs(self) -> bool:
        return _slug(self.suggested) != _slug(self.chosen)

    @property
    def chosen_slug(self) -> str:
        return _slug(self.chosen)

    @property
    def suggested_slug(self) -> str:
        return _slug(self.suggested)


@dataclass(frozen=True)
class WholeSet:
    """The lines, oldest need first; mentors by slug; the sums of points of both sets, problems left out."""

    lines: list[Line]
    offers: Mapping[str, Any]

    @property
    def suggested_total(self) -> float:
        return round(sum(line.suggested.score for line in self.lines if line.suggested), 1)

    @property
    def chosen_total(self) -> float:
        return round(sum(line.chosen.score for line in self.lines if line.chosen and not line.problem), 1)

    @property
    def has_problems(self) -> bool:
        return any(line.problem for line in self.lines)

    @property
    def differs(self) -> bool:
        return any(line.differs for line in self.lines)

    def pairs(self, name: str) -> list[tuple[Any, Any, Match]]:
        """Return need, offer and match of each pair that is "suggested", or "chosen" and possible."""
        found = [(line, getattr(line, name)) for line in self.lines if name == "suggested" or not line.problem]
        return [(line.need, self.offers[match.candidate.key], match) for line, match in found if match is not None]


def _slug(match: Match | None) -> str:
    return NOBODY if match is None else match.candidate.key


def whole_set(user: Any, asked: Mapping[str, str]) -> WholeSet:
    """Return the best set for all open needs for which nobody is proposed yet. Two queries, whatever their number.

    `asked` is what the coordinator chose: the slug of a mentor (or NOBODY) by "need-" and the key of the need; where
    nothing was chosen the suggestion stands.
    """
    needs = [need for need in open_needs(user) if need.live is None]
    offers = {offer.municipality.slug: offer for offer in offers_to_match(user)}
    candidates = {slug: candidate_of(offer) for slug, offer in offers.items()}
    places = capacities(offers.values())
    seekers = {need.pk: seeker_of(need) for need in needs}
    free = [candidate for slug, candidate in candidates.items() if places[slug]]
    suggested = {match.seeker.key: match for match in best_set(list(seekers.values()), free, places)}
    taken: Counter[str] = Counter()
    lines = []
    for need in needs:
        seeker = seekers[need.pk]
        suggestion = suggested.get(seeker.key)
        wanted = candidates.get(asked.get(f"need-{need.pk}", _slug(suggestion)))
        chosen = score(seeker, wanted) if wanted else None
        problem = _problem(chosen, taken, places)
        best = ranked(seeker, free, OFFERED)
        mentor = offers[suggestion.candidate.key].municipality if suggestion else None
        lines.append(Line(need, mentor, suggestion, chosen, problem, _options(best, (suggestion, chosen), offers)))
    return WholeSet(lines, offers)


def _problem(chosen: Match | None, taken: Counter[str], places: Mapping[str, int]) -> Any:
    """Say why `chosen` cannot be; a pair that can be takes one of the mentor's places."""
    if chosen is None:
        return None
    reason = left_out(chosen.seeker, chosen.candidate)
    if reason is not None and reason != LeftOut.FULL:
        return reason.label
    if taken[chosen.candidate.key] >= places[chosen.candidate.key]:
        return _("It has no place left for this one.")
    taken[chosen.candidate.key] += 1
    return None


def _options(
    best: Iterable[Match], also: Iterable[Match | None], offers: Mapping[str, Any]
) -> list[tuple[str, Any, float]]:
    found: dict[str, Match] = {match.candidate.key: match for match in best}
    for match in also:
        if match is not None:
            found.setdefault(match.candidate.key, match)
    return [(slug, offers[slug].municipality, match.score) for slug, match in found.items()]
