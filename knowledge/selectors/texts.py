"""Reading texts closely: versions and what differs between them, paragraphs with their comments."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from cmncp_portal.accounts.models import Role, User
from cmncp_portal.core.markdown import blocks, to_html

from ..models import ActionBrief, Comment, Edition, Review

QUOTE = 300  # characters of a paragraph that a comment keeps
CLOSELY = 600  # words or paragraphs; what is longer is compared faster and less finely
ALIKE = 0.35  # below this two paragraphs have too little in common to be compared by words
SUGGESTED = 100  # people offered as reviewers while somebody types


def label_of(name: str) -> str:
    """Return what the text called `name` is called on pages, in the active language."""
    column: Any = Edition._meta.get_field(name)
    return capfirst(str(column.verbose_name))


# ---- differences --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Piece:
    """Some words of a paragraph: `kind` is "same", "added" or "removed"."""

    kind: str
    text: str


Pieces = tuple[Piece, ...]


@dataclass(frozen=True)
class Difference:
    """One text of an edition, before and after, by paragraph."""

    name: str
    label: str
    paragraphs: tuple[Pieces, ...]

    @property
    def is_changed(self) -> bool:
        return any(piece.kind != "same" for pieces in self.paragraphs for piece in pieces)


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of Markdown `text`: what stands between empty lines."""
    return [part.strip() for part in re.split(r"\n[^\S\n]*(?:\n[^\S\n]*)+", text.replace("\r\n", "\n")) if part.strip()]


def compared(before: Mapping[str, str], after: Mapping[str, str]) -> list[Difference]:
    """Return for each text of an edition how `after` differs from `before`."""
    return [Difference(name, label_of(name), differences(before[name], after[name])) for name in Edition.TEXTS]


def differences(before: str, after: str) -> tuple[Pieces, ...]:
    """Return the paragraphs of both texts, word by word where a paragraph was only changed."""
    old, new = paragraphs(before), paragraphs(after)
    found: list[Pieces] = []
    for tag, i, i_end, j, j_end in _matcher(old, new).get_opcodes():
        if tag == "equal":
            found += [(Piece("same", text),) for text in new[j:j_end]]
        else:
            found += _rewritten(old[i:i_end], new[j:j_end])
    return tuple(found)


def _matcher(old: list[str], new: list[str]) -> "SequenceMatcher[str]":
    return SequenceMatcher(None, old, new, autojunk=max(len(old), len(new)) > CLOSELY)


def _rewritten(old: list[str], new: list[str]) -> list[Pieces]:
    found: list[Pieces] = []
    common = min(len(old), len(new))
    for before, after in zip(old, new, strict=False):
        found += _word_by_word(before, after)
    found += [(Piece("removed", text),) for text in old[common:]]
    return found + [(Piece("added", text),) for text in new[common:]]


def _word_by_word(before: str, after: str) -> list[Pieces]:
    old, new = _words(before), _words(after)
    matcher = _matcher(old, new)
    if matcher.real_quick_ratio() < ALIKE or matcher.quick_ratio() < ALIKE:
        return [(Piece("removed", before),), (Piece("added", after),)]
    pieces: list[Piece] = []
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", _joined(new[j:j_end])))
            continue
        if i_end > i:
            pieces.append(Piece("removed", _joined(old[i:i_end])))
        if j_end > j:
            pieces.append(Piece("added", _joined(new[j:j_end])))
    return [tuple(pieces)]


def _words(text: str) -> list[str]:
    """Words and line ends: in a list each line means something."""
    return re.findall(r"\S+|\n", text)


def _joined(words: Iterable[str]) -> str:
    return re.sub(r" ?\n ?", "\n", " ".join(words))


# ---- versions -----------------------------------------------------------------------------------


def versions_of(edition: Edition) -> QuerySet[Any]:
    """Return the saved versions, newest first, each as its history row; an empty beginning is left out."""
    events: Any = Edition._meta.get_field("events").related_model  # django-pghistory adds it
    nothing = dict.fromkeys(Edition.TEXTS, "")
    history = events.objects.filter(pgh_obj=edition.pk)  # none while nobody saved anything
    return history.order_by("-version", "pgh_id").distinct("version").exclude(version=1, **nothing)


def texts_at(edition: Edition, version: int) -> dict[str, str] | None:
    """Return the texts of `edition` as they stood at `version`, or None when there was no such version."""
    return texts_of(edition, version).get(version)


def texts_of(edition: Edition, *versions: int) -> dict[int, dict[str, str]]:
    """Return by number the texts of those of `versions` that there were; 0 is the empty page before the first."""
    found = {0: dict.fromkeys(Edition.TEXTS, "")} if 0 in versions else {}
    if edition.pk and edition.version in versions:
        found[edition.version] = edition.texts
    if others := set(versions) - found.keys():
        rows = versions_of(edition).filter(version__in=others)
        found |= {row.version: {name: getattr(row, name) for name in Edition.TEXTS} for row in rows}
    return found


