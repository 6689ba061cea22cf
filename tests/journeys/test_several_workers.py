"""Several workers, and workers killed in the middle: every run moves once, none is lost."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from contacts.models import Contact, ContactTag
from events.drain import drain
from events.models import Event
from events.services import NewEvent, record_many
from journeys.contracts import entries
from journeys.engine import advance
from journeys.enrolment import enrol
from journeys.models import Enrolment, StepVisit
from journeys.timed import let_in_due
from tests.journeys.conftest import HOUR, live, step
from tests.journeys.test_timed_entries import Probe

STEPS = (
    step("split1", "percentage_split", {"shares": [50, 50]}, [], []),
    step("tag1", "add_tag", {"tag": "moved"}),
    step("wait1", "wait", {"amount": 1, "unit": "days"}),
)


def people(count):
    return Contact.objects.bulk_create(Contact(email=f"p{n}@example.com") for n in range(count))


def in_parallel(workspace, work, workers=2):
    """The results of running `work` at once, each with a connection of its own."""
    barrier = Barrier(workers)

    def one(_number):
        try:
            connection.set_tenant(workspace)
            barrier.wait(10)
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(one, range(workers)))


def test_two_workers_move_each_run_once(committed, now):
    # given six hundred people who are due
    journey = live(now, *STEPS)
    enrol(journey=journey, contact_ids=[each.pk for each in people(600)], now=now)

    # when two workers advance in small batches at once
    def work():
        moved = 0
        while claimed := advance(now=now, limit=50).claimed:
            moved += claimed
        return moved

    moved = in_parallel(committed, work)

    # then each run was moved by one of them, once
    assert sum(moved) == 600
    assert all(moved)
    assert StepVisit.objects.filter(step_id="tag1").count() == 600
    assert StepVisit.objects.count() == 1200
    assert ContactTag.objects.count() == 600
    assert set(Enrolment.objects.values_list("step_id", "visit")) == {("wait1", 3)}


def test_two_workers_let_nobody_in_twice(committed, now):
    # given a journey that may be entered once, and ends at once
    journey = live(now, step("exit1", "exit"))
    ids = [each.pk for each in people(100)]

    # when two workers let the same people in and move them on, again and again
    def work():
        started = 0
        for _turn in range(5):
            started += len(enrol(journey=journey, contact_ids=ids, now=now).enrolled)
            advance(now=now)
        return started

    started = in_parallel(committed, work)

    # then everybody was in once
    assert sum(started) == 100
    assert Enrolment.objects.count() == 100


def test_two_drains_process_each_event_once(committed, now):
    # given a journey that every order starts anew
    live(
        now,
        step("exit1", "exit"),
        entries=[{"kind": "event_received", "config": {"event": "order.placed"}}],
    )
    events = [NewEvent("order.placed", occurred_at=now, contact_id=each.pk) for each in people(300)]
    record_many(events=events, now=now)

    # when two workers drain at once
    def work():
        done = 0
        for _turn in range(200):
            done += drain(now=now, limit=20).done
        return done

    done = in_parallel(committed, work)

    # then
    assert sum(done) == 300
    assert Enrolment.objects.count() == 300
    assert not Event.objects.exclude(state=Event.State.DONE).exists()


WORKER = """
import sys
from datetime import datetime
import django
django.setup()
from tenants.context import enter_workspace
from journeys.engine import advance
with enter_workspace(sys.argv[1]):
    print("ready", flush=True)
    sys.stdin.readline()
    while advance(now=datetime.fromisoformat(sys.argv[2]), limit=20).claimed:
        pass
"""


@pytest.mark.faults
def test_a_killed_worker_loses_and_doubles_nothing(committed, now):
    # given four thousand people who are due
    journey = live(now, *STEPS)
    enrol(journey=journey, contact_ids=[each.pk for each in people(4000)], now=now)

    # when three workers are killed in the middle of their batches
    workers = [start_worker(committed, now) for _each in range(3)]
    kills = 0
    for worker, pause in zip(workers, (0.05, 0.16, 0.1), strict=True):
        assert worker.stdout.readline() == b"ready\n"
        worker.stdin.write(b"go\n")
        worker.stdin.flush()
        time.sleep(pause)
        worker.send_signal(signal.SIGKILL)
        kills += worker.wait(10) == -signal.SIGKILL
        worker.stdout.close()
        worker.stdin.close()

    # and one is left to finish
    assert kills == 3
    assert Enrolment.objects.due(now).count() > 0
    while advance(now=now).claimed:
        pass

    # then everybody moved, once
    assert set(Enrolment.objects.values_list("status", "step_id", "visit")) == {
        ("active", "wait1", 3)
    }
    assert StepVisit.objects.count() == 8000
    assert ContactTag.objects.count() == 4000
    assert Event.objects.filter(type="contact.tagged").count() == 4000


def start_worker(workspace, now):
    """A process of its own that advances the workspace until nobody is due."""
    settings = connection.settings_dict
    host = settings["HOST"] or "localhost"
    user = settings["USER"] + (f":{settings['PASSWORD']}" if settings["PASSWORD"] else "")
    address = f"postgres://{user}@/{settings['NAME']}?host={host}"
    if settings["PORT"]:
        address += f"&port={settings['PORT']}"
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, workspace.schema_name, now.isoformat()],
        env={**os.environ, "DATABASE_URL": address, "PYTHONPATH": os.getcwd()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def test_two_workers_look_and_let_everybody_in_once(committed, now, monkeypatch):
    # given three hundred people whose moment has come, and an entry that lets them in again
    monkeypatch.setitem(entries._items, "probe", Probe())
    config = {"kind": "probe", "config": {"hours": 1}}
    live(now, step("exit1", "exit"), entries=[config], settings={"re_entry": "always"})
    Contact.objects.bulk_create(
        Contact(email=f"p{n}@example.com", created_at=now + timedelta(seconds=n))
        for n in range(300)
    )

    # when two workers look at once, in slices, while events come and people walk on
    def work():
        started = 0
        for _turn in range(60):
            found = let_in_due(now=now + 2 * HOUR, limit=20)
            started += found.started if found else 0
            advance(now=now + 2 * HOUR, limit=20)
        return started

    started = in_parallel(committed, work)

    # then everybody was let in by one of them
    assert sum(started) == 300
    assert Enrolment.objects.count() == 300
