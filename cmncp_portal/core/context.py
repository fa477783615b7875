"""What every page knows: the network's name, the navigation, the same page in the other language."""

from dataclasses import dataclass
from typing import Any

import rules
from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse, translate_url
from django.utils.translation import gettext_lazy as _

from .text import active_language, other

# URL names are public: a link is how rooms connect. An activity whose pages do not exist yet has no link.
NAVIGATION = (
    ("exchanges:list", _("Exchanges")),
    ("meetings:list", _("Meetings")),
    ("knowledge:library", _("Knowledge")),
    ("training:overview", _("Training")),
    ("mentoring:overview", _("Mentoring")),
    ("network:directory", _("Municipalities")),
    ("home:calendar", _("Calendar")),
)


@dataclass(frozen=True)
class Network:
    name: str
    acronym: str
    motto: str
    contact_email: str
    postal_address: str


@dataclass(frozen=True)
class NavigationItem:
    label: Any
    url: str
    current: bool


@dataclass(frozen=True)
class OtherLanguage:
    code: str
    name: str
    url: str


def network(language: str) -> Network:
    """Return the network's names in `language` ("en" or "fr"), from the settings."""
    upper = language.upper()
    return Network(
        name=getattr(settings, f"NETWORK_NAME_{upper}"),
        acronym=getattr(settings, f"NETWORK_ACRONYM_{upper}"),
        motto=getattr(settings, f"NETWORK_MOTTO_{upper}"),
        contact_email=settings.NETWORK_CONTACT_EMAIL,
        postal_address=getattr(settings, f"NETWORK_POSTAL_ADDRESS_{upper}"),
    )


def navigation(path: str) -> list[NavigationItem]:
    """Return the primary navigation; the item whose pages contain `path` is current."""
    items = []
    for name, label in NAVIGATION:
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        items.append(NavigationItem(label, url, path.startswith(url)))
    return items


# Pages for people with a role of the network: permission, URL name, label. Asked without queries.
OFFICE = (
    ("exchanges.see_reach", "home:reach", _("Reach of the network")),
    ("joining.see_desk", "joining:desk", _("Joining and renewal")),
    ("mentoring.match", "mentoring:desk", _("Bringing mentors together")),
    ("training.see_module_desk", "training:module_desk", _("Modules in the making")),
    ("training.see_coverage", "training:coverage", _("Competencies by region")),
    ("notifications.read_outbox", "notifications:outbox", _("Outbox")),
    ("evaluation.review", "evaluation:desk", _("Review of evaluations")),
    ("evaluation.read_coded", "evaluation:coded", _("Coded answers")),
    ("evaluation.view_questionnaires", "evaluation:questionnaires", _("Questionnaires")),
    ("reporting.read_reports", "reporting:list", _("Reports")),
    ("network.import_lists", "network:import", _("Lists in and out")),
    ("accounts.manage_people", "accounts:people", _("People and roles")),
    ("privacy.keep_register", "privacy:register", _("Personal data")),
)


def office(user: Any) -> list[NavigationItem]:
    """Return the pages that `user` may open because of a role in the network."""
    if not getattr(user, "is_authenticated", False):
        return []
    return [
        NavigationItem(label, reverse(name), False)
        for permission, name, label in OFFICE
        if rules.perm_exists(permission) and rules.has_perm(permission, user)
    ]


def same_page(address: str, here: str, there: str) -> str:
    """Return `address` (path and query string, in the language `here`) in the language `there`."""
    translated = translate_url(address, there)
    if translated == address and address.startswith(f"/{here}/"):  # no such page: its 404 has two languages too
        return f"/{there}/{address.removeprefix(f'/{here}/')}"
    return translated


def portal(request: HttpRequest) -> dict[str, Any]:
    language = active_language()
    there = other(language)
    return {
        "network": network(language),
        "nav": navigation(request.path),
        "other_language": OtherLanguage(
            there, dict(settings.LANGUAGES)[there], same_page(request.get_full_path(), language, there)
        ),
        "office": office(getattr(request, "user", None)),
        "is_demo": getattr(settings, "DEMO", False),
    }
