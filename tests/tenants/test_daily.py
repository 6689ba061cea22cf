"""Nightly work: once, at three in the morning of the workspace, and only where there is a need."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from core.registry import Registry
from tenants import agenda, daily, sweep, tasks
from tenants.models import Agenda, AuditEntry

THREE_IN_ROME = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


@pytest.fixture
def jobs(monkeypatch):
    """`jobs.add(key, ...)` registers a job among no others; `jobs.ran` says which ran."""

    class Jobs:
        def __init__(self):
            self.registry = Registry("daily jobs")
            self.needed = {}
            self.ran = []

        def add(self, key, *, order=100, raises=None):
            def run(now):
                self.ran.append(key)
                if raises:
                    raise raises

            self.needed[key] = True
            self.registry.register(daily.DailyJob(key, lambda: self.needed[key], run, order=order))

    own = Jobs()
    monkeypatch.setattr(daily, "daily_jobs", own.registry)
    return own


def due_at():
    return Agenda.objects.get(workspace__slug="acme", lane="daily").due_at


def run(at):
    return daily.run_daily_jobs(clock=lambda: at)


def test_a_need_is_met_at_three_in_the_morning_of_the_workspace(acme, jobs, now):
    acme.timezone = "Europe/Rome"
    daily.wake_daily(now=now)
    assert due_at() == THREE_IN_ROME
    assert agenda.claim_due(now=THREE_IN_ROME - timedelta(seconds=1)) == []
    assert agenda.claim_due(now=THREE_IN_ROME) == [("w_acme", "daily")]


@pytest.mark.parametrize(
    ("at", "due"),
    [
        (datetime(2026, 11, 21, 1, 59, tzinfo=UTC), THREE_IN_ROME),
        # exactly then: the next one
        (THREE_IN_ROME, THREE_IN_ROME + timedelta(days=1)),
        # the night clocks go forward, and the one they go back
        (datetime(2026, 3, 28, 22, 0, tzinfo=UTC), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
    ],
)
def test_the_next_night(acme, at, due):
    acme.timezone = "Europe/Rome"
    assert daily.next_night(at) == due


def test_jobs_run_in_order_and_come_again_while_one_is_needed(acme, jobs, now):
    jobs.add("sums", order=20)
    jobs.add("medians", order=10)
    jobs.add("idle")
    jobs.needed["idle"] = False

    assert run(now) == 2

    assert jobs.ran == ["medians", "sums"]
    assert due_at() == daily.next_night(now)


def test_an_idle_workspace_costs_no_task(acme, jobs, now):
    jobs.add("sums")
    daily.wake_daily(now=now)
    jobs.needed["sums"] = False
    assert run(daily.next_night(now)) == 0
    assert due_at() is None
    assert agenda.claim_due(now=now + timedelta(days=30)) == []


def test_a_job_that_fails_keeps_nobody_from_running(acme, jobs, now, caplog):
    jobs.add("a_broken", raises=ZeroDivisionError("x"))
    jobs.add("b_whole")

    assert run(now) == 1

    assert jobs.ran == ["a_broken", "b_whole"]
    assert "daily_job_failed job=a_broken" in caplog.text
    # tried again the next night, not at once
    assert due_at() == daily.next_night(now)


def test_what_a_failed_job_wrote_is_undone(acme, jobs, now):
    def run_and_fail(moment):
        AuditEntry.objects.create(workspace=acme, action="x", at=moment)
        raise ZeroDivisionError

    jobs.registry.register(daily.DailyJob("writes", lambda: True, run_and_fail))
    assert run(now) == 0
    assert not AuditEntry.objects.filter(action="x").exists()


def test_a_job_that_another_worker_is_at_is_left_alone(acme, jobs, now):
    from psycopg import connect

    jobs.add("long")
    database = connection.connection.info
    with connect(database.dsn, password=database.password) as other:
        other.execute("SELECT pg_advisory_xact_lock(hashtextextended('daily:w_acme:long', 0))")
        assert run(now) == 0
        assert jobs.ran == []
    assert run(now) == 1


def test_the_sweep_finds_a_night_that_was_lost(acme, jobs, now, monkeypatch):
    jobs.add("sums")
    monkeypatch.setattr(tasks.timezone, "now", lambda: now)
    lanes = Registry("lanes")
    lanes.register(agenda.lanes.get("daily"))
    monkeypatch.setattr(agenda, "lanes", lanes)
    due = daily.next_night(now)
    connection.set_schema_to_public()

    caught = sweep.sweep(now=now)

    assert caught >= 1
    assert due_at() == due
    assert sweep.sweep(now=now) == 0


@given(st.integers(946_684_800, 4_102_444_800))
def test_the_next_night_comes_within_a_day_and_an_hour(seconds):
    from types import SimpleNamespace
    from unittest.mock import patch

    at = datetime.fromtimestamp(seconds, UTC)
    for zone in ("Europe/Rome", "Asia/Kathmandu", "America/Sao_Paulo", "Australia/Lord_Howe"):
        with patch.object(
            daily, "current_workspace", lambda _what, z=zone: SimpleNamespace(timezone=z)
        ):
            due = daily.next_night(at)
        assert timedelta(0) < due - at <= timedelta(hours=25)
