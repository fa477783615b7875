"""Writing the texts of a brief: saving without losing what somebody else wrote, saying that a text is final, going back."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from cmncp_portal.core.editing import Conflict, save_version
from cmncp_portal.core.workflow import TransitionRefused

from ..models import ActionBrief, Edition
from ..selectors.texts import label_of, texts_at
from ..workflow import has_a_title, has_its_text
from .moving import tell_translation_needed
from .writing import open_brief


@transaction.atomic
def keep_text(brief: ActionBrief, language: str, *, seen: int, by: Any, **texts: str) -> Edition:
    """Save some or all of the texts of `brief` in `language` ("en" or "fr") and return the edition as it stands then.

    `seen` is the version that the writer saw (1 where nothing was written yet), `texts` are named as in Edition.TEXTS. The
    same text once more changes nothing. A text that changes is a draft again until somebody says that it is final. Raises
    PermissionDenied; TransitionRefused when the brief is closed; Conflict when somebody saved since; TypeError for a text
    that does not exist.
    """
    if unknown := texts.keys() - set(Edition.TEXTS):
        raise TypeError(f"a brief has no {', '.join(sorted(unknown))}")
    open_brief(brief, by)
    edition = Edition.objects.get_or_create(brief=brief, language=language)[0]
    texts = {name: text.replace("\r\n", "\n").replace("\r", "\n") for name, text in texts.items()}
    if all(getattr(edition, name) == text for name, text in texts.items()):
        return edition
    fields = {**texts, "saved_by_name": str(by), "current_at": None, "current_by": None}
    save_version(edition, seen=seen, fields=fields)
    _forget(brief)
    return edition


def _forget(brief: ActionBrief) -> None:
    """Have the editions read again by whoever holds `brief`."""
    brief.__dict__.pop("by_language", None)
    getattr(brief, "_prefetched_objects_cache", {}).pop("editions", None)


@transaction.atomic
def mark_ready(
    brief: ActionBrief, language: str, *, by: Any, seen: int | None = None, source_seen: int | None = None
) -> Edition:
    """Record that the text in `language` is final, and return the edition.

    `seen` is the version of it that the person read, `source_seen` that of the original, when it is a translation; None
    stands for the present ones. Writers hear when an original is final and the other language is not. Raises
    PermissionDenied; TransitionRefused when something is missing, when one of the texts changed since, or when it was said
    already.
    """
    fresh = open_brief(brief, by)
    edition, source = fresh.by_language.get(language), fresh.source
    is_source = language == fresh.source_language
    _check_seen(edition, seen, None if is_source else source, source_seen)
    if fresh.state_of(language) == "current" and edition:
        who = edition.current_by or _("the portal")
        raise TransitionRefused(_("Already said to be final by %(who)s.") % {"who": who}, done_already=True)
    if reason := _why_not_final(fresh, language):
        raise TransitionRefused(reason)
    assert edition is not None
    edition.current_at, edition.current_by = timezone.now(), by
    edition.based_on = edition.based_on if is_source or source is None else source.version
    edition.save(update_fields=["current_at", "current_by", "based_on"])
    _forget(brief)
    if is_source:
        tell_translation_needed(brief)
    return edition


def _check_seen(edition: Edition | None, seen: int | None, source: Edition | None, source_seen: int | None) -> None:
    if edition and seen is not None and seen != edition.version:
        raise TransitionRefused(_("The text was changed since you opened the page. Please read it again."))
    if source and source_seen is not None and source_seen != source.version:
        raise TransitionRefused(
            _(
                "The original was changed since you opened the page. What is new in it is marked: please look at it first."
            )
        )


def _why_not_final(brief: ActionBrief, language: str) -> str:
    """Return why the text in `language` cannot be final; empty when it can."""
    edition, source = brief.by_language.get(language), brief.source
    if language == brief.source_language or source is None:
        return str(has_a_title(brief) or has_its_text(brief) or "")
    if edition is None or not edition.title:
        return _("Give it a title first.")
    lacking = [name for name in Edition.TEXTS if getattr(source, name) and not getattr(edition, name)]
    return _("Not translated yet: %(text)s.") % {"text": capfirst(label_of(lacking[0]))} if lacking else ""


def restore(edition: Edition, *, version: int, seen: int, by: Any) -> bool:
    """Put the texts of `version` back as a new save; return whether that changed anything.

    What stood before stays among the versions. Raises as keep_text does, and TransitionRefused for a version that never was.
    """
    texts = texts_at(edition, version) if version else None
    if texts is None:
        raise TransitionRefused(_("There is no such version."))
    if seen != edition.version:
        raise Conflict(edition)
    return keep_text(edition.brief, edition.language, seen=seen, by=by, **texts).version != seen
