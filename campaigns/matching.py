"""Which message a provider's report is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from campaigns.models import Message
from campaigns.reports import Report

TABLE = Message._meta.db_table
Status = Message.Status
# Rows still in our own hands: what a provider says of them is put off until they are settled.
IN_HAND = frozenset(
    [Status.QUEUED, Status.CLAIMED, Status.CALLING, Status.RETRY, Status.DEFERRED, Status.HELD]
)
# ... except those that may have gone out already, and are to be sent again: now it is certain.
WAITING = frozenset([Status.QUEUED, Status.RETRY, Status.DEFERRED, Status.HELD])
MAYBE_OUT = frozenset(["asked_again", "cut_off"])


@dataclass(frozen=True)
class Target:
    """The message a report is about."""

    id: UUID
    status: str
    reason: str
    contact_id: UUID | None
    to_address: str
    sent_at: datetime | None
    account_id: UUID | None
    provider_id: str
    subject: str

    @property
    def is_in_hand(self) -> bool:
        """Whether the sender may still write its own verdict onto it."""
        may_be_out = self.status in WAITING and self.reason in MAYBE_OUT
        return self.status in IN_HAND and not may_be_out


@dataclass(frozen=True)
class Matched:
    """Reports with their messages, and the others by what is wrong with them."""

    pairs: list[tuple[Report, Target]]
    in_hand: list[Report]
    # Nobody knows the id that the provider gave; it may still be on its way to us.
    unknown: list[Report]


FIND = f"""
    SELECT message.id, message.status, message.reason, message.contact_id, message.to_address,
           coalesce(message.sent_at, message.called_at), message.account_id,
           message.provider_message_id, version.subject
      FROM {TABLE} AS message
      JOIN campaigns_templateversion AS version ON version.id = message.template_version_id
     WHERE message.id IN (
           SELECT unnest(%s::uuid[])
            UNION
           SELECT id FROM {TABLE}
            WHERE provider_message_id = ANY(%s) AND provider_message_id <> '')
     ORDER BY message.id FOR UPDATE OF message"""


def match(reports: Sequence[Report]) -> Matched:
    """Find the reports' messages, and hold them until the transaction ends."""
    send_ids = list({report.send_id for report in reports if report.send_id})
    provider_ids = list({report.provider_id for report in reports if report.provider_id})
    with connection.cursor() as cursor:
        cursor.execute(FIND, [send_ids, provider_ids])
        targets = [Target(*row) for row in cursor.fetchall()]
    by_id = {target.id: target for target in targets}
    by_provider: dict[tuple[UUID | None, str], Target] = {
        (target.account_id, target.provider_id): target for target in targets if target.provider_id
    }
    found = Matched([], [], [])
    for report in reports:
        target = _target(report, by_id, by_provider)
        if target is None:
            found.unknown.append(report)
        elif target.is_in_hand:
            found.in_hand.append(report)
        else:
            found.pairs.append((report, target))
    return found


def _target(
    report: Report,
    by_id: Mapping[UUID, Target],
    by_provider: Mapping[tuple[UUID | None, str], Target],
) -> Target | None:
    """By our send id, else by the provider's id with this account; never another recipient's."""
    target = by_id.get(report.send_id) if report.send_id else None
    if target is None:
        # Messages sent before accounts were written down have none.
        target = by_provider.get((report.account_id, report.provider_id)) or by_provider.get(
            (None, report.provider_id)
        )
    if target and report.recipient and target.to_address:
        return target if report.recipient == target.to_address.lower() else None
    return target
