"""Workload 8, its journey report: 200,000 runs of a journey of six steps, beside as many others.

The reference counts the same rows by hand with plain `count(*)`: visits by step and outcome, runs
by status, mails by step. It counts no people, reads no period, and says neither why nor when.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from benchmarks.harness import Bench, Result
from benchmarks.world import counted_statements, make_workspace, save_mail

RUNS = 200_000
# Runs lie evenly over so many days; every tenth person came in twice.
DAYS = 365
PERIODS = {"7 days": 7, "90 days": 90, "ever": None}

FILL = """
    SET synchronous_commit = off;
    INSERT INTO contacts_contact (id, email, phone, first_name, last_name, language, timezone,
                                  fields, email_consent, source, created_at, updated_at)
    SELECT md5('c' || n)::uuid, 'p' || n || '@example.com', '', '', '', 'it', '', '{}',
           'subscribed', '', %(now)s, %(now)s FROM generate_series(0, %(runs)s * 9 / 10) AS n;
    INSERT INTO journeys_enrolment (id, journey_id, version_id, contact_id, key, entry_kind,
                                    context, holdout, status, step_id, entered_step_at, visit,
                                    due_at, waits_for, attempts, error, exit_reason, converted_at,
                                    started_at, ended_at)
    SELECT md5(journey.id || 'r' || n)::uuid, journey.id, journey.live_version_id,
           md5('c' || n %% (%(runs)s * 9 / 10))::uuid, '', 'manual', '{"cart": "12345"}',
           n %% 20 = 0, state, 's6', begun, 6,
           CASE WHEN state = 'active' THEN begun + interval '400 days' END, '', 0, '',
           CASE WHEN state = 'exited' THEN (ARRAY['removed', 'No VIP', 'Enough'])[1 + n %% 3]
                ELSE '' END,
           CASE WHEN n %% 3 = 0 THEN begun + (n %% 400) * interval '1 hour' END, begun,
           CASE WHEN state <> 'active' THEN begun + interval '6 days' END
      FROM journeys_journey AS journey, generate_series(1, %(runs)s) AS n
     CROSS JOIN LATERAL (
        SELECT %(now)s - n * %(step)s AS begun,
               CASE WHEN n %% 20 = 0 OR n %% 100 > 92 THEN 'exited'
                    WHEN n %% 100 < 7 AND n < %(runs)s * 8 / 10 THEN 'active'
                    ELSE 'finished' END AS state) AS life;
    INSERT INTO journeys_stepvisit (enrolment_id, journey_id, version_id, step_id, visit, outcome,
                                    reason, entered_at, left_at)
    SELECT run.id, run.journey_id, run.version_id, 's' || k, k,
           CASE WHEN k = 3 THEN 'branch:' || abs(hashtext(run.id::text)) %% 2
                WHEN k = 6 AND run.status = 'exited' THEN 'exit:' || run.exit_reason
                ELSE 'next' END, '', run.started_at, run.started_at
      FROM journeys_enrolment AS run, generate_series(1, 6) AS k
     WHERE NOT run.holdout AND NOT (k = 6 AND run.status = 'active');
    INSERT INTO campaigns_message (id, send_key, channel, lane, contact_id, to_address,
                                   template_version_id, enrolment_id, journey_id, step_id, context,
                                   destinations, status, reason, reason_text, attempts, due_at,
                                   fence, provider_message_id, queued_at, sent_at, opened_at,
                                   clicked_at)
    SELECT md5(run.id || step)::uuid, run.id || step, 'email', 1, run.contact_id, 'p@example.com',
           %(mail)s, run.id, run.journey_id, step, '{}', '[]', 'accepted', '', '', 1,
           run.started_at, 1, '', run.started_at, run.started_at,
           CASE WHEN hashtext(run.id::text) %% 2 = 0 THEN run.started_at END,
           CASE WHEN hashtext(run.id::text) %% 5 = 0 THEN run.started_at END
      FROM journeys_enrolment AS run, unnest(ARRAY['s1', 's5']) AS step WHERE NOT run.holdout"""
VACUUM = (
    "VACUUM ANALYZE contacts_contact, journeys_enrolment, journeys_stepvisit, campaigns_message"
)
BY_HAND = (
    """SELECT visit.step_id, visit.outcome, count(*) FROM journeys_stepvisit AS visit
         JOIN journeys_enrolment AS run ON run.id = visit.enrolment_id
        WHERE visit.journey_id = %(journey)s GROUP BY 1, 2""",
    "SELECT status, count(*) FROM journeys_enrolment WHERE journey_id = %(journey)s GROUP BY 1",
    """SELECT step_id, count(sent_at), count(opened_at), count(clicked_at)
         FROM campaigns_message WHERE journey_id = %(journey)s GROUP BY 1""",
)


def run(bench: Bench) -> Result:
    """Judge what a report costs beside plain counts, its statements, and its lists."""
    from django.utils import timezone

    from tenants.context import enter_workspace

    result = Result("8 journey report")
    world = World(bench, timezone.now().replace(microsecond=0))
    with enter_workspace(world.workspace.schema_name):
        hand = _middle(bench, world.by_hand)
        result.lines.append(f"by hand, ever: {hand:,.0f} CPU-ms")
        for name, days in PERIODS.items():
            ours = _middle(bench, lambda days=days: world.read(days))  # type: ignore[misc]
            result.lines.append(f"report, {name}: {ours:,.0f} CPU-ms")
            if days is None:
                result.at_most("report of all time / plain counts", ours / hand, 2.5)
        listed = _middle(bench, lambda: world.people(90))
        result.lines.append(f"first page of a list, 90 days: {listed:,.0f} CPU-ms")
        with counted_statements() as statements:
            world.read(90)
        result.at_most("statements", len(statements), 3)
        result.exactly("numbers that are not as long as their lists", world.wrong(90), 0)
    return result


def _middle(bench: Bench, work: Callable[[], None]) -> float:
    """CPU-milliseconds of app and database, the middle of `pairs` turns after one to warm up."""
    work()
    costs = sorted(bench.measure(lambda: _once(work)).cpu for _turn in range(bench.pairs))
    return 1000 * costs[len(costs) // 2]


def _once(work: Callable[[], None]) -> float:
    work()
    return 1


class World:
    """A workspace with two journeys of six steps, both full."""

    def __init__(self, bench: Bench, now: datetime) -> None:
        from django.db import connection

        from journeys import services
        from tenants.context import enter_workspace

        self.now, runs = now, bench.count(RUNS)
        self.workspace = make_workspace("report", now)
        with enter_workspace(self.workspace.schema_name):
            mail = save_mail("Hello", "<p>Hello</p>", now)
            for name in ("Welcome", "Other"):
                journey = services.create_journey(
                    name=name, definition=_definition(mail.pk), now=now - DAYS * timedelta(days=1)
                )
                services.publish_journey(journey=journey, now=now - DAYS * timedelta(days=1))
            self.journey = journey
            asked = {
                "now": now,
                "runs": runs,
                "step": timedelta(days=DAYS) / runs,
                "mail": mail.live_version_id,
            }
            with connection.cursor() as cursor:
                cursor.execute(FILL, asked)
                cursor.execute(VACUUM)

    def by_hand(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            for statement in BY_HAND:
                cursor.execute(statement, {"journey": self.journey.pk})
                cursor.fetchall()

    def window(self, days: int | None) -> Any:
        """The runs of the last so many days."""
        from journeys.contracts import EVER, Window

        return EVER if days is None else Window(since=self.now - timedelta(days=days))

    def read(self, days: int | None) -> Any:
        """Everything the page counts."""
        from journeys.figures import report_figures
        from journeys.reporting.facts import facts_of
        from journeys.ways import zone_of

        window = self.window(days)
        kinds = [("s1", "send_email"), ("s5", "send_email")]
        summary, figures = report_figures(self.journey.pk, kinds, window)
        facts = facts_of(journey=self.journey, window=window, now=self.now, zone=zone_of(""))
        return summary, figures, facts

    def people(self, days: int) -> None:
        """The first page of those who opened, and how many there are."""
        from contacts.listing import page_of

        found = self._people("opened", "s1", days)
        list(page_of(found, after="", before="").contacts)
        found.count()

    def wrong(self, days: int) -> int:
        """How many of these numbers differ from the length of their lists."""
        summary, figures, facts = self.read(days)
        numbers = {
            ("started", ""): summary.started,
            ("exited_early", ""): summary.exited_early,
            ("exits:Enough", ""): facts.exits["Enough"],
            ("entered", "s6"): facts.steps["s6"].entered,
            ("lost", "s6"): facts.steps["s6"].lost,
            **{(each.what, "s1"): each.count for each in figures["s1"]},
        }
        return sum(
            self._people(what, step, days).count() != number
            for (what, step), number in numbers.items()
        )

    def _people(self, what: str, step: str, days: int) -> Any:
        from journeys.definition import find_step, parse
        from journeys.people import people

        node = find_step(parse(self.journey.draft), step)
        return people(
            journey=self.journey, what=what, step_id=step, node=node, window=self.window(days)
        )


def _definition(template_id: Any) -> dict[str, Any]:
    """Two mails, waits and a split, in the shape of the rows above."""
    language = {"kind": "profile", "config": {"field": "language", "test": "is", "value": "it"}}
    wait = {"amount": 1, "unit": "days"}
    kinds = [
        ("s1", "send_email", {"template": str(template_id)}),
        ("s2", "wait", wait),
        ("s3", "if_else", {"condition": language}),
        ("s4", "wait", wait),
        ("s5", "send_email", {"template": str(template_id)}),
        ("s6", "wait", wait),
    ]
    steps = [{"id": step, "kind": kind, "config": config} for step, kind, config in kinds]
    steps[2]["branches"] = [{"label": "", "steps": []}, {"label": "", "steps": []}]
    return {"entries": [{"kind": "manual", "config": {}}], "steps": steps}
