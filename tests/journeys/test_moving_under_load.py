"""Publishing with moves while others advance: nobody is lost or doubled, nothing is sent twice."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event as Signal

import pytest
from django.db import connection
from django.db.models import Count, Max, Min, Sum

from campaigns.models import Message
from contacts.models import Contact
from journeys import services
from journeys.engine import advance
from journeys.enrolment import enrol
from journeys.models import Enrolment, StepVisit, VersionMove
from journeys.moving import Moving, move_due
from tests.journeys.conftest import DAY, definition, live, step
from tests.journeys.seeding import mail

MINUTE = timedelta(minutes=1)
MAILS = ("mail1", "mail2", "mail3")


def wait(step_id, minutes=1):
    return step(step_id, "wait", {"amount": minutes, "unit": "minutes"})


def drafts(template):
    """Definitions that lack steps of each other, and how to come to each."""
    mails = [step(each, "send_email", {"template": template}) for each in MAILS]
    event = {"event": "order.placed", "amount": 3, "unit": "minutes"}
    return [
        (
            [mails[0], wait("wait1"), mails[1], wait("wait2", 2), wait("wait3"), mails[2]],
            Moving({"event1": "mail3", "wait5": None}),
        ),
        (
            [mails[0], wait("wait2"), mails[1], step("event1", "wait_for_event", event, [], [])],
            Moving({"wait1": "mail2", "wait3": "event1"}, asks_again=True),
        ),
        ([wait("wait1", 3), mails[1], wait("wait5"), mails[2]], Moving()),
        (
            [mails[0], wait("wait3", 2), wait("wait5", 2), mails[2]],
            Moving({"wait1": "wait5", "wait2": "mail3", "event1": None}),
        ),
    ]


def as_definition(steps):
    return definition(*steps, settings={"holdout": 10})


def publish(journey, now, number, found):
    steps, moving = found[number % len(found)]
    services.save_draft(journey=journey, definition=as_definition(steps), now=now)
    services.publish_journey(journey=journey, now=now, moving=moving)


def finish(now):
    """Move and advance until everybody has come to an end."""
    for _turn in range(60):
        while move_due(now=now) is not None or advance(now=now).claimed:
            pass
        now += DAY


def nobody_was_lost_or_doubled(people):
    """The promises, read from the rows alone."""
    runs = Enrolment.objects
    inside = runs.filter(status__in=["active", "held"]).count()
    assert runs.count() == people
    assert inside + runs.exclude(ended_at=None).count() == people
    assert not runs.filter(status="failed").exists()
    treated = runs.filter(holdout=False)
    stays = treated.annotate(
        stays=Count("visits"), first=Min("visits__visit"), last=Max("visits__visit")
    )
    for run in stays:
        # Whoever is inside stands at one visit more than they left.
        left = run.visit - (1 if run.ended_at is None else 0)
        assert (run.stays, run.first or 1, run.last or 0) == (left, 1, left)
    sent = Counter(Message.objects.values_list("enrolment_id", "step_id"))
    done = StepVisit.objects.filter(step_id__in=MAILS, outcome="next")
    assert sent == Counter(done.values_list("enrolment_id", "step_id"))
    moved = Counter(
        StepVisit.objects.filter(outcome="moved").values_list("enrolment_id", "version_id")
    )
    assert set(moved.values()) == {1}
    told = VersionMove.objects.aggregate(moved=Sum("moved"), left=Sum("left"))
    removed = StepVisit.objects.filter(outcome="exit:step_removed").count()
    assert told == {"moved": moved.total(), "left": removed}
    assert not StepVisit.objects.filter(enrolment__holdout=True).exists()
    assert 0 < treated.count() < people


def test_publishing_with_moves_beside_workers_loses_and_doubles_nobody(committed, now):
    # given people on their way, two workers that advance and two that move, and new people
    found = drafts(str(mail(now).pk))
    journey = live(now, *found[0][0], settings={"holdout": 10})
    made = Contact.objects.bulk_create(Contact(email=f"p{n}@example.com") for n in range(300))
    enrol(journey=journey, contact_ids=[each.pk for each in made[:100]], now=now)
    clock, done = [now], Signal()

    def beside(work):
        try:
            connection.set_tenant(committed)
            while not done.is_set():
                work()
        finally:
            connection.close()

    # when versions are published over and over, each moving everybody
    with ThreadPoolExecutor(4) as pool:
        workers = [
            pool.submit(beside, work)
            for work in (
                lambda: advance(now=clock[0], limit=20),
                lambda: advance(now=clock[0], limit=20),
                lambda: move_due(now=clock[0], limit=15),
                lambda: move_due(now=clock[0], limit=15),
            )
        ]
        try:
            for number in range(1, 21):
                clock[0] += MINUTE / 2
                come = made[90 + 10 * number : 100 + 10 * number]
                enrol(journey=journey, contact_ids=[each.pk for each in come], now=clock[0])
                publish(journey, clock[0], number, found)
        finally:
            done.set()
        for worker in workers:
            worker.result()
    while move_due(now=clock[0] + MINUTE) is not None:
        pass

    # then everybody inside is in the last version, and at the end nothing is amiss
    inside = Enrolment.objects.filter(ended_at=None)
    assert set(inside.values_list("version__number", flat=True)) == {21}
    nobody_was_lost_or_doubled(300)
    finish(clock[0])
    nobody_was_lost_or_doubled(300)
    assert not Enrolment.objects.filter(holdout=False, ended_at=None).exists()


WORKER = """
import pathlib
import sys
import time
from datetime import datetime
import django
django.setup()
from django.db import OperationalError
from tenants.context import enter_workspace
from journeys.engine import advance
from journeys.moving import move_due
clock, work = pathlib.Path(sys.argv[2]), sys.argv[3]
with enter_workspace(sys.argv[1]):
    print("ready", flush=True)
    while True:
        now = datetime.fromisoformat(clock.read_text())
        if work == "move":
            busy = move_due(now=now, limit=int(sys.argv[4]))
        else:
            busy = advance(now=now, limit=int(sys.argv[4])).claimed
        if not busy:
            time.sleep(0.01)
