"""Screens: my letters, my choices, the outbox, the way out."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from cmncp_portal.accounts.models import Role
from cmncp_portal.core.links import make_token
from cmncp_portal.notifications import selectors, services
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.models import LIBRARY_MAIL, Message, Preference
from cmncp_portal.notifications.rules import SECRETARIAT
from cmncp_portal.notifications.tests.factories import make_message, make_preference

pytestmark = pytest.mark.django_db
State = Message.State


def sent(**fields: Any) -> Message:
    return make_message(**({"state": State.SENT, "sent_at": timezone.now()} | fields))


def at(name: str, *args: Any, language: str = "en") -> str:
    with translation.override(language):
        return reverse(f"notifications:{name}", args=args)


@pytest.fixture
def signed_in(client: Client) -> Callable[[Any], Client]:
    def sign_in(user: Any) -> Client:
        client.force_login(user, "cmncp_portal.accounts.backends.PortalBackend")
        return client

    return sign_in


# ---- my letters ---------------------------------------------------------------------------------


def test_my_letters_are_those_sent_to_me(signed_in: Any, amina: Any) -> None:
    mine = sent(to_email=amina.email)
    came_back = sent(to_email=amina.email, state=State.BOUNCED)
    make_message(to_email=amina.email)
    sent(to_email=amina.email, kind=LIBRARY_MAIL)
    sent(to_email="luc@gatineau.example")
    page = signed_in(amina).get(at("mine"))
    assert list(page.context["page"].object_list) == [came_back, mine]
    assert f'href="{at("message", mine.pk)}"' in page.content.decode()


def test_my_letters_when_there_are_none(signed_in: Any, luc: Any) -> None:
    page = signed_in(luc).get(at("mine", language="fr"))
    assert "Aucune lettre ne vous a encore été envoyée" in page.content.decode()


def test_signing_in_comes_first(client: Client) -> None:
    letter = sent()
    for name, args in (
        ("mine", ()),
        ("preferences", ()),
        ("outbox", ()),
        ("message", (letter.pk,)),
        ("message_html", (letter.pk,)),
    ):
        answer = client.get(at(name, *args))
        assert (answer.status_code, "/account/" in answer["Location"]) == (302, True)


def test_a_letter_is_for_its_reader_and_the_secretariat(
    signed_in: Any, amina: Any, rosa: Any, priya: Any, admin_user: Any, rene: Any
) -> None:
    letter = sent(to_email=amina.email, text="The plan is ready.")
    found = {
        user.name: signed_in(user).get(at("message", letter.pk)).status_code
        for user in (amina, rosa, priya, admin_user, rene)
    }
    assert list(found.values()) == [200, 404, 200, 200, 404]
    assert signed_in(rosa).get(at("message_html", letter.pk)).status_code == 404


def test_who_reads_along_cannot_act_in_the_readers_name(signed_in: Any, amina: Any, priya: Any) -> None:
    token = make_token("guest", 12, "nonce")
    link = f"https://portal.example/desk/{token}/"
    letter = sent(to_email=amina.email, text=f"Go to {link} now", html=f'<a href="{link}">{link}</a>')
    own, along = (signed_in(user).get(at("message", letter.pk)).content.decode() for user in (amina, priya))
    assert (token in own, token in along) == (True, False)
    assert "https://portal.example/desk/12.…/" in along
    own, along = (signed_in(user).get(at("message_html", letter.pk)).content.decode() for user in (amina, priya))
    assert (token in own, token in along) == (True, False)


def test_codes_for_signing_in_are_shown_to_nobody(signed_in: Any, amina: Any, priya: Any) -> None:
    letter = sent(to_email=amina.email, kind=LIBRARY_MAIL, text="Your code is 934182", html="<p>934182</p>")
    assert signed_in(amina).get(at("message", letter.pk)).status_code == 404
    page = signed_in(priya).get(at("message", letter.pk))
    assert (page.status_code, "934182" in page.content.decode()) == (200, False)
    assert signed_in(priya).get(at("message_html", letter.pk)).status_code == 404


def test_html_of_a_letter_can_do_nothing(signed_in: Any, amina: Any, priya: Any) -> None:
    letter = sent(to_email=amina.email, html='<p style="color: red">Hello<script>alert(1)</script></p>')
    own = signed_in(amina).get(at("message_html", letter.pk))
    policy = own["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; ")
    assert ("sandbox" in policy, "allow-scripts" in policy, "allow-same-origin" in policy) == (True, False, False)
    assert own["X-Frame-Options"] == "SAMEORIGIN"
    assert signed_in(priya).get(at("message_html", letter.pk))["Content-Security-Policy"].endswith("sandbox")


# ---- my choices ---------------------------------------------------------------------------------


@pytest.fixture
def nudges(letter: Callable[..., Kind]) -> Kind:
    return letter(name="testing.nudge", category="mentoring", essential=False)


def test_announcements_are_not_ticked_until_agreed_to(signed_in: Any, amina: Any, nudges: Kind) -> None:
    form = signed_in(amina).get(at("preferences")).context["form"]
    assert (form["announcements"].value(), form["mentoring"].value()) == (False, True)


def test_consent_keeps_its_words_and_is_confirmed_by_letter(signed_in: Any, amina: Any, nudges: Kind) -> None:
    client = signed_in(amina)
    everything = {field.name: "on" for field in client.get(at("preferences")).context["form"]}
    assert client.post(at("preferences"), everything).status_code == 302
    choice = Preference.objects.get()
    assert (choice.email, choice.category, choice.is_wanted) == (amina.email, "announcements", True)
    assert choice.wording.startswith("I agree to receive the news of the Canadian Municipal Network")
    letter = Message.objects.get()
    assert (letter.kind, letter.to_email) == ("notifications.news_on", amina.email)
    assert choice.wording in letter.text
    client.post(at("preferences"), everything)
    assert Message.objects.count() == 1


def test_switching_reminders_off(signed_in: Any, amina: Any, nudges: Kind) -> None:
    signed_in(amina).post(at("preferences"), {})
    assert Preference.objects.filter(category="mentoring").get().is_wanted is False
    assert not Preference.objects.filter(category="announcements").exists()
    assert services.is_wanted(nudges, amina.email) is False


def test_consent_in_french(signed_in: Any, luc: Any) -> None:
    signed_in(luc).post(at("preferences", language="fr"), {"announcements": "on"})
    assert Preference.objects.get(category="announcements").wording.startswith(
        "J’accepte de recevoir par courriel les nouvelles du Réseau"
    )
    assert Message.objects.get().subject == "[RMCPC] Vous recevrez les nouvelles du réseau"


# ---- one click ----------------------------------------------------------------------------------


@pytest.fixture
def way_out() -> str:
    return at("unsubscribe", selectors.unsubscribe_token(make_preference("luc@gatineau.example")))


def test_looking_at_the_way_out_changes_nothing(client: Client, way_out: str) -> None:
    page = client.get(way_out)
    assert (page.status_code, "<button" in page.content.decode(), page["Referrer-Policy"]) == (200, True, "same-origin")
    assert client.head(way_out).status_code == 200
    assert Preference.objects.get().is_wanted is True


def test_one_click_without_session_and_without_csrf(way_out: str) -> None:
    mail_program = Client(enforce_csrf_checks=True)
    for _time in range(2):
        answer = mail_program.post(way_out, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "You will not receive the news" in answer.content.decode()
    assert (Preference.objects.get().is_wanted, dict(mail_program.cookies)) == (False, {})


def test_a_forged_way_out_leads_nowhere(client: Client, way_out: str) -> None:
    forged = way_out[:-2] + ("a" if way_out[-2] != "a" else "b") + "/"
    assert (client.get(forged).status_code, client.post(forged).status_code) == (404, 404)
    assert Preference.objects.get().is_wanted is True


# ---- the outbox ---------------------------------------------------------------------------------


def test_secretariat_is_who_the_accounts_say() -> None:
    assert set(SECRETARIAT) == {Role.COORDINATOR, Role.ADMINISTRATOR}


def test_outbox_is_for_the_secretariat(
    signed_in: Any, amina: Any, rene: Any, uma: Any, priya: Any, admin_user: Any
) -> None:
    people = (amina, rene, uma, priya, admin_user)
    assert [signed_in(user).get(at("outbox")).status_code for user in people] == [403, 403, 403, 200, 200]
    letter = make_message(state=State.FAILED)
    assert [signed_in(user).post(at("resend", letter.pk)).status_code for user in people] == [403, 403, 403, 302, 302]


def test_the_way_to_the_outbox_is_on_my_letters(signed_in: Any, amina: Any, priya: Any) -> None:
    link = f'href="{at("outbox")}"'
    assert [link in signed_in(user).get(at("mine")).content.decode() for user in (amina, priya)] == [False, True]


def test_outbox_filters(signed_in: Any, priya: Any) -> None:
    failed = make_message(state=State.FAILED, to_email="luc@gatineau.example", language="fr")
    code = make_message(kind=LIBRARY_MAIL, language="both")
    waiting = make_message(to_email="amina@thunderbay.example")
    client = signed_in(priya)

    def found(**asked: str) -> set[Message]:
        return set(client.get(at("outbox"), asked).context["page"].object_list)

    assert found() == {failed, code, waiting}
    assert found(state="failed") == {failed}
    assert found(language="both") == {code}
    assert found(kind=LIBRARY_MAIL) == {code}
    assert found(q=" GATINEAU ") == {failed}
    assert found(q="gatineau", state="queued") == set()
    assert found(state="nonsense", q="gatineau") == {failed}


@pytest.mark.parametrize("rows", [1, 5000])
def test_outbox_asks_as_much_at_one_as_at_five_thousand(
    signed_in: Any, priya: Any, rows: int, django_assert_max_num_queries: Any
) -> None:
    Message.objects.bulk_create(
        Message(
            key=f"k:{n}",
            kind="testing.visit",
            category="exchanges",
            to_email=f"p{n}@example.ca",
            language="en",
            subject="S",
            text="T",
        )
        for n in range(rows)
    )
    client = signed_in(priya)
    with django_assert_max_num_queries(8) as asked:
        page = client.get(at("outbox"), {"page": "1"})
    assert len(page.context["page"].object_list) == min(rows, 25)
    ours = [query["sql"] for query in asked.captured_queries if "notifications_message" in query["sql"]]
    assert len(ours) == 3, ours  # how many, the page, the one that waits longest


def test_outbox_says_when_mail_does_not_leave(signed_in: Any, priya: Any) -> None:
    client = signed_in(priya)
    make_message(due_at=timezone.now() - timezone.timedelta(minutes=14))
    assert "Mail is not leaving." not in client.get(at("outbox")).content.decode()
    make_message(due_at=timezone.now() - timezone.timedelta(minutes=90))
    assert "A letter has been waiting for 90 minutes." in client.get(at("outbox")).content.decode()


def test_resend(signed_in: Any, priya: Any) -> None:
    failed, gone = make_message(state=State.FAILED), sent()
    client = signed_in(priya)
    assert "Send it again" in client.get(at("message", failed.pk)).content.decode()
    assert "Send it again" not in client.get(at("message", gone.pk)).content.decode()
    assert client.get(at("resend", failed.pk)).status_code == 405
    client.post(at("resend", failed.pk))
    client.post(at("resend", gone.pk))
    assert [Message.objects.get(pk=one.pk).state for one in (failed, gone)] == [State.QUEUED, State.SENT]
    assert client.post(at("resend", 0)).status_code == 404


def test_outbox_in_french(signed_in: Any, priya: Any) -> None:
    make_message(state=State.FAILED, category="evaluation")
    page = signed_in(priya).get(at("outbox", language="fr")).content.decode()
    assert at("outbox", language="fr") == "/fr/lettres/envois/"
    for words in ("Boîte d’envoi", "N’a pas pu être envoyée", "Évaluations", "1 lettre"):
        assert words in page
    assert "Outbox" not in page


def test_back_office_only_reads(signed_in: Any, admin_user: Any) -> None:
    letter, choice = make_message(text="secret words"), make_preference("a@b.ca")
    client = signed_in(admin_user)
    for thing, name in ((letter, "message"), (choice, "preference")):
        assert client.get(reverse(f"admin:notifications_{name}_changelist")).status_code == 200
        page = client.get(reverse(f"admin:notifications_{name}_change", args=[thing.pk]))
        assert (page.status_code, "secret words" in page.content.decode(), 'name="_save"' in page.content.decode()) == (
            200,
            False,
            False,
        )
        assert client.get(reverse(f"admin:notifications_{name}_add")).status_code == 403
        assert (
            client.post(reverse(f"admin:notifications_{name}_delete", args=[thing.pk]), {"post": "yes"}).status_code
            == 403
        )
