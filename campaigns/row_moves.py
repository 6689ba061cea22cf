"""What a campaign's messages do when it is paused, resumed or cancelled: held, let go, dropped.

A piece is one bounded statement under the campaign's lock. The first is done at once, the rest of a
large campaign by the bulk lane, which finds it again after a kill. Until all are moved the guards
in `guards/campaign_stopped.py` keep them from leaving; they also catch the rows a worker has locked
at that very moment, which a piece passes over.
"""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Count

from campaigns.models import Campaign, Message
from contacts.lane import wake_bulk_lane
from contacts.send_guards import guards
from tenants import agenda
from tenants.models import Agenda

PIECE = 5000
Status = Campaign.Status
TABLE = Message._meta.db_table
WAITING = ("queued", "claimed", "retry", "deferred")
STOPPED = (*WAITING, "held")

# Materialized, since a join that looked twice would lock two pieces instead of one.
# Held rows are in nobody's index of due rows: the claim is as cheap as without them.
HOLD = f"""
    WITH waiting AS MATERIALIZED (
        SELECT id FROM {TABLE}
        WHERE campaign_id = %(campaign)s
        AND status IN ('queued', 'claimed', 'retry', 'deferred')
        LIMIT %(piece)s FOR UPDATE SKIP LOCKED)
    UPDATE {TABLE} AS message SET status = 'held', fence = message.fence + 1, lease_until = NULL
      FROM waiting
     WHERE message.id = waiting.id"""
# Each keeps the time it was due and why it waits, but for what the pause itself had said.
LET_GO = f"""
    WITH held AS MATERIALIZED (
        SELECT id FROM {TABLE}
        WHERE campaign_id = %(campaign)s
        AND (status = 'held' OR status = 'deferred' AND reason = 'campaign_paused')
        LIMIT %(piece)s FOR UPDATE SKIP LOCKED)
    UPDATE {TABLE} AS message
       SET status = 'queued',
           due_at = CASE WHEN message.reason = 'campaign_paused' THEN %(now)s
                         ELSE message.due_at END,
           reason_text = CASE WHEN message.reason = 'campaign_paused' THEN ''
                              ELSE message.reason_text END,
           reason = CASE WHEN message.reason = 'campaign_paused' THEN '' ELSE message.reason END
      FROM held
     WHERE message.id = held.id"""
# What may have gone out and was to be asked again is not "not sent": nobody knows.
DROP = f"""
    WITH waiting AS MATERIALIZED (
        SELECT id FROM {TABLE}
        WHERE campaign_id = %(campaign)s
        AND status IN ('queued', 'claimed', 'retry', 'deferred', 'held')
        LIMIT %(piece)s FOR UPDATE SKIP LOCKED)
    UPDATE {TABLE} AS message
       SET status = CASE WHEN message.reason = 'asked_again' THEN 'in_doubt' ELSE 'skipped' END,
           reason = CASE WHEN message.reason = 'asked_again' THEN 'cut_off'
                         ELSE 'campaign_cancelled' END,
           reason_text = %(sentence)s, fence = message.fence + 1, lease_until = NULL
      FROM waiting
     WHERE message.id = waiting.id"""
MOVES = {
    Status.PAUSED: HOLD,
    Status.CANCELLED: DROP,
    Status.QUEUEING: LET_GO,
    Status.SENDING: LET_GO,
}


def unsent(campaign: Campaign) -> int:
    """How many of its messages have neither left nor been given up."""
    found = Message.objects.filter(campaign_id=campaign.pk, status__in=STOPPED)
    return int(found.aggregate(number=Count("pk"))["number"])


def move_rows(campaign: Campaign, now: datetime) -> None:
    """Do one piece of what its state asks for, in the caller's transaction and under its lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            MOVES[Status(campaign.status)],
            {
                "campaign": campaign.pk,
                "now": now,
                "piece": PIECE,
                "sentence": str(guards.get("campaign_cancelled").sentence),
            },
        )
        moved = cursor.rowcount
    campaign.has_rows_to_move = moved == PIECE
    campaign.save(update_fields=["has_rows_to_move"])
    if campaign.has_rows_to_move:
        wake_bulk_lane(now=now)
    if campaign.status in (Status.QUEUEING, Status.SENDING):
        agenda.lower(lane=Agenda.Lane.SENDING, due_at=now, now=now)


def has_work() -> bool:
    """Whether any campaign was paused, resumed or cancelled and has rows that do not know."""
    return Campaign.objects.filter(has_rows_to_move=True).exists()


def move_piece(now: datetime) -> None:
    """Move some rows of one such campaign; the lane's bounded piece."""
    with transaction.atomic():
        campaign = (
            Campaign.objects.select_for_update(skip_locked=True)
            .filter(has_rows_to_move=True)
            .order_by("updated_at")
            .first()
        )
        if campaign is not None:
            move_rows(campaign, now)
