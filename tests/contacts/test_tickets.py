"""Tickets: whatever the order, the same end; the condition, the panel, the API."""

import itertools
from datetime import timedelta

import pytest
from django_tenants.utils import tenant_context

from contacts.contracts import panels
from contacts.erasure import erase_contact
from contacts.models import Contact, Ticket
from contacts.projections import project_tickets
from contacts.segments import describe, matching, scope_at
from events.models import Event
from events.services import NewEvent, record_many

OPEN = {"kind": "open_ticket", "config": {}}


def tell(now, *facts):
    """Record (kind, hours after noon, more data) as events of Ada's ticket T1, and return them."""
    record_many(
        events=[
            NewEvent(
                type=f"ticket.{kind}",
                occurred_at=now + timedelta(hours=hours),
                contact_id=Contact.objects.get(email="ada@example.com").pk,
                data={"external_id": "T1", **data},
                source="desk",
                message_id=f"{kind}:{hours}",
            )
            for kind, hours, data in facts
        ],
        now=now,
    )
    return list(Event.objects.filter(type__startswith="ticket.").order_by("id"))


@pytest.fixture
def ada(contact):
    return contact("ada@example.com", first_name="Ada")


STORY = [
    ("opened", 1, {"subject": "Late parcel", "url": "https://help.example.com/1"}),
    ("closed", 2, {}),
    ("opened", 3, {"subject": "Still late"}),
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("length", [1, 2, 3])
def test_any_order_ends_the_same(ada, now, order, length):
    later = now + timedelta(days=1)
    events = tell(now, *STORY[:length])
    for place in order:
        project_tickets(events[place : place + 1], later)
    project_tickets(events, later)  # and again all at once
    ticket = Ticket.objects.get()
    assert ticket.status == ["open", "closed", "open"][length - 1]
    assert ticket.subject == ["Late parcel", "Late parcel", "Still late"][length - 1]
    assert (ticket.source, ticket.external_id, ticket.contact_id) == ("desk", "T1", ada.pk)


def test_a_close_as_late_as_its_opening_wins(ada, now):
    project_tickets(tell(now, ("opened", 1, {}), ("closed", 1, {})), now + timedelta(days=1))
    assert Ticket.objects.get().status == "closed"


def test_a_ticket_without_a_name_is_passed_over_and_a_number_is_a_name(ada, now):
    project_tickets(tell(now, ("opened", 0, {"external_id": {"a": 1}})), now)
    assert not Ticket.objects.exists()
    project_tickets(tell(now, ("opened", -1, {"external_id": 47, "subject": 5})), now)
    assert list(Ticket.objects.values_list("external_id", "subject")) == [("47", "5")]


def test_the_condition_asks_what_was_open_then(ada, contact, now):
    bo = contact("bo@example.com")
    project_tickets(tell(now, ("opened", 1, {}), ("closed", 5, {})), now + timedelta(days=1))
    both = [ada.pk, bo.pk]

    def open_at(hours):
        return matching(both, OPEN, scope_at(now + timedelta(hours=hours)))

    assert open_at(0) == set()
    assert open_at(1) == {ada.pk}
    assert open_at(4) == {ada.pk}
    assert open_at(5) == set()
    assert matching(both, {"not": OPEN}, scope_at(now)) == {ada.pk, bo.pk}
    assert describe(OPEN) == "People with an open ticket"


def test_the_box_on_the_contacts_page(acme_client, ada, now):
    panel = f"/contacts/{ada.pk}/panels/tickets/"
    assert panels.get("tickets").context(ada, now) is None
    project_tickets(tell(now, *STORY), now + timedelta(days=1))
    Ticket.objects.create(
        source="desk", external_id="T2", contact=ada, subject="<b>Bad</b>", created_at=now,
        url="javascript:alert(1)", status="closed", closed_at=now,
    )  # fmt: skip
    page = acme_client.get(panel).content.decode()
    assert "Still late" in page
    assert "1 open" in page
    assert "&lt;b&gt;Bad&lt;/b&gt;" in page
    assert "javascript:" not in page
    timeline = acme_client.get(f"/contacts/{ada.pk}/").content.decode()
    assert "Ticket opened: Late parcel" in timeline


def test_erasing_the_person_takes_their_tickets_along(ada, now):
    project_tickets(tell(now, *STORY), now + timedelta(days=1))
    erase_contact(contact_id=ada.pk, now=now)
    assert not Ticket.objects.exists()
    # and the blanked events bring nothing back
    project_tickets(list(Event.objects.all()), now)
    assert not Ticket.objects.exists()


def test_another_workspace_has_its_own(ada, globex, now):
    project_tickets(tell(now, *STORY), now + timedelta(days=1))
    with tenant_context(globex):
        assert not Ticket.objects.exists()
