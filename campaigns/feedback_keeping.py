"""An account's webhook: its address, what it is signed with, and how it has been doing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from campaigns.models import ProviderAccount
from events.models import InboundDelivery
from tenants.audit import record_audit
from tenants.context import current_workspace
from tenants.hosts import workspace_url
from tenants.models import User


@dataclass(frozen=True)
class Hearing:
    """What was heard of a provider, and refused, so far."""

    last_at: datetime | None
    refused: int
    refused_at: datetime | None


def address_of(account: ProviderAccount) -> str:
    """The address to enter at the provider."""
    workspace = current_workspace("A webhook")
    return workspace_url(workspace, "campaigns:provider_call", account.feedback_token)


def hearing_of(account: ProviderAccount) -> Hearing:
    """When the provider last reported, and what was refused since its secrets were changed."""
    calls = InboundDelivery.objects.filter(door=str(account.pk)).order_by("-received_at")
    last_at = calls.values_list("received_at", flat=True).first()
    return Hearing(last_at, account.feedback_refused, account.feedback_refused_at)


@transaction.atomic
def keep_secrets(*, account_id: UUID, secrets: Mapping[str, Any], by: User, now: datetime) -> None:
    """Store what the provider signs with; what was refused so far is forgotten."""
    account = ProviderAccount.objects.select_for_update().get(pk=account_id)
    account.feedback_secrets = dict(secrets)
    account.feedback_refused, account.feedback_refused_at = 0, None
    account.save(update_fields=["feedback_secrets", "feedback_refused", "feedback_refused_at"])
    record_audit(
        action="account.webhook_changed",
        workspace=current_workspace("A webhook"),
        actor=by,
        target=f"{account.label} ({account.kind})",
        now=now,
    )


def note_refused(*, account_id: UUID, now: datetime) -> None:
    """Count a call that nobody vouched for."""
    ProviderAccount.objects.filter(pk=account_id).update(
        feedback_refused=F("feedback_refused") + 1, feedback_refused_at=now
    )
