"""What higher floors may ask about runs, mostly as SQL for statements of their own."""

from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet
from django.db.models.fields.json import KeyTextTransform

from journeys.models import Enrolment


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
