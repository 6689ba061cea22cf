"""The agenda: work lowers a lane, the tick claims it once, a drain settles it to the truth."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenants import agenda
from tenants.context import NoWorkspace
from tenants.models import Agenda


def due_at():
    return Agenda.objects.get(workspace__slug="acme", lane="events").due_at


def test_work_lowers_the_lane_and_never_raises_it(acme, now):
    assert agenda.lower(lane="events", due_at=now, now=now) is True
    assert agenda.lower(lane="events", due_at=now + timedelta(hours=1), now=now) is False
    assert agenda.lower(lane="events", due_at=now - timedelta(hours=1), now=now) is True
    assert due_at() == now - timedelta(hours=1)


def test_a_due_lane_is_claimed_once_and_again_when_its_lease_is_over(acme, now):
    agenda.lower(lane="events", due_at=now, now=now)

    assert agenda.claim_due(now=now - timedelta(seconds=1)) == []
    assert agenda.claim_due(now=now) == [("w_acme", "events")]
    assert agenda.claim_due(now=now) == []
    assert agenda.claim_due(now=now + agenda.LEASE) == [("w_acme", "events")]


def test_settling_writes_the_next_due_time_or_none(acme, now):
    agenda.lower(lane="events", due_at=now, now=now)

    agenda.settle(lane="events", next_due=lambda: now + timedelta(days=2))
    assert due_at() == now + timedelta(days=2)

    agenda.settle(lane="events", next_due=lambda: None)
    assert due_at() is None
    assert agenda.claim_due(now=now + timedelta(days=3)) == []


def test_what_is_lowered_last_is_written_at_the_end_the_earliest_of_each_lane(acme, now):
    # given a batch of work that asks for two lanes, one of them twice
    with CaptureQueriesContext(connection) as asked, agenda.lowered_last():
        agenda.lower(lane="sending", due_at=now + timedelta(hours=2), now=now)
        agenda.lower(lane="events", due_at=now + timedelta(hours=3), now=now)
        with agenda.lowered_last():
            agenda.lower(lane="sending", due_at=now + timedelta(hours=1), now=now)
        assert len(asked) == 0

    # then both are written once, in the order of their names
    lanes = Agenda.objects.filter(workspace=acme).exclude(due_at=None)
    assert dict(lanes.filter(lane__in=["events", "sending"]).values_list("lane", "due_at")) == {
        "events": now + timedelta(hours=3),
        "sending": now + timedelta(hours=1),
    }
    written = [each["sql"] for each in asked if each["sql"].startswith("INSERT")]
    assert ["'events'" in sql for sql in written] == [True, False]


def test_what_failed_lowers_nothing(acme, now):
    def fail():
        with agenda.lowered_last():
            agenda.lower(lane="sending", due_at=now, now=now)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not Agenda.objects.filter(workspace=acme, lane="sending", due_at=now).exists()
    assert agenda.lower(lane="sending", due_at=now, now=now) is True


def test_outside_a_workspace_there_is_no_agenda(acme, now):
    connection.set_schema_to_public()
    with pytest.raises(NoWorkspace):
        agenda.lower(lane="events", due_at=now, now=now)
    assert not Agenda.objects.exists()
