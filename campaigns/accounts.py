"""The way out a message takes: the workspace's account, else the installation's.

A token bucket keeps to the account's rate, and a circuit breaker leaves a provider alone that did
not answer. Both are rows, so that every worker sees them.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from campaigns.models import ProviderAccount
from campaigns.outbound import Provider, providers
from core.mail_url import parse_mail_url

TABLE = ProviderAccount._meta.db_table
# After so many failures in a row the account rests; each further failure doubles the rest.
FAILURES_TO_OPEN = 3
REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=30)


@dataclass(frozen=True)
class Account:
    """A way out; without an id it is the installation's own, which has no rate of its own."""

    id: UUID | None
    provider: Provider
    credentials: dict[str, Any] = field(repr=False)
    open_until: datetime | None = None
    failures: int = 0

    def resting(self, now: datetime) -> datetime | None:
        """Until when nothing is tried; None when it may be used."""
        return self.open_until if self.open_until and self.open_until > now else None


def installation_account() -> Account:
    """What EMAIL_URL says."""
    return Account(None, providers.get("smtp"), parse_mail_url(settings.EMAIL_URL))


def load_accounts() -> dict[UUID | None, Account]:
    """The workspace's active accounts by id; under None the one that is used by default."""
    found: dict[UUID | None, Account] = {}
    default = None
    for row in ProviderAccount.objects.filter(is_active=True):
        account = Account(
            row.pk, providers.get(row.kind), row.credentials, row.open_until, row.failures
        )
        found[row.pk] = account
        default = account if row.is_default else default
    found[None] = default or installation_account()
    return found


def take_tokens(*, account: Account, wanted: int, now: datetime) -> int:
    """How many messages may go now, at most `wanted`; they are taken off the bucket."""
    if account.id is None:
        return wanted
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH bucket AS (SELECT id, least(burst, tokens + rate * greatest(0,"
            f"     extract(epoch FROM %s - tokens_at))) AS level FROM {TABLE}"
            "    WHERE id = %s FOR UPDATE)"
            f" UPDATE {TABLE} AS account SET tokens_at = %s,"
            "     tokens = bucket.level - least(floor(bucket.level), %s)"
            " FROM bucket WHERE account.id = bucket.id"
            " RETURNING least(floor(bucket.level), %s)::int",
            [now, account.id, now, wanted, wanted],
        )
        row = cursor.fetchone()
        return int(row[0]) if row else 0


def wait_for_token(*, account: Account) -> timedelta:
    """How long until the bucket has something again."""
    if account.id is None:
        return timedelta(seconds=1)
    rate = ProviderAccount.objects.filter(pk=account.id).values_list("rate", flat=True).first()
    return timedelta(seconds=max(0.2, 1 / max(rate or 1, 0.01)))


def note_failure(*, account: Account, now: datetime) -> datetime:
    """Count a failure to reach the provider; when to try it again."""
    if account.id is None:
        return now + REST
    values: list[Any] = [FAILURES_TO_OPEN, now, LONGEST_REST, REST, FAILURES_TO_OPEN, account.id]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {TABLE} SET failures = failures + 1,"
            "   open_until = CASE WHEN failures + 1 >= %s"
            "     THEN %s + least(%s, %s * power(2, least(10, failures + 1 - %s))) END"
            " WHERE id = %s RETURNING open_until",
            values,
        )
        row = cursor.fetchone()
    return row[0] if row and row[0] else now + REST


def note_success(*, account: Account) -> None:
    """Close the breaker."""
    if account.id is None:
        return
    ProviderAccount.objects.filter(pk=account.id, failures__gt=0).update(
        failures=0, open_until=None
    )
