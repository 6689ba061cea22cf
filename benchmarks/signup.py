"""Workload 1: sign-ups in a row through the real page: account, workspace, defaults, mail.

The reference is what cannot be saved: one password hash and one clone of the template schema.
Flatness is seen with many more workspaces there. Some of those have real schemas, the rest are
rows alone, since an empty schema takes some 4 MB of disk.
"""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks.harness import Bench, Result, describe, median_rate, median_ratio

SIGN_UPS = 50
FEW, MANY = 10, 1_000
REAL_SCHEMAS = 200


def run(bench: Bench) -> Result:
    """Judge the cost against the reference, its growth, and that everything is there."""
    from django.conf import settings
    from django.utils import timezone

    result = Result("1 sign-up")
    each = bench.count(SIGN_UPS)
    numbers = count(1)
    sign_up = _repeated(each, lambda: _sign_up(next(numbers)))
    reference = _repeated(each, lambda: _hash_and_clone(f"bare_{next(numbers)}"))
    fill(FEW, real=FEW, now=timezone.now())
    # The first of each reads code and templates.
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    _hash_and_clone("bare_0")
    _sign_up(0)
    theirs, few = bench.pair(reference, sign_up)
    fill(MANY, real=bench.count(REAL_SCHEMAS), now=timezone.now())
    later, many = bench.pair(reference, sign_up)
    result.lines += [
        describe("hash and clone", theirs, "sign-ups"),
        describe("sign-up", few, "sign-ups"),
        describe(f"hash and clone at {MANY:,} workspaces", later, "sign-ups"),
        describe(f"sign-up at {MANY:,} workspaces", many, "sign-ups"),
    ]
    result.at_most("cost / hash and clone", 1 / median_ratio(theirs, few), 1.15)
    grown = median_rate(few) / median_rate(many)
    result.at_most(f"cost at {MANY:,} workspaces / at {FEW}", grown, 1.1)
    result.exactly("sign-ups that left something out", _incomplete(), 0)
    return result


def _repeated(times: int, work: Callable[[], None]) -> Callable[[], float]:
    def run() -> float:
        for _ in range(times):
            work()
        return times

    return run


def _sign_up(number: int) -> None:
    """One form post, each from an address of its own, since a client has a limit."""
    from django.test import Client

    browser = Client(
        headers={"host": "localhost"}, REMOTE_ADDR=f"10.{number // 200}.{number % 200}.1"
    )
    form = {
        "name": "Ada Rossi",
        "business": f"Bakery {number}",
        "slug": f"bakery-{number}",
        "email": f"ada{number}@bakery.example",
        "password": "seven loaves a day",
        "timezone": "Europe/Rome",
    }
    answer = browser.post("/sign-up/", form)
    if answer.status_code != 302:
        raise RuntimeError(f"the sign-up was answered with {answer.status_code}")


def _hash_and_clone(schema_name: str) -> None:
    from django.contrib.auth.hashers import make_password
    from django.db import transaction

    from tenants.schema import clone_template

    make_password("seven loaves a day")
    with transaction.atomic():
        clone_template(schema_name)


def fill(size: int, *, real: int, now: Any) -> None:
    """Bring the installation to `size` workspaces, `real` of the new ones with a schema."""
    from benchmarks.world import make_workspace
    from tenants.models import Agenda, Domain, Workspace

    missing = max(0, size - Workspace.objects.active().count())
    for number in range(min(real, missing)):
        make_workspace(f"real-{size}-{number}", now)
    rows = Workspace.objects.bulk_create(
        Workspace(name=f"R{n}", slug=f"row-{size}-{n}", schema_name=f"w_row_{size}_{n}")
        for n in range(missing - real)
    )
    Domain.objects.bulk_create(
        Domain(domain=f"{row.slug}.localhost", tenant=row, is_primary=True) for row in rows
    )
    Agenda.objects.bulk_create(Agenda(workspace=row, lane="journeys") for row in rows)


def _incomplete() -> int:
    """How many of the sign-ups lack their owner, schema, first form or verification mail."""
    from capture.models import SignupForm
    from tenants.context import enter_workspace
    from tenants.models import SystemMail, Workspace

    wrong = 0
    for workspace in Workspace.objects.filter(slug__startswith="bakery-"):
        owner = workspace.memberships.filter(role="owner").first()
        mailed = owner and SystemMail.objects.filter(to_address=owner.user.email).exists()
        with enter_workspace(workspace.schema_name):
            wrong += not (mailed and SignupForm.objects.exists())
    return wrong
