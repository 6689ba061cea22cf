"""A transaction in which everything may be done, since all of it is undone."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from events.services import noting_events
from tenants import agenda

# Shorter than PostgreSQL's deadlock_timeout (1 s): it is always the rehearsal that gives way.
LIMITS = "SET LOCAL lock_timeout = '300ms'; SET LOCAL statement_timeout = '5s'"


@contextmanager
def rehearsing() -> Iterator[list[int]]:
    """Within, rows may be written that nobody else ever sees; gives the ids of events recorded.

    Nothing is woken and no hint is sent. A wait for somebody else's lock is cut off.
    """
    with agenda.muted(), noting_events() as noted, transaction.atomic():
        try:
            with connection.cursor() as cursor:
                cursor.execute(LIMITS)
            yield noted
        finally:
            transaction.set_rollback(True)
