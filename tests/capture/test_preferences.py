"""The preference page: what one gets, and changing it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from capture.limits import SAVES_OF_CONTACT
from capture.page_tokens import issue_page_token
from capture.services.preferences import preference_wording
from contacts.consent import record_consent
from contacts.links import make_contact_token
from contacts.models import ConsentEntry, ConsentWording, Contact
from events.models import Event


@pytest.fixture
def ada(acme: Any, now: Any) -> Contact:
    """A subscriber of Acme."""
    contact = Contact.objects.create(email="ada@example.com", language="en", first_name="Ada")
    record_consent(contact_ids=[contact.pk], action="subscribed", source="manual", now=now)
    contact.refresh_from_db()
    return contact


@pytest.fixture
def path(ada: Contact) -> str:
    return f"/p/{make_contact_token(ada.pk)}/"


def page_token(client: Client, path: str) -> str:
    page = client.get(path).content.decode()
    return page.split('name="page_token" value="')[1].split('"')[0]


def rows() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (Contact, ConsentEntry, Event)]


def test_the_page_shows_what_one_gets_and_changes_nothing(visitor: Any, path: str) -> None:
    before = rows()
    response = visitor.get(path)
    page = response.content.decode()
    assert "ada@example.com" in page
    assert 'value="Ada"' in page
    assert 'name="subscribed" id="id_subscribed" checked' in page
    assert "<script" not in page
    assert response.cookies == {}
    assert visitor.head(path).status_code == 200
    assert rows() == before


def test_name_and_language_are_saved_and_the_consent_stays(
    visitor: Any, path: str, ada: Contact
) -> None:
    # when Ada changes her name and language
    entries = ConsentEntry.objects.count()
    data = {
        "page_token": page_token(visitor, path),
        "first_name": "Augusta",
        "language": "it",
        "subscribed": "on",
    }
    response = visitor.post(path, data)
    # then both are saved
    assert (response.status_code, response.url) == (302, f"{path}?saved=1")
    ada.refresh_from_db()
    assert (ada.first_name, ada.language, ada.email_consent) == ("Augusta", "it", "subscribed")
    # and the ledger has nothing new
    assert ConsentEntry.objects.count() == entries
    assert "Salvato." in visitor.get(response.url).content.decode()


def test_taking_the_tick_off_unsubscribes(visitor: Any, path: str, ada: Contact) -> None:
    data = {"page_token": page_token(visitor, path), "first_name": "Ada", "language": "en"}
    visitor.post(path, data, REMOTE_ADDR="203.0.113.9")
    ada.refresh_from_db()
    assert ada.email_consent == "unsubscribed"
    entry = ConsentEntry.objects.get(action="unsubscribed")
    assert (entry.source, entry.ip) == ("preferences", "203.0.113.9")


def test_the_way_back_is_on_record_with_its_wording(
    visitor: Any, path: str, ada: Contact, now: Any
) -> None:
    # given that Ada has left
    record_consent(contact_ids=[ada.pk], action="unsubscribed", source="one_click", now=now)
    # when she ticks the sentence
    wording = ConsentWording.objects.get(key="default", language="en")
    assert wording.text in visitor.get(path).content.decode()
    data = {
        "page_token": page_token(visitor, path),
        "first_name": "Ada",
        "language": "en",
        "subscribed": "on",
    }
    visitor.post(path, data)
    # then she is back, and the ledger knows by which words
    ada.refresh_from_db()
    assert ada.email_consent == "subscribed"
    entry = ConsentEntry.objects.filter(action="subscribed").latest("id")
    assert (entry.source, entry.wording_id) == ("preferences", wording.pk)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"list_id": "7"}, 400),
        ({"language": "xx"}, 400),
        ({"first_name": "http://evil.test"}, 400),
        ({"page_token": ""}, 403),
    ],
)
def test_what_is_not_on_the_page_is_refused_whole(
    visitor: Any, path: str, change: dict[str, str], status: int
) -> None:
    """BI199"""
    before = rows()
    # when one thing is wrong, and the rest would unsubscribe
    data = {"page_token": page_token(visitor, path), "first_name": "Eve", "language": "it"}
    response = visitor.post(path, {**data, **change})
    # then nothing has changed
    assert response.status_code == status
    assert rows() == before


def test_another_contacts_page_token_is_refused(
    visitor: Any, path: str, ada: Contact, now: Any
) -> None:
    # given another contact's page
    other = Contact.objects.create(email="bob@example.com")
    token = issue_page_token(page=str(other.pk), wording_id=None, now=now)
    before = rows()
    # when its token is sent for Ada
    data = {"page_token": token, "first_name": "Eve", "language": "en"}
    assert visitor.post(path, data).status_code == 403
    assert rows() == before


def test_another_site_cannot_save(visitor: Any, path: str) -> None:
    data = {"page_token": page_token(visitor, path), "first_name": "Eve", "language": "en"}
    before = rows()
    response = visitor.post(path, data, headers={"origin": "https://evil.test"})
    assert response.status_code == 403
    assert rows() == before


def test_a_page_left_open_for_a_day_is_refused(visitor: Any, path: str, now: Any) -> None:
    data = {"page_token": page_token(visitor, path), "first_name": "Eve", "language": "en"}
    before = rows()
    with time_machine.travel(now + timedelta(hours=25), tick=False):
        assert visitor.post(path, data).status_code == 403
    assert rows() == before


def test_saving_without_end_is_stopped(visitor: Any, path: str, ada: Contact) -> None:
    # given as many saves as an hour allows
    token = page_token(visitor, path)
    data = {"page_token": token, "first_name": "Ada", "language": "en", "subscribed": "on"}
    answers = [visitor.post(path, data).status_code for _ in range(SAVES_OF_CONTACT.most)]
    assert set(answers) == {302}
    # when one more comes, then it is refused
    response = visitor.post(path, {**data, "first_name": "Eve"})
    assert (response.status_code, response.headers["Retry-After"]) == (429, "3600")
    ada.refresh_from_db()
    assert ada.first_name == "Ada"


def test_nobody_deleted_has_a_page(visitor: Any, path: str, ada: Contact) -> None:
    ada.delete()
    assert visitor.get(path).status_code == 404
    assert visitor.post(path).status_code == 404


def test_the_sentence_is_the_newest_in_the_language_else_in_any(acme: Any) -> None:
    first = ConsentWording.objects.get(key="default")
    second = ConsentWording.objects.create(key="default", number=2, text="Two")
    italian = ConsentWording.objects.create(key="default", language="it", text="Uno")
    ConsentWording.objects.create(key="other", number=9, text="Other")
    assert preference_wording("en") == second
    assert preference_wording("it") == italian
    assert preference_wording("de") == second
    assert first.number == 1
