"""States as a table: who may move what from where to where, and why not.

`Workflow.apply` is the only writer of a state. It checks who (a permission), locks the row, checks when (sources and
guards, each with a reason that a person can read), writes the state and adds a history row.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Reason = str | Promise
Guard = Callable[[Any], Reason | None]


class TransitionRefused(Exception):
    """A move that is not possible now. `str()` gives the reason in the active language."""

    def __init__(self, reason: Reason, *, done_already: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.done_already = done_already

    def __str__(self) -> str:
        return str(self.reason)


@dataclass(frozen=True)
class Transition:
    name: str
    sources: tuple[str, ...]
    target: str
    permission: str
    label: Reason
    happened: Reason = ""
    guards: tuple[Guard, ...] = ()
    needs_reason: bool = False
    grave: bool = False

    def refusal(self, thing: Any) -> Reason | None:
        """Return why `thing` may not make this move now, or None when it may."""
        if thing.state not in self.sources:
            return _("This is not possible while it is “%(state)s”.") % {"state": thing.get_state_display()}
        return next((reason for guard in self.guards if (reason := guard(thing))), None)


@dataclass(frozen=True)
class Offer:
    """A move as a page shows it: possible (reason is None) or blocked with its reason."""

    transition: Transition
    reason: Reason | None


class Workflow:
    def __init__(self, *transitions: Transition, history: str) -> None:
        """Hold the table. `history` is the related name of the rows that record each move."""
        self.transitions = {t.name: t for t in transitions}
        self.history = history

    def __iter__(self) -> Iterator[Transition]:
        return iter(self.transitions.values())

    def __getitem__(self, name: str) -> Transition:
        return self.transitions[name]

    def offered_to(self, user: Any, thing: Any) -> list[Offer]:
        """List the moves out of the present state that `user` may make, blocked ones with their reason."""
        return [
            Offer(t, next((reason for guard in t.guards if (reason := guard(thing))), None))
            for t in self
            if thing.state in t.sources and user.has_perm(t.permission, thing)
        ]

    @transaction.atomic
    def apply(self, thing: models.Model, name: str, *, by: Any = None, note: str = "", guarded: bool = True) -> None:
        """Move `thing` by the transition called `name`.

        `by` is the person, or None when the portal itself acts on a rule; then no permission is asked.
        Raises PermissionDenied when the person may not, TransitionRefused (with a readable reason) when the moment is
        wrong. The row is locked first and read again, so that of two simultaneous movers one is refused.
        """
        move = self.transitions[name]
        locked: Any = type(thing)._base_manager.select_for_update(of=("self",)).get(pk=thing.pk)
        if by is not None and not by.has_perm(move.permission, locked):
            raise PermissionDenied
        if locked.state == move.target and locked.state not in move.sources:
            raise TransitionRefused(self.already(locked, move), done_already=True)
        if (locked.state not in move.sources or guarded) and (reason := move.refusal(locked)):
            raise TransitionRefused(reason)
        if move.needs_reason and not note.strip():
            raise TransitionRefused(_("Please give a reason; the others will read it."))
        before = locked.state
        type(thing)._base_manager.filter(pk=thing.pk).update(state=move.target)
        thing.state = move.target  # type: ignore[attr-defined]
        getattr(thing, self.history).create(
            from_state=before, to_state=move.target, transition=name, by=by, by_name=str(by or ""), note=note
        )

    def already(self, thing: Any, move: Transition) -> Reason:
        """Say who made this move before, so that a second click is answered and not scolded."""
        last = getattr(thing, self.history).filter(to_state=move.target).order_by("-at", "-pk").first()
        who = last.by_name if last and last.by_name else _("the portal")
        return _("Already done by %(who)s: it is “%(state)s”.") % {"who": who, "state": thing.get_state_display()}

    def matrix(self) -> dict[str, dict[str, str]]:
        """Return {transition: {source: target}}: the table that tests compare, since the table is the specification."""
        return {t.name: dict.fromkeys(t.sources, t.target) for t in self}
