"""Accessible formats of a brief: made when it is published, kept, made again when anything in them changed; and asking for others."""

import hashlib
import json
import logging
from datetime import date
from typing import Any

from celery import current_app
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.days import add_working_days
from cmncp_portal.core.pandoc import PandocFailed
from cmncp_portal.core.pdf import NoPdf, compile_pdf
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.notifications import services as letters
from cmncp_portal.notifications.recipients import Recipient

from ..models import ActionBrief, Edition, Format, FormatRequest, MadeFile
from ..notifications import FORMAT_RECEIVED, FORMAT_REQUESTED, address, both, day_words
from ..selectors.people import writers_and_coordinators
from ..workflow import FORMAT_DAYS
from .asking import readers_title
from .formats_content import content_of
from .formats_pandoc import converted

log = logging.getLogger(__name__)

FORMAT_VERSION = 1  # raise it when template or layout changes: every file is then made anew
TEMPLATE = "brief.typ"
TASK = "knowledge.make_files"
MOST_OPEN = (
    5  # requests of one address that nobody has answered yet: a form without account is not for filling mailboxes
)
PANDOC = {Format.DOCX: "docx", Format.EPUB: "epub", Format.TEXT: "plain"}
# What people write and the portal's typeface lacks, with what looks the same.
STAND_INS = str.maketrans(dict.fromkeys("\u2002\u2003\u2004\u2005\u2008\u2009\u200a", "\u00a0") | {"\u2010": "-", "\u2011": "-", "\u25cf": "•"})  # fmt: skip


class NoFile(Exception):
    """A file that cannot be made. `str()` says why, for the log."""


# ---- making


def has_files(edition: Edition) -> bool:
    """Tell whether readers can have files of `edition`: it is published and has a text, not only an entry in the catalogue."""
    texts = edition.published
    return edition.is_published and bool(texts.get("challenge") or texts.get("what_works"))


def file_of(edition: Edition, format: str) -> MadeFile:
    """Return the file of the published `edition` in `format`, made now when it is missing or no longer says what is published.

    Raises NoFile when there is no text to make it from, or when it cannot be made.
    """
    return _file(edition, Format(format), _content(edition))


def make_all(brief: ActionBrief) -> list[MadeFile]:
    """Make all formats of each published edition of `brief` that are not there yet; return those that could be made."""
    found = []
    for edition in brief.by_language.values():
        if not has_files(edition):
            continue
        content = _content(edition)
        for format in Format:
            try:
                found.append(_file(edition, format, content))
            except NoFile as problem:  # asked for again when somebody wants it
                log.error("%s of edition %s: %s", format, edition.pk, problem)
    return found


def make_all_by_pk(pk: int) -> list[MadeFile]:
    """Do what `make_all` does for the brief with that key; nothing when it is gone or no longer public."""
    brief = ActionBrief.objects.public().select_related("series").prefetch_related("editions").filter(pk=pk).first()
    return make_all(brief) if brief else []


def order(brief: ActionBrief) -> None:
    """Ask a worker to make the files of `brief` once this transaction is committed; else they are made when wanted."""
    pk = brief.pk

    def publish() -> None:
        try:
            current_app.send_task(TASK, (pk,), retry=False)
        except Exception as problem:  # the broker is down: who wants a file makes it
            log.warning("files of brief %s wait for a reader, the broker does not answer: %s", pk, problem)

    transaction.on_commit(publish)


def _content(edition: Edition) -> dict[str, Any]:
    if not has_files(edition):
        raise NoFile(f"edition {edition.pk} has no published text")
    return content_of(edition)


def _digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps([FORMAT_VERSION, content], sort_keys=True).encode()).hexdigest()


def _file(edition: Edition, format: Format, content: dict[str, Any]) -> MadeFile:
    digest = _digest(content)
    found = MadeFile.objects.filter(edition=edition, format=format).first()
    return found if found and _is_good(found, digest) else _remade(edition, format, content, digest)


