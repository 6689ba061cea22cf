"""Queueing: one row for every send, written set-based in the transaction that causes it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from campaigns.models import Message
from core.ids import uuid7
from tenants import agenda
from tenants.models import Agenda


@dataclass(frozen=True)
class NewMessage:
    """A send to be queued; a second one with the same `send_key` is the same send.

    With `to_address` it goes there instead of to the contact, and needs no contact: a test, whose
    `send_key` must begin with `test:`. `context["contact"]` then stands for one that is missing.
    """

    send_key: str
    contact_id: UUID | None
    template_version_id: UUID
    lane: int = Message.Lane.JOURNEY
    enrolment_id: UUID | None = None
    journey_id: UUID | None = None
    step_id: str = ""
    campaign_id: UUID | None = None
    context: dict[str, Any] = field(default_factory=dict)
    expires_at: datetime | None = None
    to_address: str = ""


# A contact without an address gets its row too: a send that cannot be is shown, not lost.
INSERT = f"""
    INSERT INTO {Message._meta.db_table}
        (id, send_key, channel, lane, contact_id, to_address, template_version_id, enrolment_id,
         journey_id, step_id, campaign_id, context, destinations, status, reason, reason_text,
         attempts, due_at, expires_at, fence, provider_message_id, queued_at)
    SELECT new.id, new.send_key, 'email', new.lane, contact.id, coalesce(target.address, ''),
           new.version, new.enrolment, new.journey, new.step, new.campaign, new.context, '[]',
           CASE WHEN target.address IS NULL THEN 'skipped' ELSE 'queued' END,
           CASE WHEN target.address IS NULL THEN 'no_address' ELSE '' END,
           CASE WHEN target.address IS NULL THEN %(no_address)s ELSE '' END,
           0, %(now)s, new.expires, 0, '', %(now)s
      FROM unnest(%(ids)s::uuid[], %(keys)s::text[], %(lanes)s::smallint[], %(contacts)s::uuid[],
                  %(versions)s::uuid[], %(enrolments)s::uuid[], %(journeys)s::uuid[],
                  %(steps)s::text[], %(campaigns)s::uuid[], %(contexts)s::jsonb[],
                  %(expiries)s::timestamptz[], %(addresses)s::text[])
        AS new (id, send_key, lane, contact, version, enrolment, journey, step, campaign, context,
                expires, address)
      LEFT JOIN contacts_contact AS contact ON contact.id = new.contact
     CROSS JOIN LATERAL (
           SELECT coalesce(nullif(new.address, ''), contact.email)) AS target (address)
     WHERE contact.id IS NOT NULL OR (new.contact IS NULL AND new.address <> '')
    ON CONFLICT (send_key) DO NOTHING"""


def queue_messages(*, messages: Sequence[NewMessage], now: datetime) -> int:
    """Queue sends in the caller's transaction; how many rows were new."""
    if not messages:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            INSERT,
            {
                "now": now,
                "no_address": _("This person has no email address."),
                "ids": [uuid7() for _message in messages],
                "keys": [message.send_key for message in messages],
                "lanes": [int(message.lane) for message in messages],
                "contacts": [message.contact_id for message in messages],
                "versions": [message.template_version_id for message in messages],
                "enrolments": [message.enrolment_id for message in messages],
                "journeys": [message.journey_id for message in messages],
                "steps": [message.step_id for message in messages],
                "campaigns": [message.campaign_id for message in messages],
                "contexts": [Jsonb(message.context) for message in messages],
                "expiries": [message.expires_at for message in messages],
                "addresses": [message.to_address for message in messages],
            },
        )
        count = int(cursor.rowcount)
    if count:
        agenda.lower(lane=Agenda.Lane.SENDING, due_at=now, now=now)
    return count
