"""`/healthz`: the process answers. `/readyz`: database, broker, and how late the work is."""

from collections.abc import Callable
from datetime import timedelta

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from kombu.exceptions import OperationalError

from config.celery import app
from tenants.models import Agenda

# Later than this and the installation is not keeping up: a tick, a lease and some patience.
TOO_LATE = timedelta(minutes=5)


class HealthMiddleware:
    """Answers the probes on any host name, before a workspace is looked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return JsonResponse({"status": "ok"})
        if request.path == "/readyz":
            return ready()
        return self.get_response(request)


def ready() -> JsonResponse:
    """200 when all parts answer and nothing due is older than five minutes, else 503."""
    parts = {"database": database_state(), "broker": broker_state()}
    late = oldest_due_seconds() if parts["database"] == "ok" else None
    parts["work"] = "late" if late is not None and late > TOO_LATE.total_seconds() else "ok"
    healthy = all(state == "ok" for state in parts.values())
    return JsonResponse(
        {
            "status": "ok" if healthy else "unavailable",
            **parts,
            "oldest_due_seconds": late,
        },
        status=200 if healthy else 503,
    )


def database_state() -> str:
    """ "ok", or "unreachable"."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "unreachable"
    return "ok"


def broker_state() -> str:
    """ "ok", or "unreachable" when the broker does not answer within two seconds."""
    try:
        with app.connection_for_write(connect_timeout=2) as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
    except (OperationalError, OSError):
        return "unreachable"
    return "ok"


def oldest_due_seconds() -> float | None:
    """Age in seconds of the oldest due agenda row; None when nothing is due."""
    now = timezone.now()
    due_at = (
        Agenda.objects.filter(due_at__lte=now)
        .order_by("due_at")
        .values_list("due_at", flat=True)
        .first()
    )
    return None if due_at is None else (now - due_at).total_seconds()
