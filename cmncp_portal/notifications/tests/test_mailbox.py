"""The demo's mailbox: everybody's letters, in the demo only."""

import os
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cmncp_portal.notifications.models import LIBRARY_MAIL, Message
from cmncp_portal.notifications.tests.factories import make_message


@pytest.fixture
def demo(settings: Any) -> None:
    settings.DEMO = True


@pytest.mark.django_db
@pytest.mark.usefixtures("demo")
def test_a_newcomer_reads_everybodys_letters_and_follows_their_links(client: Client) -> None:
    code = make_message(kind=LIBRARY_MAIL, text="Your code is 934182", html="<p>934182</p>")
    link = make_message(to_email="luc@gatineau.example", text="Go to https://portal.example/desk/12.abc/ please")
    gone = make_message(state=Message.State.WITHDRAWN)
    page = client.get(reverse("notifications:mailbox"))
    assert list(page.context["page"].object_list) == [link, code]
    assert gone.subject not in page.content.decode()
    assert list(client.get(reverse("notifications:mailbox"), {"q": "LUC@"}).context["page"].object_list) == [link]
    assert "934182" in client.get(reverse("notifications:mailbox_message", args=[code.pk])).content.decode()
    shown = client.get(reverse("notifications:mailbox_message", args=[link.pk])).content.decode()
    assert '<a href="https://portal.example/desk/12.abc/"' in shown
    html = client.get(reverse("notifications:mailbox_html", args=[code.pk]))
    assert (html.content, "allow-scripts" in html["Content-Security-Policy"]) == (b"<p>934182</p>", False)


@pytest.mark.django_db
@pytest.mark.usefixtures("demo")
def test_mailbox_needs_the_same_number_of_queries_at_many_letters(
    client: Client, django_assert_num_queries: Any
) -> None:
    for _number in range(30):
        make_message()
    with django_assert_num_queries(2):
        client.get(reverse("notifications:mailbox"))


@pytest.mark.django_db
def test_no_mailbox_outside_the_demo(client: Client, settings: Any, admin_user: Any) -> None:
    settings.DEMO = False
    letter = make_message()
    client.force_login(admin_user, "cmncp_portal.accounts.backends.PortalBackend")
    for name, args in (("mailbox", []), ("mailbox_message", [letter.pk]), ("mailbox_html", [letter.pk])):
        assert client.get(reverse(f"notifications:{name}", args=args)).status_code == 404


ASK = """
import django; django.setup()
from django.conf import settings
from django.test import RequestFactory
from django.http import Http404
from cmncp_portal.notifications import views
request = RequestFactory().get("/en/letters/mailbox/", secure=True)
for view, args in ((views.mailbox, ()), (views.mailbox_message, (1,)), (views.mailbox_html, (1,))):
    try:
        view(request, *args)
    except Http404:
        print(settings.SETTINGS_MODULE, 404)
"""


@pytest.mark.slow
def test_no_mailbox_under_production_settings() -> None:
    """Production answers 404 before it would ask the database; and it does not start at all as a demo."""
    given = {
        "DJANGO_SETTINGS_MODULE": "cmncp_portal.settings.prod",
        "SECRET_KEY": "x" * 60,
        "DATABASE_URL": "postgresql:///nowhere",
        "REDIS_URL": "redis://127.0.0.1:1",
        "EMAIL_URL": "smtp://127.0.0.1:1",
        "ALLOWED_HOSTS": "portal.example",
        "SITE_ADDRESS": "https://portal.example",
    }
    run = [sys.executable, "-c", ASK]
    asked = subprocess.run(run, env={**os.environ, **given}, capture_output=True, text=True, check=True)
    assert asked.stdout.splitlines() == ["cmncp_portal.settings.prod 404"] * 3
    refused = subprocess.run(
        run, env={**os.environ, **given, "DEMO": "yes"}, capture_output=True, text=True, check=False
    )
    assert (refused.returncode, "DEMO is set" in refused.stderr) == (1, True)
