"""When a batch fails: whether its content is to blame, and in which words to say so."""

from django.db import OperationalError
from django.utils.translation import gettext as _
from psycopg import errors

from core.errors import ViaggioError

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
