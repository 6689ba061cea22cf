"""Closing a workspace to everybody for a while, and opening it again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tenants.audit import record_audit
from tenants.models import User, Workspace


def set_status(*, workspace_ids: Sequence[UUID], status: str, by: User, now: datetime) -> int:
    """Suspend or activate workspaces, an audit entry each; how many were not so before.

    A suspended workspace's host answers 404, its tasks refuse to run and its agenda is not claimed.
    """
    with transaction.atomic():
        found = Workspace.objects.filter(pk__in=workspace_ids)
        changing = list(
            found.exclude(status__in=[status, Workspace.Status.TEMPLATE])
            .order_by("pk")
            .select_for_update()
        )
        Workspace.objects.filter(pk__in=[each.pk for each in changing]).update(status=status)
        for workspace in changing:
            record_audit(action=f"workspace.{status}", now=now, workspace=workspace, actor=by)
    return len(changing)
