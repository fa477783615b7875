"""What is new in a version of a standard beside the one before: added, changed word by word, removed, moved, asked of roles."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

from ..models import CompetencyText, Criterion, Domain, Level, Requirement, RoleProfile, StandardVersion
from .standards import texts_with_criteria

CLOSELY = 600  # words; what is longer is compared faster and less finely
ALIKE = 0.35  # below this two texts have too little in common to be compared by words


@dataclass(frozen=True)
class Piece:
    """Some words of a text: `kind` is "same", "added" or "removed"."""

    kind: str
    text: str


Pieces = tuple[Piece, ...]


@dataclass(frozen=True)
class CriterionChange:
    """A criterion that is new, gone or worded anew, with the evidence it requires; `level` in words."""

    level: str
    statement: Pieces
    evidence: Pieces


@dataclass(frozen=True)
class TextChange:
    """A competency whose words changed. `title` and `description` are pieces, empty when they are the same."""

    text: CompetencyText
    title: Pieces
    description: Pieces
    source: Pieces
    criteria: list[CriterionChange]


@dataclass(frozen=True)
class Move:
    """A competency that stands in another domain, or under another number than before."""

    text: CompetencyText
    was: CompetencyText


@dataclass(frozen=True)
class RoleChange:
    """What is asked of a role anew. `lines` are (competency, level before, level now), "" where it is not asked."""

    role: RoleProfile
    is_new: bool
    is_gone: bool
    lines: list[tuple[str, str, str]]


@dataclass
class VersionDifference:
    """Everything that differs. `more` are the competencies that ask more of those who attained them before."""

    before: StandardVersion
    now: StandardVersion
    added: list[CompetencyText] = field(default_factory=list)
    changed: list[TextChange] = field(default_factory=list)
    removed: list[CompetencyText] = field(default_factory=list)
    moved: list[Move] = field(default_factory=list)
    renumbered: list[Move] = field(default_factory=list)
    more: list[CompetencyText] = field(default_factory=list)
    domains: list[Pieces] = field(default_factory=list)
    roles: list[RoleChange] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not any((self.added, self.changed, self.removed, self.moved, self.renumbered, self.domains, self.roles))


def difference(before: StandardVersion, now: StandardVersion) -> VersionDifference:
    """Return how `now` differs from `before`, two versions of one standard, in the active language. Ten queries at most."""
    old = {text.competency_id: text for text in texts_with_criteria(before)}
    new = {text.competency_id: text for text in texts_with_criteria(now)}
    both = [(old[key], text) for key, text in new.items() if key in old]
    found = VersionDifference(before, now)
    found.added = [text for key, text in new.items() if key not in old]
    found.removed = [text for key, text in old.items() if key not in new]
    found.more = [text for _old, text in both if text.asks_more]
    found.changed = [change for was, text in both if (change := _change(was, text))]
    home = _same_domains(both)
    for was, text in both:
        if home.get(was.domain_id) != text.domain_id:
            found.moved.append(Move(text, was))
        elif was.code != text.code:
            found.renumbered.append(Move(text, was))
    found.domains = _domains(list(before.domains.all()), list(now.domains.all()), home)
    found.roles = _roles(before, now, {**old, **new})
    return found


def _same_domains(both: Iterable[tuple[CompetencyText, CompetencyText]]) -> dict[int, int]:
    """Which domain of the new version is the old one: where most of its competencies went."""
    votes: dict[int, Counter[int]] = {}
    for was, text in both:
        votes.setdefault(was.domain_id, Counter())[text.domain_id] += 1
    return {old: counter.most_common(1)[0][0] for old, counter in votes.items()}


def _domains(old: list[Domain], new: list[Domain], home: dict[int, int]) -> list[Pieces]:
    """The titles of domains that are new, gone or named anew."""
    by_pk = {domain.pk: domain for domain in new}
    # A domain without a competency has no home of its own: its title says which it is.
    by_title = {str(domain.title): domain.pk for domain in new}
    goes_to = {d.pk: home.get(d.pk) or by_title.get(str(d.title)) for d in old}
    found = [
        _pieces(str(domain.title), str(by_pk[there].title) if (there := goes_to[domain.pk]) else "") for domain in old
    ]
    found += [_pieces("", str(domain.title)) for domain in new if domain.pk not in goes_to.values()]
    return [pieces for pieces in found if _differ(pieces)]


def _change(was: CompetencyText, text: CompetencyText) -> TextChange | None:
    title, description, source = (
        _if_changed(str(getattr(was, name)), str(getattr(text, name))) for name in ("title", "description", "source")
    )
    criteria = _criteria(list(was.criteria.all()), list(text.criteria.all()))
    if not any((title, description, source, criteria)):
        return None
    return TextChange(text, title, description, source, criteria)


def _criteria(old: list[Criterion], new: list[Criterion]) -> list[CriterionChange]:
    found = []
    for level in Level:
        before = [(str(c.statement), str(c.evidence)) for c in old if c.level == level]
        after = [(str(c.statement), str(c.evidence)) for c in new if c.level == level]
        for tag, i, i_end, j, j_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            if tag != "equal":
                found += _rewritten(str(level.label), before[i:i_end], after[j:j_end])
    return found


def _rewritten(level: str, old: list[tuple[str, str]], new: list[tuple[str, str]]) -> list[CriterionChange]:
    length = max(len(old), len(new))
    nothing = ("", "")
    pairs = zip(old + [nothing] * (length - len(old)), new + [nothing] * (length - len(new)), strict=True)
    return [CriterionChange(level, _pieces(a[0], b[0]), _pieces(a[1], b[1])) for a, b in pairs]


def _roles(before: StandardVersion, now: StandardVersion, texts: dict[int, CompetencyText]) -> list[RoleChange]:
    """Roles by their address, which stays the same from version to version."""
    old, new = ({role.slug: role for role in version.roles.all()} for version in (before, now))
    asked: dict[int, dict[int, int]] = {}
    for asker, competency, level in Requirement.objects.filter(role__version__in=[before, now]).values_list(
        "role", "competency", "level"
    ):
        asked.setdefault(asker, {})[competency] = level
    found = []
    for slug in [*new, *(slug for slug in old if slug not in new)]:
        role = new.get(slug) or old[slug]
        levels = [asked.get(side[slug].pk, {}) if slug in side else {} for side in (old, new)]
        lines = _levels(levels[0], levels[1], texts)
        if lines or slug not in old or slug not in new:
            found.append(RoleChange(role, slug not in old, slug not in new, lines))
    return found


def _levels(old: dict[int, int], new: dict[int, int], texts: dict[int, CompetencyText]) -> list[tuple[str, str, str]]:
    def word(level: int | None) -> str:
        return str(Level(level).label) if level else ""

    keys = [key for key in texts if old.get(key) != new.get(key)]
    return [(str(texts[key].title), word(old.get(key)), word(new.get(key))) for key in keys]


# ---- words ------------------------------------------------------------------------------------------


def _differ(pieces: Sequence[Piece]) -> bool:
    return any(piece.kind != "same" for piece in pieces)


def _if_changed(before: str, after: str) -> Pieces:
    return _pieces(before, after) if before.strip() != after.strip() else ()


def _pieces(before: str, after: str) -> Pieces:
    """Return both texts as one, word by word where they have enough in common."""
    old, new = _words(before), _words(after)
    matcher = SequenceMatcher(None, old, new, autojunk=max(len(old), len(new)) > CLOSELY)
    if not old or not new or matcher.ratio() < ALIKE:
        whole = (Piece("removed", before), Piece("added", after))
        return tuple(piece for piece in whole if piece.text) if before != after else (Piece("same", after),)
    found: list[Piece] = []
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        if tag == "equal":
            found.append(Piece("same", _joined(new[j:j_end])))
            continue
        if i_end > i:
            found.append(Piece("removed", _joined(old[i:i_end])))
        if j_end > j:
            found.append(Piece("added", _joined(new[j:j_end])))
    return tuple(found)


def _words(text: str) -> list[str]:
    """Words and line ends: in a list each line means something."""
    return re.findall(r"\S+|\n", text)


def _joined(words: Iterable[str]) -> str:
    return re.sub(r" ?\n ?", "\n", " ".join(words))


def summary(found: VersionDifference) -> list[str]:
    """Return the numbers of what differs in words, those that are not nothing."""
    lines = (
        (len(found.added), _("added")),
        (len(found.changed), _("changed")),
        (len(found.removed), _("removed")),
        (len(found.moved), _("moved to another domain")),
    )
    return [f"{number} {word}" for number, word in lines if number]
