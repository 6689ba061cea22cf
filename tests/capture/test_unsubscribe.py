"""Leaving by the link in a mail, and by the button of the mail program."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import connection

from contacts.consent import record_consent
from contacts.links import make_contact_token
from contacts.models import ConsentEntry, Contact
from events.models import Event

MESSAGE = UUID("0192f0c1-0000-7000-8000-000000000001")
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def ada(acme: Any, now: Any) -> Contact:
    """A subscriber of Acme."""
    contact = Contact.objects.create(email="ada@example.com", language="en")
    record_consent(contact_ids=[contact.pk], action="subscribed", source="manual", now=now)
    contact.refresh_from_db()
    return contact


@pytest.fixture
def link(ada: Contact) -> str:
    """The path of the unsubscribe link in one of Ada's mails."""
    return f"/u/{make_contact_token(ada.pk, MESSAGE)}/"


def rows() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (Contact, ConsentEntry, Event)]


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_the_link_changes_nothing(visitor: Any, link: str, method: str) -> None:
    """P5"""
    before = rows()
    response = getattr(visitor, method)(link)
    assert response.status_code == 200
    assert response.cookies == {}
    assert rows() == before


def test_the_page_asks_with_a_button(visitor: Any, link: str) -> None:
    page = visitor.get(link).content.decode()
    assert '<button class="btn pri full" type="submit">Unsubscribe</button>' in page
    assert "<script" not in page


def test_one_click_unsubscribes_without_cookies_or_redirect(
    visitor: Any, link: str, ada: Contact, now: Any
) -> None:
    """BI195"""
    # when the mail program posts
    response = visitor.post(link, ONE_CLICK, REMOTE_ADDR="203.0.113.9")
    # then it is done at once
    assert response.status_code == 200
    ada.refresh_from_db()
    assert ada.email_consent == "unsubscribed"
    # and on record, with its source, time, address and message
    entry = ConsentEntry.objects.get(action="unsubscribed")
    assert (entry.source, entry.ip, entry.occurred_at) == ("one_click", "203.0.113.9", now)
    assert Event.objects.get(type="consent.withdrawn").data == {
        "channel": "email",
        "source": "one_click",
        "message_id": str(MESSAGE),
    }


def test_one_click_again_is_still_200_and_changes_nothing(visitor: Any, link: str) -> None:
    """BI195"""
    visitor.post(link, ONE_CLICK)
    before = rows()
    assert visitor.post(link, ONE_CLICK).status_code == 200
    assert rows() == before


def test_one_click_comes_as_a_plain_form_too(visitor: Any, link: str, ada: Contact) -> None:
    # when the body is urlencoded, as RFC 8058 also allows
    response = visitor.post(
        link,
        "List-Unsubscribe=One-Click",
        content_type="application/x-www-form-urlencoded",
    )
    # then it counts
    assert response.status_code == 200
    assert ConsentEntry.objects.get(action="unsubscribed").source == "one_click"


def test_the_button_on_the_page_unsubscribes(visitor: Any, link: str, ada: Contact) -> None:
    # when the person presses the button
    response = visitor.post(link)
    # then the page says so and offers the way back
    page = response.content.decode()
    assert response.status_code == 200
    assert "You are unsubscribed" in page
    assert f'href="/p/{link.split("/")[2]}/"' in page
    assert ConsentEntry.objects.get(action="unsubscribed").source == "preferences"


def test_a_link_two_years_old_works_after_two_key_changes(
    visitor: Any, link: str, ada: Contact, now: Any, settings: Any
) -> None:
    """BI198"""
    # given two newer keys, the old ones kept for verification
    old = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "third" * 12, ["second" * 10, old]
    # when the link is used two years later
    with time_machine.travel(now + timedelta(days=730), tick=False):
        response = visitor.post(link, ONE_CLICK)
    # then it works
    assert response.status_code == 200
    ada.refresh_from_db()
    assert ada.email_consent == "unsubscribed"


def test_a_forgotten_key_makes_the_link_unknown(visitor: Any, link: str, settings: Any) -> None:
    settings.SECRET_KEY = "third" * 12
    assert visitor.post(link, ONE_CLICK).status_code == 404
    assert Contact.objects.get().email_consent == "subscribed"


@pytest.mark.parametrize("door", ["u", "p"])
def test_acmes_link_means_nothing_on_globex(
    link: str, client_of: Any, acme: Any, globex: Any, door: str
) -> None:
    """BI186"""
    before = rows()
    path = link.replace("/u/", f"/{door}/")
    stranger = client_of(globex)
    assert [stranger.get(path).status_code, stranger.post(path).status_code] == [404, 404]
    connection.set_tenant(acme)
    assert rows() == before


def test_a_changed_token_leads_nowhere(visitor: Any, link: str) -> None:
    """BI184"""
    changed = link[:4] + ("A" if link[4] != "A" else "B") + link[5:]
    assert visitor.get(changed).status_code == 404
    assert visitor.post(changed, ONE_CLICK).status_code == 404
    assert Contact.objects.get().email_consent == "subscribed"


def test_the_link_of_somebody_deleted_still_answers(visitor: Any, link: str, ada: Contact) -> None:
    # given that Ada's contact is gone
    ada.delete()
    before = rows()
    # then her mail program is content, and nothing comes back to life
    assert visitor.get(link).status_code == 200
    assert visitor.post(link, ONE_CLICK).status_code == 200
    assert rows() == before


def test_the_page_speaks_the_contacts_language(visitor: Any, link: str) -> None:
    Contact.objects.update(language="it")
    response = visitor.get(link)
    assert response.headers["Content-Language"] == "it"
    assert "Annulla l’iscrizione" in response.content.decode()
