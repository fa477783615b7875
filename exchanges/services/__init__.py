"""What people do in an exchange: one function per act, keyword-only, with `by`. Each tells its whole story."""

from .after import (
    close_exchange,
    close_one_sided,
    decide_return,
    propose_return,
    release_evaluations,
)
from .answering import accept_window, ask_host, change_host, decline, propose_windows
from .days import catch_idea, record_held
from .desk import (
    answer_invitation,
    not_me,
    save_needs,
    send_links_again,
    stop_letters,
    suggest_colleague,
    withdraw_member,
)
from .moving import cancel, confirm, postpone, reopen, set_dates, withdraw
from .planning import (
    add_document,
    add_stop,
    agree_stop,
    drop_stop,
    keep_practical,
    keep_stop,
    move_stop,
    remove_document,
)
from .requesting import keep_request, start_request, submit_request
from .team import (
    add_member,
    invite_all,
    invite_member,
    keep_member,
    name_lead,
    remove_member,
    replace_member,
    waive_team,
)

__all__ = [
    "accept_window",
    "add_document",
    "add_member",
    "add_stop",
    "agree_stop",
    "answer_invitation",
    "ask_host",
    "cancel",
    "catch_idea",
    "change_host",
    "close_exchange",
    "close_one_sided",
    "confirm",
    "decide_return",
    "decline",
    "drop_stop",
    "invite_all",
    "invite_member",
    "keep_member",
    "keep_practical",
    "keep_request",
    "keep_stop",
    "move_stop",
    "name_lead",
    "not_me",
    "postpone",
    "propose_return",
    "propose_windows",
    "record_held",
    "release_evaluations",
    "remove_document",
    "remove_member",
    "reopen",
    "replace_member",
    "save_needs",
    "send_links_again",
    "set_dates",
    "start_request",
    "stop_letters",
    "submit_request",
    "suggest_colleague",
    "waive_team",
    "withdraw",
    "withdraw_member",
]
