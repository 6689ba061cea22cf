"""Batches that may fail: halved until the bad item stands alone, and its error in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _
from psycopg import errors

from core.errors import ViaggioError
from tenants import agenda
from tenants.context import current_schema

# The database was busy or went away: nobody's fault, the same batch can be tried again.
NOBODYS_FAULT = (
    errors.DeadlockDetected,
    errors.SerializationFailure,
    errors.LockNotAvailable,
    errors.AdminShutdown,
    errors.CrashShutdown,
    errors.CannotConnectNow,
    errors.TooManyConnections,
)
# How often a batch is tried that lost a deadlock.
TRIES = 3
Id = TypeVar("Id")


@dataclass
class DrainResult:
    """How many items were processed, and how many of them failed."""

    done: int = 0
    failed: int = 0


def in_halves(
    work: Callable[[Sequence[Id] | None, list[Id]], int],
    give_up: Callable[[Id, Exception], int],
) -> DrainResult:
    """Process one batch, each part in a transaction; what fails is rolled back and halved.

    `work(ids, claimed)` takes these ids, or what is due when None, fills `claimed` before it
    processes, and returns how many were done. `give_up` is called for each item that fails alone.
    """
    parts: list[Sequence[Id] | None] = [None]
    total = DrainResult()
    while parts:
        part = parts.pop()
        claimed: list[Id] = []
        try:
            total.done += _attempt(work, part, claimed)
        except Exception as error:
            if is_transient(error) or not claimed:
                raise
            if len(claimed) == 1:
                total.failed += give_up(claimed[0], error)
            else:
                half = len(claimed) // 2
                parts += [claimed[half:], claimed[:half]]
    return total


def _attempt(
    work: Callable[[Sequence[Id] | None, list[Id]], int],
    ids: Sequence[Id] | None,
    claimed: list[Id],
) -> int:
    for tries_left in reversed(range(TRIES)):
        claimed.clear()
        try:
            with transaction.atomic(), agenda.lowered_last():
                return work(ids, claimed)
        except OperationalError as error:
            if not tries_left or not is_transient(error) or connection.in_atomic_block:
                raise
    return 0


def take_turn(name: str) -> bool:
    """One such drain at a time per workspace, up to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtext(%s), hashtext(%s))",
            [name, current_schema("The event log")],
        )
        return bool(cursor.fetchone()[0])


def is_transient(error: BaseException) -> bool:
    """True when the batch's content is not to blame, so that no item may be marked failed."""
    if not isinstance(error, OperationalError):
        return False
    cause = error.__cause__
    # A connection that broke has no SQLSTATE.
    return isinstance(cause, NOBODYS_FAULT) or getattr(cause, "sqlstate", None) is None


def in_words(error: BaseException) -> str:
    """The error as a sentence an owner can read, with its technical name for support."""
    if isinstance(error, ViaggioError):
        return error.message
    detail = f"{type(error).__name__}: {error}".replace("\x00", "").splitlines()[0][:160]
    return _("Something went wrong on our side (%(detail)s).") % {"detail": detail}
