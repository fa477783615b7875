"""A mail server that takes letters and keeps them; it can be told to refuse, and to think before it answers."""

import asyncio
import email
import email.policy
import socket
import threading
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


class Sink:
    """`with Sink() as sink:` listens on sink.port; what came is in sink.mails.

    `refuse` maps an address to the answer to RCPT ("550 no such person"). While `pause_at` is "RCPT" or "DATA", the
    server sets `reached` when it comes there and does not answer before `go_on` is set.
    """

    def __init__(self, port: int = 0) -> None:
        self.mails: list[EmailMessage] = []
        self.refuse: dict[str, str] = {}
        self.pause_at = ""
        self.reached, self.go_on = threading.Event(), threading.Event()
        self.sessions: set[Any] = set()
        self._controller = Controller(self, hostname="127.0.0.1", port=port or free_port())

    @property
    def port(self) -> int:
        return self._controller.port

    def __enter__(self) -> "Sink":
        self._controller.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        self.go_on.set()
        self._controller.stop()

    def message_ids(self, address: str) -> list[str]:
        """The Message-ID of each mail that came for `address`."""
        return [mail["Message-ID"] for mail in self.mails if mail["X-RcptTo"] == address]

    # ---- what aiosmtpd asks ---------------------------------------------------------------------

    async def handle_RCPT(self, _server: Any, session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        self.sessions.add(session.peer)
        await self._think("RCPT")
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        mail["X-RcptTo"] = envelope.rcpt_tos[0]
        self.mails.append(mail)
        await self._think("DATA")
        return "250 OK"

    async def _think(self, where: str) -> None:
        if self.pause_at == where:
            self.reached.set()
            while not self.go_on.is_set():
                await asyncio.sleep(0.02)


def free_port() -> int:
    """A port nobody listens on at present."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return int(place.getsockname()[1])
