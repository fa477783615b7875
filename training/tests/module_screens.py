"""Addresses of training, what its pages about modules say, and their price."""

import re
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from cmncp_portal.testing.pages import text_of
from training.models import Competency, CompetencyText, Domain

from .factories import make_version


def address(name: str, *args: Any, language: str = "en") -> str:
    """The address of a page of training."""
    with translation.override(language):
        return reverse(f"training:{name}", args=args)


def words_of(page: Any) -> str:
    """What stands on the page between header and footer, without the mark-up."""
    main = text_of(page).partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split()).replace("\xa0", " ")


def queries(client: Client, url: str) -> int:
    """How often the page at `url` asks the database, once it is warm."""
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as found:
        assert client.get(url).status_code == 200
    return len(found)


def many_competencies(number: int) -> Any:
    """A standard in force with `number` competencies in one large domain."""
    version = make_version()
    domain = Domain.objects.create(version=version, order=3, title_en="Large", title_fr="Vaste")
    made = Competency.objects.bulk_create(Competency(standard=version.standard) for _n in range(number))
    CompetencyText.objects.bulk_create(
        CompetencyText(
            version=version, domain=domain, order=n, competency=one, title_en=f"Ability {n}", title_fr=f"Savoir {n}"
        )
        for n, one in enumerate(made, 1)
    )
    return domain
