"""Is this community listed already? Asked before one is made: the same name, written in any of its ways."""

import re
import unicodedata
from dataclasses import dataclass

from cmncp_portal.network.models import Municipality
from cmncp_portal.network.selectors import with_membership

from ..models import Interest

# Said before or after a name without being one: "City of", "Ville de", "The Corporation of the Municipality of the County of".
_FILLERS = frozenset(
    "the of corporation city town village township municipality municipal regional region county district rural "
    "de du des d la le les l ville village canton municipalite regionale mrc comte paroisse communaute first nation "
    "nation nations band council premiere premieres conseil bande".split()
)
_SPELLED = {"st": "saint", "ste": "sainte", "mt": "mount", "ft": "fort"}


def folded(name: str) -> tuple[str, ...]:
    """Return the words of `name` that tell it from others: no accents, case, punctuation or fillers, in order of the alphabet.

    "The City of St. John's" and "Ville de Saint John’s" are the same; a name made of fillers only keeps them.
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = re.sub(r"['’]s\b", "s", plain)
    words = [_SPELLED.get(word, word) for word in re.findall(r"[^\W_]+", plain)]  # of any script
    return tuple(sorted(word for word in words if word not in _FILLERS) or sorted(words))


_NATION = re.compile(r"\b(?:nations?|band|bande)\b", re.IGNORECASE)
_NATIONS = (Municipality.Kind.FIRST_NATION, Municipality.Kind.INDIGENOUS)
S = Interest.State


@dataclass(frozen=True)
class Duplicate:
    """A community that may be the same. `is_same` when the name says so in the same province; others only look alike."""

    municipality: Municipality
    is_same: bool
    standing: str  # general, associate, prospective, or "" for one that is no member now


def duplicates(place_name: str, province: str) -> list[Duplicate]:
    """Return the listed communities whose name is, or holds, that of `place_name`; those of `province` first. One query."""
    wanted = set(folded(place_name))
    found: list[Duplicate] = []
    if not wanted:
        return found
    for row in with_membership(Municipality.objects.all()).order_by("name_en", "pk"):
        names = [set(folded(row.name_en)), set(folded(row.name_fr))]
        if not any(name and (name <= wanted or wanted <= name) for name in names):
            continue
        exact = any(name == wanted for name in names)
        found.append(Duplicate(row, exact and row.province == province, row.membership_kind or ""))  # type: ignore[attr-defined]
    return sorted(found, key=lambda one: (not one.is_same, one.municipality.province != province))[:10]


def same_interests(interest: Interest) -> list[Interest]:
    """Return the other open expressions of interest from what looks like the same community; unconfirmed ones are nobody's yet."""
    wanted = set(folded(interest.place_name))
    rows = Interest.objects.exclude(pk=interest.pk).exclude(state__in=(S.CLOSED, S.UNCONFIRMED))
    rows = rows.filter(province=interest.province).order_by("pk")
    return [row for row in rows if set(folded(row.place_name)) == wanted][:10]


def known_place(place_name: str, province: str) -> Municipality | None:
    """Return the one listed community of exactly this name in `province`, so that its population need not be typed.

    None when two have it; a First Nation is not the city of the same name.
    """
    is_nation = bool(_NATION.search(place_name))
    same = [one.municipality for one in duplicates(place_name, province) if one.is_same]
    same = [place for place in same if is_nation == (place.kind in _NATIONS)]
    return same[0] if len(same) == 1 else None


__all__ = ["Duplicate", "duplicates", "folded", "known_place", "same_interests"]