def with_changes(edition: Edition, rows: list[Any]) -> list[Any]:
    """Give each of `rows` (neighbours from versions_of) `before`, the version before it, and `changed`, the labels of what differs."""
    if not rows:
        return []
    older = versions_of(edition).filter(version__lt=rows[-1].version).first()
    for row, before in zip(rows, [*rows[1:], older], strict=True):
        row.before = before.version if before else 0
        row.changed = [label_of(name) for name in Edition.TEXTS if getattr(row, name) != getattr(before, name, "")]
    return rows


def source_changes(brief: ActionBrief, translation: Edition | None) -> list[Difference]:
    """Return the original, with what changed in it since the version that was translated; nothing marked before there was one."""
    source = brief.source
    if source is None:
        return []
    based_on = translation.based_on if translation else 0
    before = texts_at(source, based_on) if based_on else None  # 0: never translated
    return compared(before or source.texts, source.texts)


# ---- reading and comments -----------------------------------------------------------------------


@dataclass
class Block:
    """A paragraph as reviewers see it. `number` counts through the whole text, `index` within its own from 0."""

    name: str
    index: int
    number: int
    html: SafeString
    quote: str
    comments: list[Comment] = field(default_factory=list)


@dataclass(frozen=True)
class Section:
    label: str
    name: str
    blocks: list[Block]


def rendered(texts: Mapping[str, str]) -> list[tuple[str, str, SafeString]]:
    """Return name, label and sanitised HTML of each text that is written, the title aside."""
    return [(name, label_of(name), to_html(texts[name])) for name in Edition.TEXTS[1:] if texts[name].strip()]


def blocks_of(name: str, text: str) -> list[tuple[str, SafeString]]:
    """Return the paragraphs that can be commented on, as written and as HTML; a title is one, and no Markdown."""
    if name != "title":
        return blocks(text)
    return [(text, to_html(re.sub(r"([^\w\s])", r"\\\1", text)))] if text else []


def reading(edition: Edition, comments: Iterable[Comment] = ()) -> list[Section]:
    """Return the written texts of `edition` by paragraph, each comment beside its own.

    A comment follows its words when they moved. When they changed, it stays at its place, and `is_outdated` says so.
    """
    sections, number = [], 0
    for name in Edition.TEXTS:
        found = []
        for index, (written, html) in enumerate(blocks_of(name, getattr(edition, name))):
            number += 1
            found.append(Block(name, index, number, html, written[:QUOTE]))
        if found:
            sections.append(Section(label_of(name), name, found))
    _place(comments, sections)
    return sections


def _place(comments: Iterable[Comment], sections: list[Section]) -> None:
    by_name = {section.name: section.blocks for section in sections}
    anywhere = sections[0].blocks if sections else []
    for comment in comments:
        own = by_name.get(comment.field, [])
        quoted = [block for block in own if block.quote == comment.quote]
        comment.is_outdated = not quoted  # type: ignore[attr-defined]
        near = quoted or own or anywhere
        if near:
            min(near, key=lambda block: abs(block.index - comment.paragraph)).comments.append(comment)


def comments_of(edition: Edition) -> list[Comment]:
    """Return all comments on `edition`, oldest first."""
    return list(edition.comments.order_by("at", "pk"))


# ---- reviewers ----------------------------------------------------------------------------------


def reviews_of(brief: ActionBrief) -> list[Review]:
    """Return who was asked to read, open ones first by their day, then the answers, newest first. `is_late` says what it says."""
    today = timezone.localdate()
    rows = list(brief.reviews.select_related("reviewer"))
    for row in rows:
        row.is_late = row.answered_at is None and row.due_on < today  # type: ignore[attr-defined]
    answered = sorted((r for r in rows if r.answered_at), key=lambda r: r.answered_at or r.asked_at, reverse=True)
    return [r for r in rows if not r.answered_at] + answered


def comment_counts(brief: ActionBrief) -> dict[str, tuple[int, int]]:
    """Return by language how many comments there are on `brief`, and how many of them are open."""
    rows = brief.editions.annotate(
        all_comments=Count("comments"), open_comments=Count("comments", filter=Q(comments__resolved_at__isnull=True))
    )
    return {row.language: (row.all_comments, row.open_comments) for row in rows.defer(*Edition.TEXTS)}


def may_review() -> QuerySet[User]:
    """Return the accounts that can be asked to read a draft: everybody who has been let in."""
    return User.objects.filter(is_active=True, accepted_at__isnull=False)


def suggested_reviewers() -> QuerySet[User]:
    """Return people of the network itself, whom the page offers while somebody types: at most SUGGESTED."""
    roles = [Role.UNIVERSITY, Role.COORDINATOR, Role.REVIEWER]
    return may_review().filter(groups__name__in=roles).distinct().order_by("name", "pk")[:SUGGESTED]


def people_called(who: str) -> list[User]:
    """Return the people meant by a name or an email address: one address is one person, a name may be several."""
    who = who.strip()
    rows = may_review().filter(Q(email__iexact=who) | Q(name__iexact=who)).order_by("pk")[:5]
    exact = [user for user in rows if user.email.lower() == who.lower()]
    return exact or list(rows)


def reviews_asked_of(user: Any) -> QuerySet[ActionBrief]:
    """Return the briefs that `user` was asked to read, answered ones included."""
    return ActionBrief.objects.filter(pk__in=Review.objects.filter(reviewer=user).values("brief"))