"""


class Workers:
    """Processes of their own, killed in the middle of whatever they do."""

    def __init__(self, workspace, clock):
        self.clock = clock
        self.arguments = [workspace.schema_name, str(clock)]
        self.running = []
        self.kills = 0

    def start(self, work, limit=50):
        settings = connection.settings_dict
        host = settings["HOST"] or "localhost"
        user = settings["USER"] + (f":{settings['PASSWORD']}" if settings["PASSWORD"] else "")
        address = f"postgres://{user}@/{settings['NAME']}?host={host}"
        address += f"&port={settings['PORT']}" if settings["PORT"] else ""
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, *self.arguments, work, str(limit)],
            env={**os.environ, "DATABASE_URL": address, "PYTHONPATH": os.getcwd()},
            stdout=subprocess.PIPE,
        )
        assert worker.stdout.readline() == b"ready\n"
        self.running.append((worker, work, limit))

    def kill(self, number):
        worker, work, limit = self.running.pop(number)
        worker.send_signal(signal.SIGKILL)
        self.kills += worker.wait(10) == -signal.SIGKILL
        worker.stdout.close()
        return work, limit

    def stop(self):
        while self.running:
            self.kill(0)


def tell(clock, now):
    """Set the clock of all workers at once."""
    new = clock.with_suffix(".new")
    new.write_text(now.isoformat())
    new.rename(clock)


@pytest.mark.faults
def test_a_move_that_was_killed_goes_on_where_it_was(committed, now, tmp_path):
    # given a thousand people who wait, and a version that lacks their step
    clock = tmp_path / "clock"
    tell(clock, now)
    journey = live(now, wait("wait1", 60), wait("wait2", 60))
    made = Contact.objects.bulk_create(Contact(email=f"p{n}@example.com") for n in range(1000))
    enrol(journey=journey, contact_ids=[each.pk for each in made], now=now)
    while advance(now=now).claimed:
        pass
    workers = Workers(committed, clock)

    # when the worker that moves them is killed in the middle
    try:
        workers.start("move", limit=5)
        draft = definition(wait("wait2", 60))
        services.save_draft(journey=journey, definition=draft, now=now)
        services.publish_journey(journey=journey, now=now, moving=Moving())
        deadline = time.monotonic() + 60
        while VersionMove.objects.get().moved < 20 and time.monotonic() < deadline:
            time.sleep(0.005)
        workers.kill(0)
    finally:
        workers.stop()
    told = VersionMove.objects.get()
    assert 20 <= told.moved < 1000
    assert told.moved == Enrolment.objects.filter(version__number=2).count()

    # then what is left goes on, and everybody was moved once
    while move_due(now=now) is not None:
        pass
    told.refresh_from_db()
    assert (told.asked, told.kept, told.moved, told.left) == (1000, 0, 1000, 0)
    assert told.finished_at == now
    assert set(Enrolment.objects.values_list("version__number", "step_id", "visit")) == {
        (2, "wait2", 2)
    }
    assert StepVisit.objects.filter(outcome="moved").count() == 1000


@pytest.mark.long
def test_processes_that_are_killed_while_versions_change_lose_nobody(
    committed, now, tmp_path, request
):
    if not request.config.getoption("--long"):
        pytest.skip("long")
    # given three thousand people, and processes that advance and move
    chance = random.Random(8)
    found = drafts(str(mail(now).pk))
    journey = live(now, *found[0][0], settings={"holdout": 10})
    made = Contact.objects.bulk_create(Contact(email=f"p{n}@example.com") for n in range(3000))
    enrol(journey=journey, contact_ids=[each.pk for each in made], now=now)
    clock = tmp_path / "clock"
    tell(clock, now)
    workers = Workers(committed, clock)
    for work in ("advance", "advance", "advance", "move", "move"):
        workers.start(work)

    # when version follows version, and somebody is killed each time
    try:
        for number in range(1, 13):
            now += MINUTE / 2
            tell(clock, now)
            publish(journey, now, number, found)
            time.sleep(chance.random())
            killed = workers.kill(chance.randrange(len(workers.running)))
            workers.start(*killed)
    finally:
        workers.stop()

    # then
    assert workers.kills == 17
    while move_due(now=now + MINUTE) is not None:
        pass
    inside = Enrolment.objects.filter(ended_at=None)
    assert set(inside.values_list("version__number", flat=True)) == {13}
    nobody_was_lost_or_doubled(3000)
    finish(now)
    nobody_was_lost_or_doubled(3000)
