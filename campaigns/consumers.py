"""What campaigns does when something happened: confirmation mails, opens, clicks, goodbyes."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from campaigns.messages import NewMessage, queue_messages
from campaigns.models import Message
from campaigns.starter_mails import starter_version
from contacts.models import Ticket
from contacts.projections import ticket_key
from contacts.tickets import CLOSED
from events.contracts import Consumer, consumers
from events.models import Event
from tenants import agenda
from tenants.models import Agenda


def ask_to_confirm(batch: Sequence[Event], now: datetime) -> None:
    """Send the mail that asks whether it was really them; one a submission."""
    wanted = [
        event
        for event in batch
        if event.type == "consent.requested" and event.contact_id and event.data.get("confirm_url")
    ]
    queue_messages(
        messages=[
            NewMessage(
                send_key=f"consent:{event.message_id}"[:120],
                contact_id=event.contact_id,
                template_version_id=starter_version(
                    key="confirm", language=event.data.get("language", ""), now=now
                ),
                lane=Message.Lane.TRANSACTIONAL,
                context={"confirm_url": event.data["confirm_url"], "form": event.data},
            )
            for event in wanted
            if event.contact_id
        ],
        now=now,
    )


SEEN = f"""
    UPDATE {Message._meta.db_table} AS message
       SET opened_at = least(message.opened_at, seen.opened),
           machine_opened_at = least(message.machine_opened_at, seen.machine),
           clicked_at = least(message.clicked_at, seen.clicked)
      FROM (SELECT id, min(at) FILTER (WHERE what IN ('opened', 'clicked')) AS opened,
                   min(at) FILTER (WHERE what = 'machine') AS machine,
                   min(at) FILTER (WHERE what = 'clicked') AS clicked
              FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[]) AS one (id, what, at)
             GROUP BY id) AS seen
     WHERE message.id = seen.id"""


def note_engagement(batch: Sequence[Event], now: datetime) -> None:
    """Write first opens and clicks onto their messages; who clicked has also opened."""
    seen = [event for event in batch if event.type in {"message.opened", "message.clicked"}]
    if not seen:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            SEEN,
            [
                [event.data["message_id"] for event in seen],
                [
                    "machine" if event.data.get("machine") else event.type.removeprefix("message.")
                    for event in seen
                ],
                [event.occurred_at for event in seen],
            ],
        )


RELEASE = f"""
    UPDATE {Message._meta.db_table} AS message SET due_at = %(now)s
     WHERE message.status = 'deferred' AND message.reason = 'open_ticket'
       AND message.due_at > %(now)s
       AND message.contact_id IN (
           SELECT ticket.contact_id FROM {Ticket._meta.db_table} AS ticket
             JOIN unnest(%(sources)s::text[], %(externals)s::text[]) AS told (source, external_id)
               ON ticket.source = told.source AND ticket.external_id = told.external_id)
       AND NOT EXISTS (
           SELECT 1 FROM {Ticket._meta.db_table} AS other
            WHERE other.contact_id = message.contact_id AND other.status = 'open')"""


def release_after_tickets(batch: Sequence[Event], now: datetime) -> None:
    """Let what waited for a ticket go on at once, where the person's last one was closed."""
    keys = [key for event in batch if event.type == CLOSED and (key := ticket_key(event))]
    if not keys:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            RELEASE,
            {
                "now": now,
                "sources": [source for source, _external in keys],
                "externals": [external for _source, external in keys],
            },
        )
        if cursor.rowcount:
            agenda.lower(lane=Agenda.Lane.SENDING, due_at=now, now=now)


LEFT = f"""
    UPDATE {Message._meta.db_table} AS message
       SET unsubscribed_at = least(message.unsubscribed_at, gone.at)
      FROM (SELECT id, contact_id, min(at) AS at
              FROM unnest(%s::uuid[], %s::uuid[], %s::timestamptz[]) AS one (id, contact_id, at)
             GROUP BY id, contact_id) AS gone
     WHERE message.id = gone.id AND message.contact_id = gone.contact_id"""


def note_goodbyes(batch: Sequence[Event], now: datetime) -> None:
    """Write onto a message that its link was used to unsubscribe."""
    gone = [
        event
        for event in batch
        if event.type == "consent.withdrawn" and event.contact_id and event.data.get("message_id")
    ]
    if not gone:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            LEFT,
            [
                [str(event.data["message_id"]) for event in gone],
                [event.contact_id for event in gone],
                [event.occurred_at for event in gone],
            ],
        )


consumers.register(Consumer("campaigns.engagement", 20, note_engagement))
consumers.register(Consumer("campaigns.goodbyes", 21, note_goodbyes))
consumers.register(Consumer("campaigns.confirmation", 45, ask_to_confirm))
consumers.register(Consumer("campaigns.tickets", 50, release_after_tickets))
