"""The audit log: who did what, written in the transaction of the deed."""

from datetime import datetime
from typing import Any

from tenants.models import AuditEntry, User, Workspace


def record_audit(
    *,
    action: str,
    now: datetime,
    workspace: Workspace | None = None,
    actor: User | None = None,
    actor_label: str = "",
    target: str = "",
    detail: dict[str, Any] | None = None,
    ip: str | None = None,
) -> AuditEntry:
    """Write one audit entry; `actor_label` names API keys and the system where no user acts."""
    return AuditEntry.objects.create(
        workspace=workspace,
        actor=actor,
        actor_label=actor_label or (actor.get_full_name() if actor else "Viaggio"),
        action=action,
        target=target,
        detail=detail or {},
        ip=ip,
        at=now,
    )
