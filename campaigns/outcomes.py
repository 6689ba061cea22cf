"""What becomes of messages as providers report it: the same whatever the order, however often.

Each report is one fact. A message's state is worked out from all facts known of it (times are the
earliest, the state and its reason the gravest), so no order of arrival leads elsewhere.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from campaigns import engagement
from campaigns.matching import Target
from campaigns.models import Message
from campaigns.reports import Report
from contacts.consent import record_consent, suppress
from contacts.models import ConsentEntry, Suppression
from events.services import NewEvent, record_many

TABLE = Message._meta.db_table
SOURCE = "provider"
# What says of a message only that it went out, and the states that say so already.
EVIDENCE = frozenset(["accepted", "opened", "clicked"])
KNOWN_TO_BE_OUT = frozenset(
    [
        Message.Status.ACCEPTED,
        Message.Status.DELIVERED,
        Message.Status.BOUNCED,
        Message.Status.COMPLAINED,
    ]
)
# So many soft bounces in a row, the first so long before the last, count as a dead address.
SOFT_BOUNCES = 5
SOFT_DAYS = 14


RANK = """CASE {0} WHEN 'complained' THEN 4 WHEN 'hard_bounce' THEN 3
                  WHEN 'rejected' THEN 2 WHEN 'soft_bounce' THEN 1 ELSE 0 END"""
GRAVE = ("complained", "hard_bounce", "rejected", "soft_bounce")
# Named columns stand for what was known before; `told` for what these reports say.
SETTLE = f"""
    WITH report AS (
        SELECT id, kind, at, text, {RANK.format("kind")} AS rank
          FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[], %s::text[])
            AS one (id, kind, at, text)
    ), told AS (
        SELECT id, min(at) AS first, max(rank) AS rank,
               min(at) FILTER (WHERE kind = 'delivered') AS delivered,
               min(at) FILTER (WHERE rank BETWEEN 1 AND 3) AS bounced,
               min(at) FILTER (WHERE kind = 'complained') AS complained,
               min(at) FILTER (WHERE kind = 'unsubscribed') AS unsubscribed,
               (array_agg(kind ORDER BY rank DESC, text COLLATE "C"))[1] AS worst,
               (array_agg(text ORDER BY rank DESC, text COLLATE "C"))[1] AS text
          FROM report GROUP BY id
    ), known AS (
        SELECT message.id, {RANK.format("message.reason")} AS rank, told.rank AS new_rank,
               told.worst, told.text, told.first,
               least(message.delivered_at, told.delivered) AS delivered_at,
               least(message.bounced_at, told.bounced) AS bounced_at,
               least(message.complained_at, told.complained) AS complained_at,
               least(message.unsubscribed_at, told.unsubscribed) AS unsubscribed_at
          FROM told JOIN {TABLE} AS message ON message.id = told.id
    )
    UPDATE {TABLE} AS message
       SET delivered_at = known.delivered_at, bounced_at = known.bounced_at,
           complained_at = known.complained_at, unsubscribed_at = known.unsubscribed_at,
           sent_at = coalesce(message.sent_at, message.called_at, known.first),
           status = CASE WHEN known.complained_at IS NOT NULL THEN 'complained'
                         WHEN known.bounced_at IS NOT NULL THEN 'bounced'
                         WHEN known.delivered_at IS NOT NULL THEN 'delivered'
                         ELSE 'accepted' END,
           reason = CASE WHEN known.new_rank > known.rank THEN known.worst
                         WHEN known.rank > 0 THEN message.reason ELSE '' END,
           reason_text = CASE WHEN known.new_rank > known.rank THEN known.text
                              WHEN known.rank > 0 AND known.new_rank = known.rank
                              THEN least(message.reason_text COLLATE "C", known.text COLLATE "C")
                              WHEN known.rank > 0 THEN message.reason_text ELSE '' END,
           lease_until = NULL
      FROM known WHERE message.id = known.id"""


def apply(pairs: Sequence[tuple[Report, Target]], *, now: datetime) -> None:
    """Give each report its one effect: the message's state, the log, consent and suppression."""
    pairs = list({report.key: (report, target) for report, target in pairs}.values())
    _settle([(report, target) for report, target in pairs if _moves(report, target)])
    told = [(report, target) for report, target in pairs if target.contact_id]
    new = record_many(events=[*_facts(told), *engagement.facts(told, source=SOURCE)], now=now)
    _protect([(report, target) for report, target in told if report.key in new], now=now)