def _is_good(made: MadeFile, digest: str) -> bool:
    name = made.file.name
    return made.digest == digest and bool(name) and made.file.storage.exists(str(name))


@transaction.atomic
def _remade(edition: Edition, format: Format, content: dict[str, Any], digest: str) -> MadeFile:
    """The row is locked while its file is made: who asks at the same moment waits for it and makes nothing."""
    MadeFile.objects.get_or_create(edition=edition, format=format)
    made = MadeFile.objects.select_for_update().get(edition=edition, format=format)
    if _is_good(made, digest):
        return made
    before, storage = made.file.name, made.file.storage
    made.file.save("", ContentFile(_made(format, content)), save=False)
    made.digest, made.made_at = digest, timezone.now()
    try:
        made.save()
    except BaseException:
        storage.delete(str(made.file.name))
        raise
    if before:
        transaction.on_commit(lambda: storage.delete(before))
    return made


def _made(format: Format, content: dict[str, Any]) -> bytes:
    try:
        if format in PANDOC:
            return converted(content, PANDOC[format])
        foot = " · ".join(filter(None, (content["network"], content["reference"])))
        data = _with_stand_ins(content | {"foot": foot, "large": format == Format.LARGE})
        return compile_pdf(TEMPLATE, data, language=content["language"])
    except (NoPdf, PandocFailed) as problem:
        raise NoFile(str(problem)) from problem


def _with_stand_ins(value: Any) -> Any:
    if isinstance(value, str):
        return value.translate(STAND_INS)
    if isinstance(value, dict):
        return {key: _with_stand_ins(each) for key, each in value.items()}
    return [_with_stand_ins(each) for each in value] if isinstance(value, list) else value


# ---- asking for another format


@transaction.atomic
def ask_format(brief: ActionBrief, *, wanted: str, email: str, language: str, name: str = "") -> FormatRequest:
    """Keep that somebody needs `brief` in another format, with the day by which they hear; write to them and to the team.

    `language` is that of the page. The same wish of the same address, as long as nobody answered, is one wish.
    Raises TransitionRefused when too many of this address are open.
    """
    ActionBrief.objects.select_for_update().get(pk=brief.pk)
    wanted, email, name = wanted.strip(), email.strip().lower(), name.strip()
    still_open = FormatRequest.objects.filter(email=email, answered_at__isnull=True)
    if known := still_open.filter(brief=brief, wanted=wanted).first():
        return known
    if still_open.count() >= MOST_OPEN:
        raise TransitionRefused(_("You have asked for several formats already. We answer these first."))
    made = FormatRequest.objects.create(
        brief=brief, wanted=wanted, name=name, email=email, language=language, promised_on=promised_on()
    )
    _tell(made)
    return made


def promised_on() -> date:
    """Return the day by which somebody who asks today hears from us."""
    return add_working_days(timezone.localdate(), FORMAT_DAYS)


def _tell(request: FormatRequest) -> None:
    common = {"title": readers_title(request.brief), "due": day_words(request.promised_on)}
    person = Recipient(request.email, request.name, request.language)  # type: ignore[arg-type]
    received = common | {"url": address("brief", request.brief.slug)}
    letters.send(FORMAT_RECEIVED, person, key=f"{FORMAT_RECEIVED.name}:{request.pk}", context=_for(person, received))
    by = f"{request.name} ({request.email})" if request.name else request.email
    answer = address("reader_answer", "format", request.pk)
    asked = common | {"wanted": both(request.wanted), "by": both(by), "url": answer}
    letters.send_many(
        FORMAT_REQUESTED,
        [(to, _for(to, asked)) for to in writers_and_coordinators()],
        key=f"{FORMAT_REQUESTED.name}:{request.pk}",
    )


def _for(to: Recipient, values: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return `values` by language, as letters want them, with the name of the person."""
    return {code: {name: value[code] for name, value in values.items()} | {"name": to.name} for code in ("en", "fr")}
