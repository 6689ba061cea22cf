"""The sweep: wakes a lane whose wake-up was lost, says so, and leaves a healthy agenda alone."""

from datetime import timedelta

import pytest
from django.db import connection

from core.registry import Registry
from tenants import agenda, sweep
from tenants.models import Agenda, AuditEntry, Workspace


@pytest.fixture
def work(monkeypatch, acme):
    """What is due in Acme's lane of events, by schema."""
    due = {}
    lanes = Registry("lanes")
    lanes.register(
        agenda.LaneDrain("events", lambda schema: None, lambda: due.get(connection.schema_name))
    )
    lanes.register(agenda.LaneDrain("journeys", lambda schema: None, lambda: None))
    monkeypatch.setattr(agenda, "lanes", lanes)
    connection.set_schema_to_public()
    return due


@pytest.mark.parametrize("noted", [None, timedelta(hours=1)])
def test_lost_work_is_found_woken_and_counted(work, acme, now, noted):
    # given work that is due while the agenda says "nothing" or "later"
    work["w_acme"] = now - timedelta(minutes=3)
    Agenda.objects.create(workspace=acme, lane="events", due_at=noted and now + noted)

    assert sweep.sweep(now=now) == 1

    assert Agenda.objects.get().due_at == now - timedelta(minutes=3)
    entry = AuditEntry.objects.get(action="agenda.caught")
    assert (entry.workspace, entry.target, entry.at) == (acme, "events", now)
    assert sweep.sweep(now=now) == 0


def test_work_without_any_row_is_found(work, acme, now):
    work["w_acme"] = now
    assert sweep.sweep(now=now) == 1
    assert agenda.claim_due(now=now) == [("w_acme", "events")]


@pytest.mark.parametrize(
    ("due", "noted"),
    [
        (timedelta(), timedelta()),
        (timedelta(minutes=-5), timedelta(seconds=60)),  # claimed, the lease runs
        (timedelta(days=2), timedelta(days=2)),
        (timedelta(days=2), timedelta(days=1)),
        (None, None),
    ],
)
def test_a_healthy_agenda_is_left_alone(work, acme, now, due, noted):
    work["w_acme"] = None if due is None else now + due
    Agenda.objects.create(
        workspace=acme, lane="events", due_at=None if noted is None else now + noted
    )
    before = list(Agenda.objects.values())

    assert sweep.sweep(now=now) == 0

    assert list(Agenda.objects.values()) == before
    assert not AuditEntry.objects.filter(action="agenda.caught").exists()


def test_suspended_workspaces_sleep(work, acme, now):
    work["w_acme"] = now
    Workspace.objects.filter(pk=acme.pk).update(status=Workspace.Status.SUSPENDED)
    assert sweep.sweep(now=now) == 0


def test_every_workspace_has_its_turn(work, now, monkeypatch):
    monkeypatch.setattr(sweep, "SLICE", 1)
    first = sweep.schemas_of_slice(now=now)
    second = sweep.schemas_of_slice(now=now + timedelta(seconds=sweep.EVERY_SECONDS))
    assert sorted(first + second) == ["w_acme", "w_globex"]


def test_the_tasks_run(work):
    from tenants.tasks import forget_tickets, send_system_mail, sweep_agenda

    assert sweep_agenda.apply(throw=True).result == 0
    assert forget_tickets.apply(throw=True).result == 0
    assert send_system_mail.apply(throw=True).result == 0
