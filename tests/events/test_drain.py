"""Events are processed in order, each once; a bad one stands alone and can be played again."""

import pytest
from django.db import OperationalError
from psycopg import errors

from events import contracts, drain
from events.contracts import Consumer
from events.drain import replay
from events.models import Event
from events.services import NewEvent, record_many
from tenants.models import Agenda

Waiting, Done, Failed = Event.State.PENDING, Event.State.DONE, Event.State.FAILED


@pytest.fixture
def seen(acme):
    """What a consumer registered for the test saw: the list of batches, each of message ids."""
    batches = []

    def consume(events, now):
        batches.append([event.message_id for event in events])
        for event in events:
            if event.data.get("poison"):
                raise ValueError("this one is bad")

    contracts.consumers.register(Consumer("test", 90, consume))
    yield batches
    del contracts.consumers._items["test"]


def record(now, count, poison=()):
    record_many(
        events=[
            NewEvent("t", now, message_id=f"m{n}", source="t", data={"poison": n in poison})
            for n in range(count)
        ],
        now=now,
    )


def test_a_batch_is_processed_oldest_first_and_once(seen, now):
    record(now, 5)
    assert drain.drain(now=now, limit=3).done == 3
    assert drain.drain(now=now, limit=3).done == 2
    assert drain.drain(now=now).done == 0
    assert seen == [["m0", "m1", "m2"], ["m3", "m4"]]
    assert set(Event.objects.values_list("state", flat=True)) == {Done}
    assert not drain.has_waiting()


def test_a_bad_event_stands_alone_and_the_rest_goes_on(seen, now):
    # given a hundred events, two of them bad
    record(now, 100, poison={17, 80})

    # when they are drained
    result = drain.drain(now=now)

    # then the others are done, in order, and the two say what is wrong
    assert (result.done, result.failed) == (98, 2)
    failed = Event.objects.filter(state=Failed).order_by("pk")
    assert [each.message_id for each in failed] == ["m17", "m80"]
    assert "ValueError: this one is bad" in failed[0].error
    assert not drain.has_waiting()


def test_a_failed_event_can_be_played_again(seen, now):
    # given a bad event whose cause is gone
    record(now, 3, poison={1})
    drain.drain(now=now)
    bad = Event.objects.get(state=Failed)
    Event.objects.filter(pk=bad.pk).update(data={})
    Agenda.objects.filter(lane="events").update(due_at=None)

    # when it is replayed, with one that did not fail
    good = Event.objects.filter(state=Done).first()
    assert replay(event_ids=[bad.pk, good.pk], now=now) == 1

    # then only it is processed again, and the lane knows
    assert Agenda.objects.get(workspace__slug="acme", lane="events").due_at == now
    seen.clear()
    assert drain.drain(now=now).done == 1
    assert seen == [["m1"]]
    bad.refresh_from_db()
    assert (bad.state, bad.error) == (Done, "")


def test_what_a_failed_batch_wrote_is_undone(acme, now):
    def consume(events, now):
        record_many(
            events=[NewEvent("echo", now, message_id=f"e{each.message_id}") for each in events],
            now=now,
        )
        if any(event.data.get("poison") for event in events):
            raise ValueError

    contracts.consumers.register(
        Consumer("test", 90, lambda events, now: consume([e for e in events if e.type == "t"], now))
    )
    try:
        record(now, 10, poison={4})
        drain.drain(now=now)
    finally:
        del contracts.consumers._items["test"]
    assert Event.objects.filter(type="echo").count() == 9
    assert not Event.objects.filter(message_id="em4").exists()


def test_a_busy_database_blames_no_event(acme, now):
    def consume(events, now):
        raise OperationalError("deadlock detected") from errors.DeadlockDetected("deadlock")

    contracts.consumers.register(Consumer("test", 90, consume))
    try:
        record(now, 4)
        with pytest.raises(OperationalError):
            drain.drain(now=now)
    finally:
        del contracts.consumers._items["test"]
    assert set(Event.objects.values_list("state", flat=True)) == {Waiting}


def test_consumers_go_in_their_order():
    orders = [consumer.order for consumer in contracts.consumers_in_order()]
    assert orders == sorted(orders)
    keys = [consumer.key for consumer in contracts.consumers_in_order()]
    assert keys.index("identity") < keys.index("journeys")
