"""The letters that the worker carried to the mail server, compared word for word with files in snapshots/."""

import re
from datetime import date
from email.message import EmailMessage
from pathlib import Path

from django.utils import timezone

from cmncp_portal.core.dates import day_in_words, days_in_words
from cmncp_portal.notifications.models import Message
from cmncp_portal.testing.background import wait
from cmncp_portal.testing.sink import Sink
from cmncp_portal.testing.snapshots import assert_snapshot

SNAPSHOTS = Path(__file__).parent / "snapshots"
Days = dict[str, date | tuple[date, date]]


class Post:
    """`days` names the dates of the story, so that the letters of today and of next year are the same to a file."""

    def __init__(self, sink: Sink, site: str, story: str, days: Days) -> None:
        self.sink, self.site, self.story, self.days = sink, site, story, days
        self._read = 0

    def arrives(self, occasion: str, to: list[str]) -> list[EmailMessage]:
        """Wait until nothing is left to send; what came since the last call must be letters `to` these addresses, each as in its file.

        One file per occasion: snapshots/<story>/<occasion>.txt, with hyphens.
        """
        wait(lambda: self._count_sent() >= self._read + len(to), saying=f"{occasion}: letters are missing")
        wait(lambda: not Message.objects.due(timezone.now()).exists(), saying=f"{occasion}: a letter does not leave")
        wait(lambda: len(self.sink.mails) == self._count_sent(), saying=f"{occasion}: a letter was lost")
        new = sorted(self.sink.mails[self._read :], key=lambda mail: (mail["X-RcptTo"], mail["X-CMNCP-Kind"]))
        self._read += len(new)
        assert [mail["X-RcptTo"] for mail in new] == sorted(to), occasion
        assert len({mail["Message-ID"] for mail in new}) == len(new)
        text = f"\n{'=' * 100}\n".join(self._as_read(mail) for mail in new)
        assert_snapshot(SNAPSHOTS / self.story / f"{occasion.replace(' ', '-')}.txt", text)
        return new

    def _count_sent(self) -> int:
        return Message.objects.filter(state=Message.State.SENT).count()

    def link(self, mail: EmailMessage) -> str:
        """Return the address of the one button of a letter, the same in its plain and its HTML part."""
        text, html = body_of(mail, "plain"), body_of(mail, "html")
        address = re.search(rf"^{re.escape(self.site)}/\S+$", text, re.M)
        assert address, text
        assert f'href="{address[0]}"' in html
        return address[0]

    def _as_read(self, mail: EmailMessage) -> str:
        self.link(mail)
        heads = [
            f"{name}: {one_line(mail[name])}" for name in ("From", "To", "Subject", "Content-Language", "X-CMNCP-Kind")
        ]
        text = "\n".join([*heads, "", body_of(mail, "plain")])
        calendar = calendar_of(mail)
        return self._settled(f"{text}\n\n{calendar}" if calendar else text)

    def _settled(self, text: str) -> str:
        """The one place where what differs from run to run is put aside: site, personal links, numbers, dates."""
        text = text.replace(self.site, "https://portal.example")
        text = re.sub(r"(?<=/)\d+\.[\w-]{40,}(?=[/?\s])", "PERSONAL-LINK", text)
        text = re.sub(r"(?<=/)\d+(?=/)", "NUMBER", text)  # of a row: another order of the tests is another number
        text = re.sub(r"EX-\d{4}-\d+", "EX-YEAR-NUMBER", text)
        text = re.sub(r"^UID:([a-z]+)-\d+@", r"UID:\1-NUMBER@", text, flags=re.M)
        text = re.sub(r"^DTSTAMP:\d{8}T\d{6}Z$", "DTSTAMP:NOW", text, flags=re.M)
        for words, name in sorted(self._words(), key=lambda pair: -len(pair[0])):
            text = text.replace(words, name)
        return text

    def _words(self) -> list[tuple[str, str]]:
        found = []
        for name, span in self.days.items():
            first, last = span if isinstance(span, tuple) else (span, span)
            found += [(days_in_words(first, last, language), f"<{name}>") for language in ("en", "fr")]
            for which, day in (("first", first), ("last", last)):
                single = f"<{name}, {which} day>" if first != last else f"<{name}>"
                found += [(day_in_words(day, language), single) for language in ("en", "fr")]
                found.append((f":{day:%Y%m%d}T", f":{single}T"))
        return found


def one_line(head: str) -> str:
    """Return a header without the folds of its lines; French spaces that do not break stay."""
    return re.sub(r"[ \r\n]+", " ", head).strip()


def body_of(mail: EmailMessage, kind: str) -> str:
    """Return the plain or HTML text of a mail."""
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def calendar_of(mail: EmailMessage) -> str:
    """Return the event of the calendar part, unfolded and without the tables of its time zone; empty when there is none."""
    for part in mail.walk():
        if part.get_content_type() == "text/calendar":
            text = re.sub(r"\r?\n[ \t]", "", part.get_content()).replace("\r\n", "\n")
            method = re.search(r"^METHOD:\w+$", text, re.M)
            event = re.search(r"^BEGIN:VEVENT$.*^END:VEVENT$", text, re.M | re.S)
            assert method
            assert event
            return f"{method[0]}\n{event[0]}"
    return ""


def line_of(mail: EmailMessage, name: str) -> str:
    """Return one line of the calendar event, such as SEQUENCE or DTSTART with its parameters."""
    found = re.search(rf"^{name}[:;](.*)$", calendar_of(mail), re.M)
    assert found, f"no {name}"
    return found[1]
