"""The feed of new briefs, one per language."""

import re
from datetime import datetime
from typing import Any

from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from cmncp_portal.core.context import network
from cmncp_portal.core.markdown import to_html
from cmncp_portal.core.screens import absolute
from cmncp_portal.core.text import active_language

from ..models import Edition
from ..selectors.library import latest

_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # a feed that holds one of these cannot be read


def _plain(text: str) -> str:
    return _NOT_XML.sub(" ", text)


class BriefFeed(Feed):
    """New action briefs in the active language, newest first."""

    feed_type = Atom1Feed

    def title(self) -> str:
        return _("Action briefs of %(network)s") % {"network": network(active_language()).name}

    def link(self) -> str:
        return absolute(reverse("knowledge:library"))

    feed_guid = link

    def feed_url(self) -> str:
        return absolute(reverse("knowledge:feed"))

    def subtitle(self) -> str:
        return str(_("What works in crime prevention, and who can do what about it"))

    def author_name(self) -> str:
        return network(active_language()).name

    def items(self) -> Any:
        return latest(active_language())

    def item_title(self, item: Edition) -> str:
        title, reference = item.published.get("title", ""), item.brief.reference
        return _plain(f"{reference} {title}" if reference else title)

    def item_description(self, item: Edition) -> str:
        return _plain(strip_tags(to_html(item.published.get("summary", ""))).strip())

    def item_link(self, item: Edition) -> str:
        return absolute(item.brief.get_absolute_url())

    def item_author_name(self, item: Edition) -> str:
        return _plain(item.brief.authors) or self.author_name()

    def item_pubdate(self, item: Edition) -> datetime | None:
        return item.brief.published_at

    def item_updateddate(self, item: Edition) -> datetime | None:
        return item.published_at
