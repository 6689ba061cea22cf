"""Workload 9: a tick with nothing due, at 10, 1,000 and 5,000 workspaces.

Only agenda rows matter to a tick, so the workspaces beyond the first ten have no schema: an empty
one would cost some 4 MB of disk each and nothing else here.
"""

from datetime import timedelta

from benchmarks.harness import Bench, Result, describe, median_rate

TICKS = 2000
REFERENCE = (
    "SELECT workspace_id, lane FROM public.tenants_agenda WHERE due_at <= %s"
    " ORDER BY due_at LIMIT 500"
)


def run(bench: Bench) -> Result:
    """Judge the cost against 10 workspaces, the statements of a tick, and the tasks it sends."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from tenants import agenda

    result = Result("9 beat tick")
    now = timezone.now()

    def ticks() -> float:
        for _ in range(TICKS):
            agenda.claim_due(now=now)
        return TICKS

    def bare() -> float:
        with connection.cursor() as cursor:
            for _ in range(TICKS):
                cursor.execute(REFERENCE, [now])
                cursor.fetchall()
        return TICKS

    rates: dict[int, float] = {}
    for size in (10, 1000, 5000):
        fill(size, now + timedelta(days=1))
        theirs, ours = bench.pair(bare, ticks)
        rates[size] = median_rate(ours)
        result.lines.append(describe(f"one SELECT at {size} workspaces", theirs, "ticks"))
        result.lines.append(describe(f"tick at {size} workspaces", ours, "ticks"))
    with CaptureQueriesContext(connection) as statements:
        due = agenda.claim_due(now=now)
    result.at_most("cost at 1,000 workspaces / at 10", rates[10] / rates[1000], 1.5)
    result.at_most("cost at 5,000 workspaces / at 10", rates[10] / rates[5000], 1.5)
    result.at_most("statements a tick", len(statements), 3)
    result.exactly("hints for 5,000 idle workspaces", len(due), 0)
    return result


def fill(size: int, due_at: object) -> None:
    """Bring the installation to `size` workspaces with three idle lanes each."""
    from django.db import connection

    from tenants.models import Agenda, Workspace

    missing = size - Workspace.objects.active().count()
    workspaces = Workspace.objects.bulk_create(
        Workspace(name=f"W{size}-{i}", slug=f"w{size}-{i}", schema_name=f"w_{size}_{i}")
        for i in range(missing)
    )
    Agenda.objects.bulk_create(
        Agenda(workspace=workspace, lane=lane, due_at=due_at if lane == "journeys" else None)
        for workspace in workspaces
        for lane in ("events", "journeys", "sending")
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE public.tenants_agenda")
