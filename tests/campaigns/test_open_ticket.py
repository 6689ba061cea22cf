"""No selling while a ticket is open: held, released when it closes, dropped after two weeks."""

from datetime import timedelta

import pytest

from campaigns.consumers import release_after_tickets
from campaigns.models import Message
from contacts.projections import project_tickets
from events.models import Event
from events.services import NewEvent, record_many
from tenants.models import Agenda
from tests.campaigns.test_sending import drain, queue, state


@pytest.fixture
def told(now):
    """`told(ada, "opened", hours)`: the event of ticket T1, or another, projected."""

    def make(person, kind, hours=0, ticket="T1", named=True):
        at = now + timedelta(hours=hours)
        record_many(
            events=[
                NewEvent(
                    type=f"ticket.{kind}",
                    occurred_at=at,
                    contact_id=person.pk if named else None,
                    data={"external_id": ticket},
                    source="desk",
                )
            ],
            now=at,
        )
        events = list(Event.objects.order_by("-id")[:1])
        project_tickets(events, at)
        release_after_tickets(events, at)

    return make


def test_marketing_waits_and_goes_on_when_the_ticket_closes(
    acme, office, hello, subscriber, told, now
):
    # given a person with an open ticket, and one without
    ada, bob = subscriber("ada@example.com"), subscriber("bob@example.com")
    told(ada, "opened")
    to_ada, to_bob = queue(ada, hello, now, key="a"), queue(bob, hello, now, key="b")
    receipt = queue(ada, hello, now, key="r", lane=Message.Lane.TRANSACTIONAL)

    # when the queue is drained, what sells waits a day, what does not goes
    drain(acme, now)
    assert state(to_ada) == ("deferred", "open_ticket")
    assert to_ada.due_at == now + timedelta(days=1)
    assert state(to_bob) == ("accepted", "")
    assert state(receipt) == ("accepted", "")

    # it is asked again after a day
    drain(acme, now + timedelta(days=1))
    assert state(to_ada) == ("deferred", "open_ticket")
    assert to_ada.due_at == now + timedelta(days=2)

    # and goes at once when the ticket closes, told without a name
    told(ada, "closed", hours=30, named=False)
    closed_at = now + timedelta(hours=30)
    to_ada.refresh_from_db()
    assert to_ada.due_at == closed_at
    assert Agenda.objects.get(workspace=acme, lane="sending").due_at <= closed_at
    drain(acme, closed_at)
    assert state(to_ada) == ("accepted", "")


def test_another_open_ticket_keeps_holding(acme, office, hello, subscriber, told, now):
    ada = subscriber("ada@example.com")
    told(ada, "opened")
    told(ada, "opened", ticket="T2")
    message = queue(ada, hello, now)
    drain(acme, now)
    told(ada, "closed", hours=1)
    message.refresh_from_db()
    assert (state(message), message.due_at) == (
        ("deferred", "open_ticket"),
        now + timedelta(days=1),
    )
    told(ada, "closed", hours=2, ticket="T2")
    message.refresh_from_db()
    assert message.due_at == now + timedelta(hours=2)


def test_only_what_waited_for_a_ticket_is_released(acme, office, hello, subscriber, told, now):
    ada = subscriber("ada@example.com")
    message = queue(ada, hello, now)
    until = now + timedelta(days=3)
    Message.objects.filter(pk=message.pk).update(
        status="deferred", reason="frequency_cap", due_at=until
    )
    told(ada, "opened")
    told(ada, "closed", hours=1)
    message.refresh_from_db()
    assert message.due_at == until


def test_what_waited_two_weeks_is_dropped(acme, office, hello, subscriber, told, now):
    ada = subscriber("ada@example.com")
    told(ada, "opened")
    message = queue(ada, hello, now)
    drain(acme, now)
    drain(acme, now + timedelta(days=14))
    assert state(message) == ("deferred", "open_ticket")
    drain(acme, now + timedelta(days=15, seconds=1))
    assert state(message) == ("skipped", "ticket_dropped")
    assert office.taken == []
