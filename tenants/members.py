"""Who works in a workspace, and in which role; one owner always stays."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Invalid
from tenants.audit import record_audit
from tenants.models import Membership, User, Workspace


def change_role(*, member: Membership, role: str, by: Membership, now: datetime) -> None:
    """Give a member another role; raises Invalid when that is not `by`'s to give."""
    with transaction.atomic():
        member = _locked(member)
        _refuse_above(by, member, role)
        if role != Membership.Role.OWNER:
            _refuse_last_owner(member)
        before, member.role = member.role, role
        member.save(update_fields=["role"])
        record_audit(
            action="member.role_changed",
            now=now,
            workspace=member.workspace,
            actor=by.user,
            target=member.user.email,
            detail={"from": before, "to": role},
        )


def remove_member(*, member: Membership, by: Membership, now: datetime) -> None:
    """Take a member out of the workspace; raises Invalid when that is not `by`'s to do."""
    with transaction.atomic():
        member = _locked(member)
        _refuse_above(by, member, member.role)
        _refuse_last_owner(member)
        member.delete()
        record_audit(
            action="member.removed",
            now=now,
            workspace=member.workspace,
            actor=by.user,
            target=member.user.email,
        )


def _locked(member: Membership) -> Membership:
    """The member, with the workspace locked, so that two owners cannot both leave at once."""
    Workspace.objects.select_for_update().get(pk=member.workspace_id)
    return Membership.objects.select_related("user", "workspace").get(pk=member.pk)


def _refuse_above(by: Membership, member: Membership, role: str) -> None:
    if not by.may(Membership.Role.ADMIN) or not (by.may(member.role) and by.may(role)):
        raise Invalid("role_too_high", _("Only an owner may do that to an owner or make one."))


def _refuse_last_owner(member: Membership) -> None:
    if member.role != Membership.Role.OWNER:
        return
    owners = Membership.objects.filter(workspace=member.workspace, role=Membership.Role.OWNER)
    if not owners.exclude(pk=member.pk).exists():
        raise Invalid("last_owner", _("A workspace needs an owner. Make somebody else one first."))


def save_business(*, workspace: Workspace, by: User, changed: list[str], now: datetime) -> None:
    """Write a workspace's changed settings, with an audit entry that names them."""
    with transaction.atomic():
        workspace.save(update_fields=changed)
        record_audit(
            action="workspace.changed",
            now=now,
            workspace=workspace,
            actor=by,
            detail={"fields": changed},
        )


def team_of(workspace: Workspace) -> list[User]:
    """Everybody who works in the workspace, by name."""
    return list(User.objects.filter(memberships__workspace=workspace).order_by("name", "email"))
