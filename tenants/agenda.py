"""When each lane of each workspace next has work, so that a quiet workspace costs nothing.

Producers call `lower` in the transaction that creates the work. The beat tick claims what is due
and sends one hint a row. A drain takes its lane, works, and settles it to the truth.

Locks are taken in one order, rows first and the agenda last: whoever writes many things in one
transaction does it inside `lowered_last`, so that no two of them wait for each other.

No wake-up is lost: a producer that finds the row early enough keeps a KEY SHARE lock on it until it
commits; `settle` takes FOR UPDATE, so it waits for those producers and then looks once more. Claims
push `due_at` with NO KEY UPDATE, which does not wait for producers.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import connection, transaction
from kombu.exceptions import OperationalError

from core.registry import Registry
from tenants.context import current_workspace
from tenants.models import Agenda, Workspace

log = logging.getLogger(__name__)

# How long a claimed lane is left alone before somebody else may claim it.
LEASE = timedelta(seconds=settings.AGENDA_LEASE_SECONDS)
TABLE = "public.tenants_agenda"


# True while work is created that nobody may wake up for, since it will be undone.
_is_muted: ContextVar[bool] = ContextVar("agenda_is_muted", default=False)


class LaneDrain:
    """What a lane does when it is due: `hint(schema_name)` sends its task.

    `next_due()` is the earliest due time among the current workspace's rows, by which the sweep
    tells work that the agenda has lost.
    """

    def __init__(
        self, key: str, hint: Callable[[str], object], next_due: Callable[[], datetime | None]
    ) -> None:
        self.key = key
        self.hint = hint
        self.next_due = next_due


lanes: Registry[LaneDrain] = Registry("lanes")


# What was asked for inside `lowered_last`: the earliest due time by lane, and the latest "now".
_later: ContextVar[dict[str, tuple[datetime, datetime]] | None] = ContextVar("later", default=None)


@contextmanager
def lowered_last() -> Iterator[None]:
    """Write what is lowered inside at its end, in one order of lanes; nothing when it raises.

    Enter it inside the transaction. One within another leaves it to the outer one.
    """
    if _later.get() is not None:
        yield
        return
    asked: dict[str, tuple[datetime, datetime]] = {}
    token = _later.set(asked)
    try:
        yield
    finally:
        _later.reset(token)
    for lane, (due_at, now) in sorted(asked.items()):
        lower(lane=lane, due_at=due_at, now=now)


def is_muted() -> bool:
    """Whether what is done now will be undone."""
    return _is_muted.get()


@contextmanager
def muted() -> Iterator[None]:
    """Within, `lower` writes nothing and no hint is sent: for a transaction that is undone."""
    token = _is_muted.set(True)
    try:
        yield
    finally:
        _is_muted.reset(token)


def lower(*, lane: str, due_at: datetime, now: datetime) -> bool:
    """Make the current workspace's lane due no later than `due_at`; False when it already was.

    Call it inside the transaction that creates the work, as late in it as possible. Work that is
    due now is hinted at on commit, without waiting for the next tick.
    """
    if _is_muted.get():
        return False
    asked = _later.get()
    if asked is not None:
        earliest, latest = asked.get(lane, (due_at, now))
        asked[lane] = min(earliest, due_at), max(latest, now)
        return True
    workspace = current_workspace("The agenda")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM {TABLE} WHERE workspace_id = %s AND lane = %s AND due_at <= %s"
            " FOR KEY SHARE",
            [workspace.pk, lane, due_at],
        )
        if cursor.fetchone():
            return False
        cursor.execute(
            f"INSERT INTO {TABLE} (workspace_id, lane, due_at) VALUES (%s, %s, %s)"
            " ON CONFLICT (workspace_id, lane) DO UPDATE"
            " SET due_at = LEAST(tenants_agenda.due_at, EXCLUDED.due_at)",
            [workspace.pk, lane, due_at],
        )
    if due_at <= now:
        transaction.on_commit(partial(send_hint, lane, workspace.schema_name))
    return True


def send_hint(lane: str, schema_name: str) -> bool:
    """Tell the lane's workers that this workspace may have work; False when the broker is away.

    Losing a hint is harmless: the row stays due and the next tick sends another.
    """
    if _is_muted.get():
        return False
    try:
        lanes.get(lane).hint(schema_name)
    except (OperationalError, ConnectionError, TimeoutError):
        log.warning("hint_lost lane=%s workspace=%s", lane, schema_name)
        return False
    return True


def claim_due(*, now: datetime, limit: int = 500) -> list[tuple[str, str]]:
    """Claim the due rows of all workspaces, earliest first: (schema name, lane) each."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {TABLE} AS agenda SET due_at = %s FROM public.tenants_workspace AS workspace"
            f" WHERE agenda.id IN (SELECT id FROM {TABLE} WHERE due_at <= %s ORDER BY due_at"
            "   LIMIT %s FOR NO KEY UPDATE SKIP LOCKED)"
            " AND workspace.id = agenda.workspace_id AND workspace.status = %s"
            " AND (workspace.held_until IS NULL OR workspace.held_until <= %s)"
            " RETURNING workspace.schema_name, agenda.lane",
            [now + LEASE, now, limit, Workspace.Status.ACTIVE, now],
        )
        return [(row[0], row[1]) for row in cursor.fetchall()]


def take(*, lane: str, now: datetime) -> None:
    """Push the current workspace's lane ahead by the lease, so that no tick hints at it again."""
    workspace = current_workspace("The agenda")
    Agenda.objects.filter(workspace=workspace, lane=lane, due_at__lte=now + LEASE).update(
        due_at=now + LEASE
    )


def settle(*, lane: str, next_due: Callable[[], datetime | None]) -> datetime | None:
    """Write the lane's true next due time, found by `next_due` under the row's lock."""
    workspace = current_workspace("The agenda")
    with transaction.atomic():
        row = Agenda.objects.select_for_update().filter(workspace=workspace, lane=lane).first()
        due_at = next_due()
        if row is None:
            Agenda.objects.bulk_create(
                [Agenda(workspace=workspace, lane=lane, due_at=due_at)], ignore_conflicts=True
            )
        elif row.due_at != due_at:
            Agenda.objects.filter(pk=row.pk).update(due_at=due_at)
    return due_at
