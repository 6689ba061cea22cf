"""Writing a campaign's messages: one row for everybody in its audience, slice by slice.

A slice is one statement and one transaction, which also moves the campaign's pointer: a kill in
the middle leaves it undone as a whole, and doing it twice writes nothing twice. Whoever cannot be
written to gets a row as well, skipped with its reason, so that the rows are the recipients.
"""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from campaigns.audience import audience_of, with_standing
from campaigns.models import Campaign, Message
from contacts.models import Contact
from contacts.send_guards import guards
from core.ids import uuid7
from tenants import agenda
from tenants.models import Agenda

SLICE = 5000
Status = Campaign.Status

# The contacts are held, so that none is erased between being chosen and being referred to. Ids
# are of version 7: the millisecond, then what is left of a random one.
WRITE = f"""
    WITH chosen (id, email, standing) AS MATERIALIZED ({{audience}}),
    slice AS MATERIALIZED (
        SELECT contact.id, chosen.email, chosen.standing
          FROM chosen JOIN {Contact._meta.db_table} AS contact ON contact.id = chosen.id
         ORDER BY contact.id FOR KEY SHARE OF contact),
    written AS (
        INSERT INTO {Message._meta.db_table}
            (id, send_key, channel, lane, contact_id, to_address, template_version_id, step_id,
             campaign_id, context, destinations, status, reason, reason_text, attempts, due_at,
             fence, provider_message_id, queued_at)
        SELECT (%s || substr(gen_random_uuid()::text, 16))::uuid,
               %s || slice.id::text, 'email', %s, slice.id, coalesce(slice.email, ''), %s, '',
               %s, '{{{{}}}}', '[]',
               CASE WHEN slice.standing = '' THEN 'queued' ELSE 'skipped' END,
               slice.standing, coalesce(%s::jsonb ->> slice.standing, ''), 0, %s, 0, '', %s
          FROM slice
        ON CONFLICT (send_key) DO NOTHING
        RETURNING 1)
    SELECT (SELECT count(*) FROM chosen), (SELECT id FROM chosen ORDER BY id DESC LIMIT 1),
           (SELECT count(*) FROM written)"""


def has_work() -> bool:
    """Whether the messages of any campaign are still to be written."""
    return Campaign.objects.filter(status=Status.QUEUEING).exists()


def write_slice(now: datetime) -> None:
    """Write the next messages of the campaign that waits longest; the lane's bounded piece."""
    with transaction.atomic():
        campaign = (
            Campaign.objects.select_for_update(skip_locked=True)
            .filter(status=Status.QUEUEING)
            .order_by("started_at")
            .first()
        )
        if campaign is None:
            return
        chosen, last = _write(campaign, now)
        campaign.queued_to = last or campaign.queued_to
        if chosen < SLICE:
            campaign.status, campaign.queued_at = Status.SENDING, now
        campaign.save(update_fields=["queued_to", "status", "queued_at"])
        # Also for nobody: the sending lane is who notices that a campaign is done.
        agenda.lower(lane=Agenda.Lane.SENDING, due_at=now, now=now)


def _write(campaign: Campaign, now: datetime) -> tuple[int, UUID | None]:
    """How many of the audience were looked at, and the last of them."""
    people: QuerySet[Any] = with_standing(audience_of(campaign, now))
    if campaign.queued_to:
        people = people.filter(pk__gt=campaign.queued_to)
    slice_of = people.order_by("pk").values_list("pk", "email", "standing")[:SLICE]
    try:
        audience, parameters = slice_of.query.sql_with_params()
    except EmptyResultSet:
        return 0, None
    with connection.cursor() as cursor:
        cursor.execute(
            WRITE.format(audience=audience),
            [
                *parameters,
                str(uuid7())[:15],
                send_key(campaign.pk),
                Message.Lane.CAMPAIGN,
                campaign.template_version_id,
                campaign.pk,
                sentences(),
                now,
                now,
            ],
        )
        chosen, last, _written = cursor.fetchone()
    return chosen, last


def send_key(campaign_id: UUID, contact_id: UUID | str = "") -> str:
    """The unique key of the one message a person gets of a campaign."""
    return f"campaign:{campaign_id}:{contact_id}"


def sentences() -> str:
    """As JSON, why somebody cannot be written to, by code: in the words of the send policy."""
    known = {key: str(guards.get(key).sentence) for key in ("suppressed", "no_consent")}
    return json.dumps({**known, "no_address": _("This person has no email address.")})
