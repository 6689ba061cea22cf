"""Measures workloads: CPU-seconds of app and database per unit of work, in pairs with a reference.

Machines are shared and noisy, so wall time is only reported. What is judged is the ratio of
CPU-seconds between ours and the reference run in turn, and counts that have no noise.
"""

import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil


@dataclass
class Run:
    """One timed run: units done, and what they cost in seconds."""

    units: float
    app_cpu: float
    db_cpu: float
    wall: float

    @property
    def cpu(self) -> float:
        """CPU-seconds of app and database together."""
        return self.app_cpu + self.db_cpu

    @property
    def rate(self) -> float:
        """Units per CPU-second."""
        return self.units / self.cpu if self.cpu else float("inf")


@dataclass
class Check:
    """One judged figure: what was seen, the target, and whether it was met."""

    name: str
    seen: float
    target: str
    met: bool


@dataclass
class Result:
    """What one workload yielded: lines for people, checks to judge by."""

    workload: str
    lines: list[str] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)

    def at_least(self, name: str, seen: float, target: float) -> None:
        """Judge a figure that must not be lower."""
        self.checks.append(Check(name, seen, f">= {target:g}", seen >= target))

    def at_most(self, name: str, seen: float, target: float) -> None:
        """Judge a figure that must not be higher."""
        self.checks.append(Check(name, seen, f"<= {target:g}", seen <= target))

    def exactly(self, name: str, seen: float, target: float) -> None:
        """Judge a count."""
        self.checks.append(Check(name, seen, f"= {target:g}", seen == target))


def tree_cpu(process: psutil.Process) -> float:
    """CPU-seconds a process and its descendants have used, those that ended included."""
    times = process.cpu_times()
    total = times.user + times.system + times.children_user + times.children_system
    for child in process.children():
        try:
            total += tree_cpu(child)
        except psutil.NoSuchProcess:
            continue
    return total


class Bench:
    """A fresh database, and the clocks of this process tree and of the database's."""

    def __init__(self, postmaster: psutil.Process, folder: Path) -> None:
        self.postmaster = postmaster
        self.folder = folder
        self.scale = float(os.environ.get("VIAGGIO_BENCH_SCALE", "1"))
        self.pairs = int(os.environ.get("VIAGGIO_BENCH_PAIRS", "3"))

    def count(self, full: int) -> int:
        """The size of a workload, smaller when VIAGGIO_BENCH_SCALE says so."""
        return max(1, int(full * self.scale))

    def measure(self, work: Callable[[], float]) -> Run:
        """Run `work`, which returns the units it did, and take its cost.

        The database runs below this process, so its tree is taken off the app's.
        """
        own = psutil.Process()
        db_before, all_before = tree_cpu(self.postmaster), tree_cpu(own)
        started = time.perf_counter()
        units = work()
        wall = time.perf_counter() - started
        db = tree_cpu(self.postmaster) - db_before
        everything = tree_cpu(own) - all_before
        return Run(units, max(everything - db, 0.0), db, wall)

    def pair(
        self, reference: Callable[[], float], ours: Callable[[], float]
    ) -> tuple[list[Run], list[Run]]:
        """Run the reference and ours in turn, `pairs` times each."""
        theirs_runs, our_runs = [], []
        for _ in range(self.pairs):
            theirs_runs.append(self.measure(reference))
            our_runs.append(self.measure(ours))
        return theirs_runs, our_runs


def median_rate(runs: list[Run]) -> float:
    """The median of units per CPU-second."""
    return statistics.median(run.rate for run in runs)


def median_ratio(reference: list[Run], ours: list[Run]) -> float:
    """The median over the pairs of our rate divided by the reference's."""
    return statistics.median(
        mine.rate / theirs.rate for theirs, mine in zip(reference, ours, strict=True)
    )


def describe(name: str, runs: list[Run], unit: str) -> str:
    """One table line: the median rate, its parts, wall time."""
    middle = sorted(runs, key=lambda run: run.rate)[len(runs) // 2]
    return (
        f"{name}: {middle.rate:,.0f} {unit}/CPU-s"
        f" (app {middle.app_cpu:.2f} s, database {middle.db_cpu:.2f} s,"
        f" wall {middle.wall:.2f} s for {middle.units:,.0f})"
    )


@contextmanager
def fresh_bench() -> Iterator[Bench]:
    """An embedded cluster of its own with fsync on, migrated, and Django set up on it."""
    from devstack.postgres import EmbeddedPostgres

    with tempfile.TemporaryDirectory(prefix="viaggio-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = EmbeddedPostgres(
            folder / "postgres",
            settings={"shared_buffers": "512MB", "max_wal_size": "4GB", "jit": "off"},
        )
        with server:
            os.environ.update(
                DATABASE_URL=server.url,
                VIAGGIO_VAR=str(folder / "var"),
                VIAGGIO_LOCAL="1",
                VIAGGIO_SECRET_KEY="benchmarks-only-" + "x" * 50,
                DJANGO_SETTINGS_MODULE="config.settings",
            )
            _prepare_database()
            yield Bench(psutil.Process(_postmaster_pid()), folder)
            _forget_connections()


def _prepare_database() -> None:
    import logging

    import django
    from django.core.management import call_command

    django.setup()
    logging.disable(logging.INFO)
    call_command("migrate_schemas", shared=True, verbosity=0, interactive=False)
    from tenants.schema import ensure_template

    ensure_template()


def _postmaster_pid() -> int:
    """The parent of any backend is the postmaster."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = psutil.Process(cursor.fetchone()[0])
    return backend.ppid()


def _forget_connections() -> None:
    from django.db import connections

    connections.close_all()


def machine() -> dict[str, str]:
    """What the figures were seen on."""
    with open("/proc/cpuinfo") as info:
        models = [line.split(":", 1)[1].strip() for line in info if line.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.processor(),
        "cores": str(os.cpu_count()),
        "memory_gib": f"{psutil.virtual_memory().total / 2**30:.0f}",
        "python": platform.python_version(),
        "load": " ".join(f"{value:.2f}" for value in os.getloadavg()),
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
    }


def as_json(results: list[Result]) -> str:
    """All figures and the machine, for a file."""
    return json.dumps(
        {
            "machine": machine(),
            "results": [
                {
                    "workload": result.workload,
                    "lines": result.lines,
                    "checks": [vars(check) for check in result.checks],
                }
                for result in results
            ],
        },
        indent=2,
    )
