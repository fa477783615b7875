"""The letters about modules: to their authors, and to those who review what authors hand in."""

from typing import Any

from ..models import Module
from .common import both, kind, url_words

# To the authors. `due` and `until` are from `optional_day` or `day_words`; `reason` is somebody's own words.
AUTHOR_INVITED = kind("module_author_invited", "by", "partner", "until", "due", "is_new")
DRAFT_ASSIGNED = kind("module_draft_assigned", "by", "partner", "due")
DRAFT_DUE = kind("module_draft_due", "due", "is_late", reminder=True)
AUTHOR_ENDS = kind("module_author_ends", "until", reminder=True)
SENT_BACK = kind("module_sent_back", "by", "reason", "due")
REVIEWED = kind("module_reviewed", "by")
APPROVED = kind("module_approved", "by")
DROPPED = kind("module_dropped", "by", "reason")
# To the University and the coordinators.
HANDED_IN = kind("module_handed_in", "by", "partner")
DRAFT_LATE = kind("module_draft_late", "due", "authors", reminder=True)

WRITES = (AUTHOR_INVITED, DRAFT_ASSIGNED, DRAFT_DUE, AUTHOR_ENDS, SENT_BACK)  # their button leads to where one writes


def module_values(about: Any, module: Module, **more: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the values of a letter of the kind `about`, per language, without the name of the reader.

    Each keyword of `more` is {"en": …, "fr": …}.
    """
    partner = module.partner
    url = url_words("module_write" if about in WRITES else "module", module.slug)
    known = {
        "heading": {code: module.title_in(code) for code in ("en", "fr")},
        "partner": _name_of(partner) if partner else both(""),
        "url": url,
        **more,
    }
    names = [name for name in about.variables if name != "name"]
    return {code: {name: known[name][code] for name in names} for code in ("en", "fr")}


def _name_of(partner: Any) -> dict[str, str]:
    en, fr = partner.name_en, partner.name_fr
    return {"en": en or fr, "fr": fr or en}
