"""Asking many people at once: one row each, however often a step is run."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg.types.json import Jsonb

from contacts.models import Contact
from core.ids import uuid7
from surveys.models import Invitation, ReviewRequest, Survey


@dataclass(frozen=True)
class Visit:
    """Whose stay at which step of which run asks."""

    contact_id: UUID
    enrolment_id: UUID | None = None
    journey_id: UUID | None = None
    step_id: str = ""
    visit: int = 0


@dataclass(frozen=True)
class NewInvitation:
    """Somebody to be asked a survey."""

    survey_id: UUID
    who: Visit
    subject: str = ""


@dataclass(frozen=True)
class NewReviewRequest:
    """Somebody to be asked for reviews of what they bought."""

    who: Visit
    order_id: UUID | None
    items: list[dict[str, Any]] = field(default_factory=list)


# Joined, so that who was erased and what was deleted meanwhile is left out.
INVITE = f"""
    INSERT INTO {Invitation._meta.db_table} (id, survey_id, contact_id, enrolment_id, journey_id,
                                             step_id, visit, subject, asked_at)
    SELECT new.id, survey.id, contact.id, new.enrolment_id, new.journey_id, new.step_id, new.visit,
           new.subject, %s
      FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::int[],
                  %s::text[])
        AS new (id, survey_id, contact_id, enrolment_id, journey_id, step_id, visit, subject)
      JOIN {Contact._meta.db_table} AS contact ON contact.id = new.contact_id
      JOIN {Survey._meta.db_table} AS survey ON survey.id = new.survey_id
    ON CONFLICT (enrolment_id, step_id, visit) DO NOTHING"""

REQUEST = f"""
    INSERT INTO {ReviewRequest._meta.db_table} (id, order_id, contact_id, enrolment_id, journey_id,
                                                step_id, visit, items, asked_at)
    SELECT new.id, new.order_id, contact.id, new.enrolment_id, new.journey_id, new.step_id,
           new.visit, new.items, %s
      FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::int[],
                  %s::jsonb[])
        AS new (id, order_id, contact_id, enrolment_id, journey_id, step_id, visit, items)
      JOIN {Contact._meta.db_table} AS contact ON contact.id = new.contact_id
    ON CONFLICT (enrolment_id, step_id, visit) DO NOTHING"""


def invite(*, invitations: Sequence[NewInvitation], now: datetime) -> int:
    """Ask people a survey in one statement; how many were not asked by this visit before."""
    return _insert(
        INVITE,
        [each.survey_id for each in invitations],
        [each.who for each in invitations],
        [each.subject[:120] for each in invitations],
        now,
    )


def request_reviews(*, requests: Sequence[NewReviewRequest], now: datetime) -> int:
    """Ask people for reviews in one statement; how many were not asked by this visit before."""
    return _insert(
        REQUEST,
        [each.order_id for each in requests],
        [each.who for each in requests],
        [Jsonb(each.items) for each in requests],
        now,
    )


def _insert(
    statement: str, about: list[Any], who: list[Visit], last: list[Any], now: datetime
) -> int:
    if not who:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            [
                now,
                [uuid7() for _each in who],
                about,
                [each.contact_id for each in who],
                [each.enrolment_id for each in who],
                [each.journey_id for each in who],
                [each.step_id for each in who],
                [each.visit for each in who],
                last,
            ],
        )
        return cursor.rowcount
