"""The lanes' tasks: one turn, then the lane is settled to the truth."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.drain import drain
from events.models import Event
from events.services import record
from events.tasks import drain_events
from journeys.engine import advance
from journeys.enrolment import enrol
from journeys.tasks import advance_runs
from tenants import agenda
from tenants.models import Agenda
from tests.journeys.conftest import DAY, HOUR, live, run_of, step

WAIT = step("wait1", "wait", {"amount": 2, "unit": "days"})


def due_at(lane):
    return Agenda.objects.get(workspace__slug="acme", lane=lane).due_at


@pytest.fixture
def hints(monkeypatch):
    """The hints that were sent: (task, queue)."""
    sent = []
    for task in (advance_runs, drain_events):
        monkeypatch.setattr(
            task, "apply_async", lambda *args, _name=task.name, **kw: sent.append((_name, kw))
        )
    return sent


def test_the_journeys_lane_is_due_when_the_next_run_is(ada, bob, now, hints):
    # given Ada due now, and Bob in an hour
    journey = live(now, WAIT)
    enrol(journey=journey, contact_ids=[bob.pk], now=now)
    with time_machine.travel(now - 2 * DAY + HOUR, tick=False):
        advance_runs()
    bobs = run_of(bob)
    bobs.due_at = now + HOUR
    bobs.save()
    enrol(journey=journey, contact_ids=[ada.pk], now=now)

    # when the lane has its turn
    with time_machine.travel(now + timedelta(seconds=1), tick=False):
        assert advance_runs() == 1

    # then Ada waits, and the lane is due when Bob is
    assert run_of(ada).due_at > now + DAY
    assert due_at("journeys") == now + HOUR
    assert hints == []


def test_a_lane_with_nothing_left_is_never_due(ada, now, hints):
    journey = live(now, step("exit1", "exit"))
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    with time_machine.travel(now, tick=False):
        assert advance_runs() == 1
    assert due_at("journeys") is None


def test_the_events_lane_is_due_while_any_wait(ada, now, hints, monkeypatch):
    record(type="page.viewed", contact_id=ada.pk, now=now)
    with time_machine.travel(now, tick=False):
        assert drain_events() == 1
    assert due_at("events") is None
    assert Event.objects.get().state == Event.State.DONE


def test_a_turn_that_was_too_short_hints_at_itself(ada, now, hints, monkeypatch):
    # given more than a turn's work
    monkeypatch.setattr("events.tasks.TURN", -1)
    monkeypatch.setattr("events.drain.drain.__kwdefaults__", {"limit": 1})
    for number in range(2):
        record(type="page.viewed", contact_id=ada.pk, now=now, message_id=f"m{number}")
    with time_machine.travel(now, tick=False):
        assert drain_events() == 1
    assert hints == [("events.drain", {"queue": "events"})]
    assert due_at("events") == now


def test_hints_go_to_the_lane_of_the_workspace(acme, hints):
    agenda.send_hint("journeys", "w_acme")
    agenda.send_hint("events", "w_acme")
    assert hints == [
        ("journeys.advance", {"workspace": "w_acme", "queue": "journeys"}),
        ("events.drain", {"workspace": "w_acme", "queue": "events"}),
    ]


def test_the_agenda_is_written_after_all_rows_so_that_nobody_waits_in_a_circle(ada, now, hints):
    # given an event that starts a journey which tags, so that three lanes' work comes of it
    live(
        now,
        step("tag1", "add_tag", {"tag": "warm"}),
        entries=[{"kind": "event_received", "config": {"event": "page.viewed"}}],
    )
    record(type="page.viewed", contact_id=ada.pk, now=now)

    for work in (drain, advance):
        # when the worker does its batch
        with CaptureQueriesContext(connection) as said:
            work(now=now)
        statements = [each["sql"] for each in said]

        # then once it has asked for the agenda, it locks and writes nothing else
        at = next(n for n, sql in enumerate(statements) if "public.tenants_agenda" in sql)
        locks = ("INSERT INTO", "UPDATE", "DELETE", "FOR UPDATE", "FOR NO KEY UPDATE")
        written = [sql for sql in statements[at:] if any(word in sql for word in locks)]
        assert all("INSERT INTO public.tenants_agenda" in sql for sql in written)
        assert len(statements[:at]) > 2
