"""What higher floors may ask about runs, mostly as SQL for statements of their own."""

from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet
from django.db.models.fields.json import KeyTextTransform

from journeys.models import Enrolment, JourneyVersion


def left_after(enrolment: str, moment: str) -> str:
    """SQL: true when the run in this column was taken out (exit, goal, removal) after this moment.

    For asking right before sending: an exit acts on the event, also on messages still queued. A
    run that comes to an exit step in the walk that queued the message left with it, not after.
    """
    return (
        f"EXISTS (SELECT 1 FROM {Enrolment._meta.db_table} AS run WHERE run.id = {enrolment}"
        f" AND run.exit_reason <> '' AND run.ended_at > {moment})"
    )


def is_inside(contact: str, journey: str) -> str:
    """SQL: true while the contact in this column has a run in the journey."""
    return (
        f"EXISTS (SELECT 1 FROM {Enrolment._meta.db_table} AS inside"
        f" WHERE inside.contact_id = {contact} AND inside.journey_id = {journey}"
        " AND inside.status IN ('active', 'held'))"
    )


def is_keyed(enrolment: str) -> str:
    """SQL: true when the run in this column is about one thing of many: a cart, an order, a date.

    For asking what may come twice: a person's two carts are two runs.
    """
    return (
        f"EXISTS (SELECT 1 FROM {Enrolment._meta.db_table} AS keyed"
        f" WHERE keyed.id = {enrolment} AND keyed.key <> '')"
    )


def run_value(journey_id: UUID, name: str, contact: OuterRef) -> "QuerySet[Enrolment, Any]":
    """For a subquery: what the event that began the contact's newest running run of this journey
    says under this name, as text. `contact` refers to the contact's id.
    """
    runs = Enrolment.objects.active().filter(journey_id=journey_id, contact=contact)
    value = KeyTextTransform(name, "context")
    return runs.order_by("-started_at").annotate(value=value).values("value")[:1]


def run_started(enrolment: str) -> str:
    """SQL: the moment the run in this column came in; NULL for no run."""
    return (
        f"(SELECT run.started_at FROM {Enrolment._meta.db_table} AS run WHERE run.id = {enrolment})"
    )


def _settings(enrolment: str) -> str:
    """SQL: the settings of the version that the run in this column is in; NULL for no run."""
    return (
        f"(SELECT version.settings FROM {Enrolment._meta.db_table} AS run"
        f" JOIN {JourneyVersion._meta.db_table} AS version ON version.id = run.version_id"
        f" WHERE run.id = {enrolment})"
    )


def quiet_hours(enrolment: str, begins: str, ends: str) -> str:
    """SQL: a table of one row (begins, ends), the times of day between which the run's journey
    keeps quiet: its own, or these of the workspace, or NULLs for none. No run is the workspace's.
    """
    return (
        "(SELECT CASE rules.quiet WHEN 'own' THEN rules.quiet_from WHEN 'none' THEN NULL"
        f" ELSE {begins} END, CASE rules.quiet WHEN 'own' THEN rules.quiet_until"
        f" WHEN 'none' THEN NULL ELSE {ends} END"
        f" FROM (SELECT 1) AS one LEFT JOIN LATERAL jsonb_to_record({_settings(enrolment)})"
        " AS rules (quiet text, quiet_from time, quiet_until time) ON true)"
    )


def priority(enrolment: str) -> str:
    """SQL: how important the journey of the run in this column is: 0 before 1 before 2."""
    return (
        f"(CASE {_settings(enrolment)} ->> 'priority' WHEN 'high' THEN 0 WHEN 'low' THEN 2"
        " ELSE 1 END)"
    )
