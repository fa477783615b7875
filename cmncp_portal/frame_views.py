"""The three addresses that have no language: the bare address, the health of the portal, and a word to search engines."""

from datetime import timedelta

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from cmncp_portal.notifications import selectors as letters

LATE_LETTER = timedelta(minutes=15)  # the sweep runs every minute, so a letter this old means that mail does not leave


@login_not_required
@require_safe
@vary_on_headers("Accept-Language", "Cookie")
def to_my_language(request: HttpRequest) -> HttpResponse:
    """/ leads to /en/ or /fr/: the person's choice, else the browser's."""
    return HttpResponseRedirect(f"/{translation.get_language_from_request(request)}/")


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Search engines may read public pages; nothing behind the sign-in is of use to them."""
    return HttpResponse("User-agent: *\nDisallow: /admin/\nDisallow: /healthz/\n", content_type="text/plain")


@login_not_required
@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """200 while pages can be served, 503 when the database is away.

    `broker` and `letters` are reported and do not turn the answer into 503: pages work without them, and a restart would not help.
    """
    database = _database_answers()
    state = {"database": database, "broker": _broker_answers(), "letters": database and _letters_leave()}
    return JsonResponse(state, status=200 if database else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _broker_answers() -> bool:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def _letters_leave() -> bool:
    """Whether no letter has been waiting for longer than LATE_LETTER."""
    age = letters.oldest_unsent_age()
    return age is None or age < LATE_LETTER
