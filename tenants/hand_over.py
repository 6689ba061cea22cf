"""A sign-in on the public site, carried to a workspace's own host by a single-use ticket."""

import re
from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import QuerySet
from django_tenants.utils import tenant_context

from core.secrets import new_token, token_hash
from tenants.context import enter_public
from tenants.models import HandOver, User, Workspace

LIFE = timedelta(seconds=60)
# How long tickets are kept after use: as long as the longest session they can end.
KEPT = timedelta(days=15)
# A path on this very host: one slash first (two would name another host), no backslash (which
# browsers read as a slash), nothing that is not printable ASCII.
SAFE_PATH = re.compile(r"/(?!/)[!-\[\]-~]{0,499}")


def safe_path(path: str) -> str:
    """The path when it can only lead to the same host, else the home page."""
    return path if SAFE_PATH.fullmatch(path) else "/"


def issue_hand_over(
    *, user: User, workspace: Workspace, path: str, session_key: str, now: datetime
) -> str:
    """A token that signs this person in to this workspace once within 60 seconds."""
    token = new_token()
    HandOver.objects.create(
        token_hash=token_hash(token),
        user=user,
        workspace=workspace,
        path=safe_path(path),
        from_session=session_key,
        expires_at=now + LIFE,
    )
    return token


def redeem_hand_over(*, token: str, workspace: Workspace, now: datetime) -> HandOver | None:
    """The ticket behind a token, now used up; None when it is unknown, used, late or elsewhere's.

    One statement, so that of two requests with the same token one gets it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE public.tenants_handover SET used_at = %s"
            " WHERE token_hash = %s AND workspace_id = %s AND used_at IS NULL AND expires_at > %s"
            " RETURNING id",
            [now, token_hash(token), workspace.pk, now],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    return HandOver.objects.select_related("user").filter(pk=row[0], user__is_active=True).first()


def note_session(*, hand_over: HandOver, session_key: str) -> None:
    """Remember the workspace session that a ticket led to."""
    HandOver.objects.filter(pk=hand_over.pk).update(to_session=session_key)


def sign_out_everywhere(*, session_key: str) -> int:
    """End the public session and all workspace sessions that hang together with this one.

    Returns how many sessions were ended; the caller's own session is its own to flush.
    """
    origin = (
        HandOver.objects.filter(to_session=session_key)
        .values_list("from_session", flat=True)
        .first()
    ) or session_key
    ended = 0
    with enter_public():
        ended += _end(Session.objects.filter(session_key=origin).exclude(session_key=session_key))
    # One person's few workspaces, never all workspaces.
    tickets = HandOver.objects.filter(from_session=origin).exclude(to_session__in=["", session_key])
    for ticket in tickets.select_related("workspace"):
        with tenant_context(ticket.workspace):
            ended += _end(Session.objects.filter(session_key=ticket.to_session))
    return ended


def _end(sessions: "QuerySet[Session]") -> int:
    return sessions.delete()[0]


def forget_old_tickets(*, now: datetime) -> int:
    """Delete tickets whose sessions are over; returns how many."""
    return HandOver.objects.filter(expires_at__lt=now - KEPT).delete()[0]
