"""Ada and Bob, and journeys written in a few words."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from contacts.models import Contact
from journeys import services
from journeys.engine import advance
from journeys.models import Enrolment, Journey, StepVisit


@pytest.fixture
def ada(acme: Any) -> Contact:
    return Contact.objects.create(email="ada@example.com", first_name="Ada")


@pytest.fixture
def bob(acme: Any) -> Contact:
    return Contact.objects.create(email="bob@example.com", first_name="Bob")


def step(id: str, kind: str, config: dict[str, Any] | None = None, *lanes: list[Any]) -> Any:
    """One step in JSON; further lists are its branches."""
    raw: dict[str, Any] = {"id": id, "kind": kind, "config": config or {}}
    if lanes:
        raw["branches"] = [{"label": "", "steps": lane} for lane in lanes]
    return raw


def definition(*steps: Any, entries: Any = None, **rules: Any) -> dict[str, Any]:
    """A definition with these steps, open by hand unless told."""
    return {
        "entries": entries or [{"kind": "manual", "config": {}}],
        "steps": list(steps),
        **rules,
    }


def live(now: datetime, *steps: Any, name: str = "Welcome", **rules: Any) -> Journey:
    """A published journey with these steps."""
    journey = services.create_journey(name=name, definition=definition(*steps, **rules), now=now)
    services.publish_journey(journey=journey, now=now)
    return journey


def settle(now: datetime) -> None:
    """Advance until nobody is due."""
    while advance(now=now).claimed:
        pass


def run_of(contact: Contact) -> Enrolment:
    return Enrolment.objects.get(contact=contact)


def path_of(contact: Contact) -> list[tuple[str, str]]:
    """(step, outcome) of every step the contact has left, in order."""
    visits = StepVisit.objects.filter(enrolment__contact=contact).order_by("enrolment", "visit")
    return list(visits.values_list("step_id", "outcome"))


HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def two_days_later(now: datetime) -> Iterator[datetime]:
    """The clock stands there: what a page shows by default depends on today."""
    with time_machine.travel(now + 2 * DAY, tick=False):
        yield now + 2 * DAY


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any, now: datetime) -> Any:
    """A workspace of its own whose rows are committed, for several connections at once.

    Gone after the test; the test itself must not ask for `db`.
    """
    from django.db import connection
    from django_tenants.utils import get_public_schema_name, schema_context

    from tenants.models import AuditEntry, User, Workspace
    from tenants.provisioning import create_workspace

    with django_db_blocker.unblock():
        with schema_context(get_public_schema_name()):
            owner = User.objects.create_user("owner@initech.example", "correct horse battery")
            workspace = create_workspace(name="Initech", slug="initech", owner=owner, now=now)
        connection.set_tenant(workspace)
        try:
            yield workspace
        finally:
            connection.set_schema_to_public()
            with connection.cursor() as cursor:
                cursor.execute(f'DROP SCHEMA "{workspace.schema_name}" CASCADE')
            AuditEntry.objects.filter(workspace=workspace).delete()
            Workspace.objects.filter(pk=workspace.pk).delete()
            owner.delete()
