"""Standing pages as prose, one Markdown file per language: <name>.en.md and <name>.fr.md."""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import override

from cmncp_portal.core.context import network
from cmncp_portal.core.markdown import to_html
from cmncp_portal.core.screens import absolute

_FOLDER = Path(__file__).parent


@cache
def _source(name: str, language: str) -> str:
    return (_FOLDER / f"{name}.{language}.md").read_text(encoding="utf-8")


def text_page(name: str, language: str) -> SafeString:
    """Return the page `name` in `language` as safe HTML, with the network's present names and addresses filled in."""
    who = network(language)
    values = {
        "network": who.name,
        "acronym": who.acronym,
        "contact": who.contact_email,
        "portal": settings.SITE_ADDRESS,
    }
    with override(language):
        values["my_data"] = absolute(reverse("privacy:mine"))
    text = _source(name, language)
    for key, value in values.items():
        text = text.replace(f"{{{key}}}", value)
    return to_html(text)
