"""`python -m benchmarks NAME ... | all [--json FILE]`: run workloads and print their figures."""

import argparse
import importlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.harness import Result, as_json, fresh_bench, machine

# In the order they run; each is a module with `run(bench) -> Result`.
WORKLOADS = (
    "signup",
    "contact_import",
    "journey_tick",
    "timed_entries",
    "replay",
    "smtp_send",
    "provider_webhooks",
    "beat_tick",
    "journey_report",
)


def main() -> int:
    """Exit code 1 when a judged figure misses its target."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="+", choices=[*WORKLOADS, "all"])
    parser.add_argument("--json", type=Path, help="write the figures here")
    asked = parser.parse_args()
    names = WORKLOADS if "all" in asked.names else asked.names
    if len(names) > 1:
        return run_apart(names, asked.json)
    result = run_one(names[0])
    if asked.json:
        asked.json.write_text(as_json([result]) + "\n")
    return 0 if all(check.met for check in result.checks) else 1


def run_apart(names: Sequence[str], target: Path | None) -> int:
    """Run each workload in a process of its own, since each has a cluster of its own."""
    worst, figures = 0, []
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            part = Path(folder) / f"{name}.json"
            command = [sys.executable, "-m", "benchmarks", name, "--json", str(part)]
            worst = max(worst, subprocess.run(command, check=False).returncode)
            if part.exists():
                figures.append(json.loads(part.read_text()))
    if target and figures:
        results = [result for figure in figures for result in figure["results"]]
        target.write_text(json.dumps({**figures[0], "results": results}, indent=2) + "\n")
    return worst


def run_one(name: str) -> Result:
    """Run one workload in a process state of its own making, and print what it yielded."""
    module = importlib.import_module(f"benchmarks.{name}")
    with fresh_bench() as bench:
        result: Result = module.run(bench)
    print(f"\n== {name} ({' | '.join(f'{key} {value}' for key, value in machine().items())})")
    for line in result.lines:
        print(f"   {line}")
    for check in result.checks:
        mark = "ok  " if check.met else "MISS"
        print(f"   {mark} {check.name}: {check.seen:,.4g} (target {check.target})")
    sys.stdout.flush()
    return result


if __name__ == "__main__":
    raise SystemExit(main())
