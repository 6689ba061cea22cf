"""Webhook calls are stored once, read in order, and a bad one stands alone and can be replayed."""

import json
from datetime import timedelta

import pytest
from django.db import OperationalError
from psycopg import errors

from core.errors import Permanent, Retryable
from events import contracts, inbound, reading, tasks
from events.contracts import Ignored, InboundKind, Later
from events.models import InboundDelivery
from events.services import record
from tenants.models import Agenda

State = InboundDelivery.State


@pytest.fixture
def seen(acme):
    """What the reader of kind "test" saw: the list of batches, each of bodies."""
    batches = []

    def read(batch, now):
        batches.append([bytes(each.body).decode() for each in batch])
        outcomes = {}
        for each in batch:
            told = json.loads(bytes(each.body))
            if told.get("raise") == "permanent":
                raise Permanent("bad", "The order has no number.")
            if told.get("raise") == "retryable":
                raise Retryable("later", "The shop is not known yet.")
            if told.get("ignore"):
                outcomes[each.pk] = Ignored("Nobody knows it.")
            if told.get("later"):
                outcomes[each.pk] = Later(now + timedelta(minutes=2), "Not there yet.")
        return outcomes

    contracts.inbound_kinds.register(InboundKind("test", "Test", read))
    yield batches
    del contracts.inbound_kinds._items["test"]


def receive(now, body, delivery_id="", kind="test", door="one"):
    return inbound.receive(
        kind=kind,
        door=door,
        delivery_id=delivery_id,
        body=json.dumps(body).encode(),
        headers={"Signature": "x"},
        now=now,
    )


def test_a_call_is_stored_raw_and_the_lane_is_woken(acme, now):
    assert receive(now, {"a": 1}, "d1") is True
    stored = InboundDelivery.objects.get()
    assert (stored.kind, stored.door, stored.delivery_id) == ("test", "one", "d1")
    assert (bytes(stored.body), stored.headers) == (b'{"a": 1}', {"Signature": "x"})
    assert (stored.state, stored.received_at, stored.due_at) == (State.WAITING, now, now)
    assert Agenda.objects.get(workspace=acme, lane="events").due_at == now


@pytest.mark.parametrize("delivery_id", ["d1", "", "x" * 300, "nul\x00"])
def test_a_replay_stores_nothing_new(acme, now, delivery_id):
    assert receive(now, {"a": 1}, delivery_id) is True
    assert receive(now + timedelta(hours=1), {"a": 1}, delivery_id) is False
    assert InboundDelivery.objects.get().received_at == now
    # and the same id at another door is another call
    assert receive(now, {"a": 1}, delivery_id, door="two") is True


def test_calls_are_read_in_order_and_once(seen, now):
    for number in range(3):
        receive(now, {"n": number})
    assert reading.drain_inbound(now=now, limit=2).done == 2
    assert reading.drain_inbound(now=now).done == 1
    assert reading.drain_inbound(now=now).done == 0
    assert seen == [['{"n": 0}', '{"n": 1}'], ['{"n": 2}']]
    done = InboundDelivery.objects.values_list("state", "error", "attempts", "due_at")
    assert set(done) == {(State.DONE, "", 1, now + timedelta(days=30))}


def test_a_batch_is_bounded_by_the_size_of_its_bodies(seen, now, monkeypatch):
    monkeypatch.setattr(reading, "BATCH_BYTES", 10)
    receive(now, {"n": "long enough to fill the batch"})
    receive(now, {"n": 1})
    assert reading.drain_inbound(now=now).done == 1
    assert reading.drain_inbound(now=now).done == 1


def test_a_bad_call_stands_alone_and_can_be_replayed(seen, now):
    # given ten calls, one of them bad
    for number in range(10):
        receive(now, {"n": number} | ({"raise": "permanent"} if number == 6 else {}))

    # when they are read
    result = reading.drain_inbound(now=now)

    # then the others are done, and the one says what is wrong and is kept longer
    assert (result.done, result.failed) == (9, 1)
    bad = InboundDelivery.objects.get(state=State.FAILED)
    assert (bad.error, bad.due_at) == ("The order has no number.", now + timedelta(days=90))

    # and when its cause is gone it is read like any other
    InboundDelivery.objects.filter(pk=bad.pk).update(body=b'{"n": 6}')
    good = InboundDelivery.objects.filter(state=State.DONE).first()
    assert inbound.replay_deliveries(ids=[bad.pk, good.pk], now=now) == 1
    seen.clear()
    assert reading.drain_inbound(now=now).done == 1
    assert seen == [['{"n": 6}']]


def test_what_may_help_later_is_tried_again_and_given_up_in_the_end(seen, now):
    receive(now, {"raise": "retryable"})
    waits = []
    for _attempt in range(5):
        reading.drain_inbound(now=now)
        call = InboundDelivery.objects.get()
        assert (call.state, call.error) == (State.WAITING, "The shop is not known yet.")
        waits.append(call.due_at - now)
        now = call.due_at
    assert waits == list(reading.BACK_OFF)
    assert reading.drain_inbound(now=now).failed == 1
    assert InboundDelivery.objects.get().state == State.FAILED


def test_a_reader_may_put_off_or_pass_over(seen, now):
    receive(now, {"later": 1})
    receive(now, {"ignore": 1})
    assert reading.drain_inbound(now=now).done == 2
    waiting = InboundDelivery.objects.get(state=State.WAITING)
    assert (waiting.due_at, waiting.error) == (now + timedelta(minutes=2), "Not there yet.")
    assert InboundDelivery.objects.get(state=State.IGNORED).error == "Nobody knows it."
    assert inbound.next_delivery_due() == waiting.due_at


def test_a_kind_nobody_reads_fails_in_words(acme, now):
    receive(now, {}, kind="gone")
    assert reading.drain_inbound(now=now).failed == 1
    assert "nothing is registered as 'gone'" in InboundDelivery.objects.get().error


def test_a_busy_database_blames_no_call(acme, now):
    def read(batch, now):
        raise OperationalError("deadlock detected") from errors.DeadlockDetected("deadlock")

    contracts.inbound_kinds.register(InboundKind("test", "Test", read))
    try:
        receive(now, {})
        with pytest.raises(OperationalError):
            reading.drain_inbound(now=now)
    finally:
        del contracts.inbound_kinds._items["test"]
    assert InboundDelivery.objects.get().state == State.WAITING


def test_the_lane_reads_calls_before_it_drains_events(acme, now, monkeypatch):
    # given a reader that records an event
    def read(batch, now):
        record(type="told", now=now, message_id="m1", source="t")
        return {}

    contracts.inbound_kinds.register(InboundKind("test", "Test", read))
    try:
        receive(now, {})
        # then one turn of the lane does both
        assert tasks.drain_events() == 2
    finally:
        del contracts.inbound_kinds._items["test"]
    # and the lane is next due when the call is to be deleted
    due_at = Agenda.objects.get(workspace=acme, lane="events").due_at
    assert due_at == now + timedelta(days=30)


def test_what_was_kept_long_enough_is_deleted(seen, now):
    receive(now, {"n": 1})
    receive(now, {"raise": "permanent"})
    receive(now + timedelta(days=40), {"n": 2})
    reading.drain_inbound(now=now)
    assert inbound.delete_expired(now=now + timedelta(days=29)) == 0
    assert inbound.delete_expired(now=now + timedelta(days=30)) == 1
    assert set(InboundDelivery.objects.values_list("state", flat=True)) == {"failed", "waiting"}
    assert inbound.delete_expired(now=now + timedelta(days=90)) == 1
    assert InboundDelivery.objects.get().state == State.WAITING
