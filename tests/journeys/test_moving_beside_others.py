"""Moves beside events, new people and failing steps: whoever waits for a run sees it moved."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from contacts.models import Contact
from core.errors import Permanent
from events.models import Event
from journeys import engine, services
from journeys.consumers import follow_events
from journeys.enrolment import enrol
from journeys.models import Enrolment
from journeys.moving import Moving, move_due
from journeys.reactions import react
from tests.journeys.conftest import DAY, definition, live, settle, step

UTC = ZoneInfo("UTC")
WAIT = step("wait1", "wait", {"amount": 2, "unit": "days"})
GOAL = {"event": "order.placed", "within_days": 30, "then": "exit"}
ORDERS = [{"kind": "event_received", "config": {"event": "order.placed"}}]


def redo(journey, now, *steps, moving=None, **rules):
    services.save_draft(journey=journey, definition=definition(*steps, **rules), now=now)
    return services.publish_journey(journey=journey, now=now, moving=moving)


def beside(workspace, work, until_it_waits):
    """Begin `work` on a connection of its own, and return once it waits for a lock."""

    def one():
        try:
            connection.set_tenant(workspace)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                until_it_waits.append(cursor.fetchone()[0])
            return work()
        finally:
            connection.close()

    pool = ThreadPoolExecutor(1)
    future = pool.submit(one)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not future.done():
        if until_it_waits and _waits(until_it_waits[0]):
            break
    pool.shutdown(wait=False)
    return future


def _waits(pid):
    with connection.cursor() as cursor:
        cursor.execute("SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s", [pid])
        return cursor.fetchone() == ("Lock",)


def test_a_goal_reached_while_its_run_is_moved_counts(committed, now):
    # given Ada in a version without that goal, who is being moved to one with it
    ada = Contact.objects.create(email="ada@example.com")
    journey = live(now, WAIT, goal=GOAL)
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now)
    redo(journey, now, WAIT, step("tag1", "add_tag", {"tag": "a"}), goal=GOAL, moving=Moving())
    event = Event(type="order.placed", occurred_at=now, contact_id=ada.pk, data={})

    # when her order comes in before the move is committed
    with transaction.atomic():
        assert move_due(now=now) == 1
        told = beside(
            committed, lambda: react({ada.pk: [event]}, now=now, timezone=UTC), pids := []
        )
        assert _waits(pids[0])
    told.result(30)

    # then it ended the journey for her, in the version she came to
    run = Enrolment.objects.get()
    assert (run.version.number, run.status, run.exit_reason) == (2, "finished", "goal")


def test_whoever_comes_in_while_it_is_published_comes_in_by_the_new_version(committed, now):
    # given an order that comes in while a new version is being published
    ada = Contact.objects.create(email="ada@example.com")
    journey = live(now, WAIT, entries=ORDERS)
    event = Event.objects.create(
        type="order.placed", occurred_at=now, received_at=now, contact_id=ada.pk, data={}
    )

    def follow():
        with transaction.atomic():
            follow_events([event], now)

    with transaction.atomic():
        redo(journey, now, step("wait2", "wait", {"amount": 1, "unit": "days"}), entries=ORDERS)
        told = beside(committed, follow, pids := [])
        assert _waits(pids[0])
    told.result(30)

    # then
    run = Enrolment.objects.get()
    assert (run.version.number, run.step_id) == (2, "wait2")


def test_a_failure_of_the_step_they_left_does_not_stop_them(committed, now):
    # given Ada, whose step failed for good, and who was moved before that was written down
    ada = Contact.objects.create(email="ada@example.com")
    journey = live(now, WAIT)
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now)
    run = Enrolment.objects.get()
    claimed = (run.pk, run.version_id, run.visit)
    redo(journey, now, step("wait2", "wait", {"amount": 9, "unit": "days"}), moving=Moving())
    assert move_due(now=now) == 1

    # when
    engine._give_up(claimed, Permanent("x", "Broken."), now=now)

    # then she left the first step, since nothing followed it, and no failure is told
    run = Enrolment.objects.get()
    assert (run.status, run.exit_reason, run.error) == ("exited", "step_removed", "")

    # and one who was sent on is not stopped either
    bob = Contact.objects.create(email="bob@example.com")
    enrol(journey=journey, contact_ids=[bob.pk], now=now)
    settle(now)
    run = Enrolment.objects.get(contact=bob)
    claimed = (run.pk, run.version_id, run.visit)
    redo(journey, now + DAY, WAIT, moving=Moving({"wait2": "wait1"}))
    assert move_due(now=now + DAY) == 1
    engine._give_up(claimed, Permanent("x", "Broken."), now=now + timedelta(days=1))
    run.refresh_from_db()
    assert (run.status, run.step_id, run.error) == ("active", "wait1", "")
