"""Servers that somebody else runs: asked once, before anything leans on them."""

import psycopg
from kombu import Connection
from psycopg import conninfo

from devstack.problems import Problem

PATIENCE = 5  # seconds
OLDEST_POSTGRES = 150_000  # as the server counts: 15.0


def require_database(url: str) -> None:
    """Problem when `url` is no database that we can work in; never repeats the password."""
    try:
        named = conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise Problem(
            "DATABASE_URL is no address that PostgreSQL understands. "
            "It looks like postgres://user:password@host:5432/name."
        ) from error
    try:
        with psycopg.connect(url, connect_timeout=PATIENCE) as connection:
            version = connection.info.server_version
    except psycopg.OperationalError as error:
        place = f"{named.get('host') or 'this machine'}:{named.get('port') or 5432}"
        raise Problem(
            f"The database at {place} (DATABASE_URL) cannot be reached: {_last_line(error)} "
            "Start it, correct the address, or unset DATABASE_URL to use the built-in one."
        ) from error
    if version < OLDEST_POSTGRES:
        raise Problem(
            f"The database is PostgreSQL {version // 10_000}, and Viaggio needs 15 or later. "
            "Upgrade it, or unset DATABASE_URL to use the built-in one."
        )


def require_broker(url: str) -> None:
    """Problem when `url` is no broker that answers; never repeats the password."""
    shown = "the address given"
    try:
        with Connection(url, connect_timeout=PATIENCE) as connection:
            shown = connection.as_uri()
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=PATIENCE)
    # Each transport has exceptions of its own, down to KeyError for an unknown scheme.
    except Exception as error:
        raise Problem(
            f"The broker at {shown} (CELERY_BROKER_URL) cannot be reached: {_last_line(error)} "
            "Start it, correct the address, or unset CELERY_BROKER_URL to use the built-in one."
        ) from error


def _last_line(error: Exception) -> str:
    """The error's last words as a sentence."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return f"{lines[-1].strip().rstrip('.')}."
