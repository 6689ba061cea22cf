"""Whoever is erased is in no stored webhook call any more, and nobody else's news is lost."""

import pytest

from contacts.erasure import erase_contact
from contacts.models import Contact
from events import contracts, inbound
from events.contracts import InboundKind
from events.models import InboundDelivery


@pytest.fixture
def ada(acme):
    return Contact.objects.create(email="ada_l@example.com")


@pytest.fixture(autouse=True)
def _kinds():
    contracts.inbound_kinds.register(InboundKind("one", "One", lambda batch, now: {}))
    contracts.inbound_kinds.register(InboundKind("many", "Many", lambda batch, now: {}, True))
    yield
    for key in ("one", "many"):
        del contracts.inbound_kinds._items[key]


def store(now, kind, body, state="waiting"):
    inbound.receive(kind=kind, door="d", delivery_id="", body=body, headers={"a": "b"}, now=now)
    row = InboundDelivery.objects.order_by("-id").first()
    InboundDelivery.objects.filter(pk=row.pk).update(state=state)
    return row


@pytest.mark.parametrize(
    "body",
    [
        b'{"email": "ada_l@example.com"}',
        b'{"email": "Ada_L@Example.com", "raw": "\xff"}',
        b"recipient=ada_l%40example.com&event=bounce",
        b'{"email": "ada_l\\u0040example.com"}',
    ],
)
def test_a_call_about_the_person_is_blanked(ada, now, body):
    about = store(now, "one", body)
    other = store(now, "one", b'{"email": "adaxl@example.com"}')

    erase_contact(contact_id=ada.pk, now=now)

    about.refresh_from_db()
    other.refresh_from_db()
    assert (bytes(about.body), about.headers, about.state) == (b"", {}, "ignored")
    assert about.error == "It was about a person who has been erased."
    assert bytes(other.body) == b'{"email": "adaxl@example.com"}'
    # and there is nothing to be read again
    assert inbound.replay_deliveries(ids=[about.pk], now=now) == 0


def test_a_call_about_many_that_waits_loses_the_address_only(ada, now):
    body = b'[{"to": "ADA_L@example.com"}, {"to": "bob@example.com"}]'
    waiting = store(now, "many", body)
    read = store(now, "many", body + b" ", state="done")

    erase_contact(contact_id=ada.pk, now=now)

    waiting.refresh_from_db()
    read.refresh_from_db()
    expected = b'[{"to": "erased@erased.invalid"}, {"to": "bob@example.com"}]'
    assert (bytes(waiting.body), waiting.state) == (expected, "waiting")
    assert (bytes(read.body), read.state) == (b"", "done")
