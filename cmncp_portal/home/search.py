"""One search over what exists: exchanges, municipalities, programmes. Each shows what the reader may see, accents folded."""

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce, Concat

from cmncp_portal.core.search import Fold
from cmncp_portal.network import selectors as network
from cmncp_portal.network.models import Municipality, PreventionProgramme
from exchanges.models import Exchange

SHOWN = 10
LONGEST = 100  # characters of a question; the rest is not looked at
_EXCHANGE_TEXTS = ("reference", "challenge", "guest__name_en", "guest__name_fr", "host__name_en", "host__name_fr")


@dataclass(frozen=True)
class Found:
    """What matched, at most SHOWN of each sort; `has_more` when some were left out."""

    exchanges: list[Exchange]
    municipalities: list[Municipality]
    programmes: list[PreventionProgramme]
    has_more: bool

    def __len__(self) -> int:
        return len(self.exchanges) + len(self.municipalities) + len(self.programmes)


def find(user: Any, text: str) -> Found:
    """Return what `user` may see that matches `text`, in three queries (two for visitors); nothing for an empty question."""
    text = " ".join(text.replace("\x00", "").split())[:LONGEST]
    if not text:
        return Found([], [], [], False)
    limit = SHOWN + 1
    places = list(network.search(Municipality.objects.visible_to(user), text).order_by(Fold("name_en"), "pk")[:limit])
    programmes = list(network.search_programmes(user, text)[:limit])
    exchanges = list(_exchanges(user, text)[:limit]) if user.is_authenticated else []
    has_more = any(len(rows) == limit for rows in (places, programmes, exchanges))
    return Found(exchanges[:SHOWN], places[:SHOWN], programmes[:SHOWN], has_more)


def _exchanges(user: Any, text: str) -> QuerySet[Exchange]:
    """Exchanges in whose reference, challenge or municipalities every word of `text` occurs."""
    parts = [Coalesce(F(name), Value("")) for name in _EXCHANGE_TEXTS]
    spaced = [piece for part in parts for piece in (part, Value(" "))]
    rows = Exchange.objects.visible_to(user).annotate(words=Fold(Concat(*spaced, output_field=TextField())))
    every_word = Q()
    for word in text.split():
        every_word &= Q(words__contains=Fold(Value(word, output_field=TextField())))
    return rows.filter(every_word).select_related("guest", "host").order_by("-updated_at", "-pk")
