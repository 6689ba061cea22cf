"""Workload 5: 100,000 due runs of 200 journeys in 50 workspaces: wait, condition, split, send.

The reference moves one row at a time with the ORM, as a first version would: lock the run, look up
where it stands, ask the condition, write the visit and the message, save. It moves fewer; rates
are per run.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from benchmarks.harness import Bench, Result, describe, median_rate, median_ratio
from benchmarks.world import counted_statements, make_workspace, save_mail, subscribers

WORKSPACES = 50
JOURNEYS = 4
PEOPLE = 2_000
NAIVE_RUNS = 1_000
KILL_AFTER = (0.15, 0.4, 0.25, 0.6, 0.3)

TOTALS = """
    SELECT (SELECT count(*) FROM journeys_enrolment WHERE status = 'active' AND due_at > %(now)s),
           (SELECT count(*) FROM journeys_stepvisit),
           (SELECT count(*) FROM campaigns_message),
           (SELECT count(DISTINCT enrolment_id) FROM campaigns_message),
           (SELECT coalesce(sum(hashtext(step_id || outcome)::bigint), 0)
              FROM journeys_stepvisit)"""


def run(bench: Bench) -> Result:
    """Judge the rate, statements a batch, that each run moved once, and a killed worker's harm."""
    from django.utils import timezone

    result = Result("5 journey tick")
    world = World(bench.count(WORKSPACES), timezone.now())
    world.rewind()
    statements = world.statements_of_a_batch()
    theirs, ours = [], []
    for _ in range(bench.pairs):
        world.rewind()
        theirs.append(bench.measure(world.naive))
        world.rewind()
        ours.append(bench.measure(world.advance))
        moved = world.totals()
    result.lines.append(describe("row at a time", theirs, "runs"))
    result.lines.append(describe("Viaggio", ours, "runs"))
    runs, visits, messages, once = moved[:4]
    result.lines.append(f"{runs:,} runs made {visits:,} steps and {messages:,} messages")
    result.at_least("runs per CPU-second", median_rate(ours), 8_000)
    result.at_least("ratio to row at a time", median_ratio(theirs, ours), 10)
    result.at_most("statements per batch of 1,000", statements, 12)
    result.exactly("runs not moved", world.count - runs, 0)
    result.exactly("messages doubled", messages - once, 0)
    world.rewind()
    kills = world.advance_under_fire()
    result.at_least("workers killed in the middle", kills, 3)
    after = zip(world.totals(), moved, strict=True)
    result.exactly("rows lost or doubled by kills", sum(abs(a - b) for a, b in after), 0)
    return result


class World:
    """Workspaces whose people all stand at a wait that is over."""

    def __init__(self, workspaces: int, now: Any) -> None:
        self.now = now
        self.workspaces = [
            _workspace(f"tick-{number}", PEOPLE, now - timedelta(days=2))
            for number in range(workspaces)
        ]
        self.count = PEOPLE * workspaces

    def inside(self) -> Iterator[Any]:
        """Each workspace in turn, entered."""
        from tenants.context import enter_workspace

        for workspace in self.workspaces:
            with enter_workspace(workspace.schema_name):
                yield workspace

    def rewind(self) -> None:
        """Put everybody back to the first wait, and forget steps and messages made since."""
        from django.db import connection

        for _workspace in self.inside():
            with connection.cursor() as cursor:
                cursor.execute("TRUNCATE journeys_stepvisit, campaigns_message CASCADE")
                cursor.execute(
                    "UPDATE journeys_enrolment SET status = 'active', step_id = 'wait1',"
                    " visit = 1, waits_for = '', exit_reason = '', ended_at = NULL,"
                    " due_at = %s, entered_step_at = %s",
                    [self.now - timedelta(hours=1), self.now - timedelta(days=2)],
                )
                cursor.execute(
                    "VACUUM ANALYZE journeys_enrolment, journeys_stepvisit, campaigns_message"
                )

    def advance(self) -> float:
        """Ours: batches until nobody is due, workspace after workspace."""
        from journeys.engine import advance

        total = 0
        for _workspace in self.inside():
            while claimed := advance(now=self.now).claimed:
                total += claimed
        return total

    def statements_of_a_batch(self) -> int:
        """What one batch of 1,000 costs once the journeys' programs are known."""
        from journeys.engine import advance
        from tenants.context import enter_workspace

        with enter_workspace(self.workspaces[0].schema_name):
            advance(now=self.now, limit=10)
            with counted_statements() as statements:
                advance(now=self.now, limit=1000)
        return len(statements)

    def totals(self) -> list[int]:
        """Runs that wait again, steps, messages, runs with a message, and a sum over the steps."""
        from django.db import connection

        sums = [0] * 5
        for _workspace in self.inside():
            with connection.cursor() as cursor:
                cursor.execute(TOTALS, {"now": self.now})
                row = cursor.fetchone()
            sums = [total + int(value) for total, value in zip(sums, row, strict=True)]
        return sums

    def naive(self) -> float:
        """The reference, in the first workspaces only."""
        from journeys.models import Enrolment

        total = 0
        for _workspace in self.inside():
            due = Enrolment.objects.due(self.now).order_by("due_at")
            for pk in list(due.values_list("pk", flat=True)):
                _move_alone(pk, self.now)
                total += 1
                if total >= NAIVE_RUNS:
                    return total
        return total

    def advance_under_fire(self) -> int:
        """Workers killed with SIGKILL while they advance, then one that may finish; the kills."""
        kills = 0
        for pause in KILL_AFTER:
            worker = self._worker()
            assert worker.stdout
            worker.stdout.readline()
            time.sleep(pause)
            worker.send_signal(signal.SIGKILL)
            kills += worker.wait() == -signal.SIGKILL
            worker.stdout.close()
        self.advance()
        return kills

    def _worker(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "benchmarks.journey_tick", self.now.isoformat()]
        command += [workspace.schema_name for workspace in self.workspaces]
        return subprocess.Popen(command, env=dict(os.environ), stdout=subprocess.PIPE)


