"""Everything that people do to the network: one function each, keyword-only, with `by`."""

from .base import Refused
from .data import load_demo_municipalities, load_reference_data
from .imports import apply_run, forget_old_runs, take_list
from .merging import merge_stakeholders, what_moves
from .municipalities import add_programme, admit_member, keep_municipality, keep_programme, suspend_member
from .people import (
    add_stakeholder,
    attach_user,
    give_account,
    keep_stakeholder,
    leave,
    move_stakeholder,
    transfer_representative,
)

__all__ = [
    "Refused",
    "add_programme",
    "add_stakeholder",
    "admit_member",
    "apply_run",
    "attach_user",
    "forget_old_runs",
    "give_account",
    "keep_municipality",
    "keep_programme",
    "keep_stakeholder",
    "leave",
    "load_demo_municipalities",
    "load_reference_data",
    "merge_stakeholders",
    "move_stakeholder",
    "suspend_member",
    "take_list",
    "transfer_representative",
    "what_moves",
]