def _moves(report: Report, target: Target) -> bool:
    """Whether a report can change its message; that it went out is known of most."""
    return report.kind not in EVIDENCE or target.status not in KNOWN_TO_BE_OUT


def _settle(pairs: Sequence[tuple[Report, Target]]) -> None:
    if not pairs:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            SETTLE,
            [
                [target.id for _report, target in pairs],
                [report.kind for report, _target in pairs],
                [report.at for report, _target in pairs],
                [report.text for report, _target in pairs],
            ],
        )


def _facts(told: Sequence[tuple[Report, Target]]) -> list[NewEvent]:
    """The log's entries of deliveries and of what went wrong with them."""
    return [
        NewEvent(
            type=TYPES[report.kind],
            occurred_at=report.at,
            contact_id=target.contact_id,
            data={
                "message_id": str(target.id),
                "subject": target.subject,
                **({"reason": report.kind} if report.kind in GRAVE else {}),
                **({"text": report.text} if report.text else {}),
            },
            source=SOURCE,
            message_id=report.key,
        )
        for report, target in told
        if report.kind in TYPES
    ]


TYPES = {
    "delivered": "message.delivered",
    "hard_bounce": "message.bounced",
    "soft_bounce": "message.bounced",
    "rejected": "message.bounced",
    "complained": "message.complained",
    "unsubscribed": "message.unsubscribed",
}


def _protect(new: Sequence[tuple[Report, Target]], *, now: datetime) -> None:
    """Never again write to those who must not be: complaints, dead addresses, those who left."""

    def addresses(kinds: Sequence[str]) -> list[str]:
        return [target.to_address for report, target in new if report.kind in kinds]

    dead = [target.to_address for report, target in new if report.is_dead]
    dead += _worn_out([target for report, target in new if report.kind == "soft_bounce"])
    suppress(addresses=dead, reason=Suppression.Reason.BOUNCED, now=now)
    suppress(addresses=addresses(["complained"]), reason=Suppression.Reason.COMPLAINED, now=now)
    gone = {target.contact_id for report, target in new if report.kind == "unsubscribed"}
    if ids := sorted(each for each in gone if each):
        record_consent(
            contact_ids=ids, action=ConsentEntry.Action.UNSUBSCRIBED, source="provider", now=now
        )


WORN_OUT = f"""
    SELECT contact.id FROM unnest(%s::uuid[]) AS contact (id)
     CROSS JOIN LATERAL (
           SELECT status, reason, sent_at FROM {TABLE}
            WHERE contact_id = contact.id AND sent_at IS NOT NULL
            ORDER BY sent_at DESC LIMIT %s) AS recent
     GROUP BY contact.id
    HAVING count(*) = %s AND bool_and(recent.status = 'bounced' AND recent.reason = 'soft_bounce')
       AND max(recent.sent_at) - min(recent.sent_at) >= make_interval(days => %s)"""


def _worn_out(targets: Sequence[Target]) -> list[str]:
    """The addresses of those whose last five mails all came back, over two weeks or more."""
    address_of = {target.contact_id: target.to_address for target in targets}
    if not address_of:
        return []
    with connection.cursor() as cursor:
        cursor.execute(WORN_OUT, [list(address_of), SOFT_BOUNCES, SOFT_BOUNCES, SOFT_DAYS])
        return [address_of[row[0]] for row in cursor.fetchall()]