def _workspace(slug: str, people: int, now: Any) -> Any:
    """Four live journeys with a quarter of the people in each, who all stand at its wait."""
    from journeys import services
    from journeys.engine import advance
    from journeys.enrolment import enrol
    from tenants.context import enter_workspace

    workspace = make_workspace(slug, now)
    with enter_workspace(workspace.schema_name):
        mail = save_mail("Hello", "<p>Dear {{ contact.first_name }}</p>", now)
        everybody = subscribers(people)
        for number in range(JOURNEYS):
            journey = services.create_journey(
                name=f"Journey {number}", definition=_definition(mail.pk), now=now
            )
            services.publish_journey(journey=journey, now=now)
            enrol(journey=journey, contact_ids=everybody[number::JOURNEYS], now=now)
        while advance(now=now).claimed:
            pass
    return workspace


def _definition(template_id: Any) -> dict[str, Any]:
    """Wait, condition, and on one side a split, a mail and a wait, on the other a wait."""
    condition = {
        "kind": "profile",
        "config": {"field": "language", "test": "is", "value": "it"},
    }
    mail = {"template": str(template_id), "not_after_hours": None}
    return {
        "entries": [{"kind": "manual", "config": {}}],
        "steps": [
            _step("wait1", "wait", {"amount": 1, "unit": "days"}),
            _step(
                "if1",
                "if_else",
                {"condition": condition},
                [
                    _step(
                        "split1",
                        "percentage_split",
                        {"shares": [50, 50]},
                        [_step("mail1", "send_email", mail)],
                        [],
                    )
                ],
                [],
            ),
            _step("wait2", "wait", {"amount": 3, "unit": "days"}),
        ],
    }


def _step(name: str, kind: str, config: Any, *lanes: list[Any]) -> dict[str, Any]:
    raw: dict[str, Any] = {"id": name, "kind": kind, "config": config}
    if lanes:
        raw["branches"] = [{"label": "", "steps": list(lane)} for lane in lanes]
    return raw


def _move_alone(pk: Any, now: Any) -> None:
    """One run, one transaction, one query at a time."""
    from django.db import transaction

    from campaigns.models import Message, Template
    from contacts.models import Contact
    from journeys.models import Enrolment, StepVisit

    with transaction.atomic():
        run = Enrolment.objects.select_for_update().get(pk=pk)

        def leave(step: str, outcome: str, target: str) -> None:
            StepVisit.objects.create(
                enrolment=run,
                journey_id=run.journey_id,
                version_id=run.version_id,
                step_id=step,
                visit=run.visit,
                outcome=outcome,
                entered_at=run.entered_step_at,
                left_at=now,
            )
            run.step_id, run.visit, run.entered_step_at = target, run.visit + 1, now
            run.save()

        leave("wait1", "next", "if1")
        italian = Contact.objects.filter(pk=run.contact_id, language="it").exists()
        leave("if1", f"branch:{0 if italian else 1}", "split1" if italian else "wait2")
        if italian:
            lane = run.contact_id.int % 2
            leave("split1", f"branch:{lane}", "wait2" if lane else "mail1")
            if not lane:
                contact = Contact.objects.get(pk=run.contact_id)
                Message.objects.create(
                    send_key=f"journey:{run.pk}:{run.visit}",
                    lane=Message.Lane.JOURNEY,
                    contact=contact,
                    to_address=contact.email or "",
                    template_version=Template.objects.get().live_version,
                    enrolment_id=run.pk,
                    journey_id=run.journey_id,
                    step_id="mail1",
                )
                leave("mail1", "next", "wait2")
        run.due_at = now + timedelta(days=3)
        run.save()


def main() -> None:
    """A worker to be killed: advance the named workspaces until nobody is due."""
    from datetime import datetime

    import django

    django.setup()
    from journeys.engine import advance
    from tenants.context import enter_workspace

    now = datetime.fromisoformat(sys.argv[1])
    print("ready", flush=True)
    for schema_name in sys.argv[2:]:
        with enter_workspace(schema_name):
            while advance(now=now, limit=200).claimed:
                pass


if __name__ == "__main__":
    main()
