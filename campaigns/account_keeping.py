"""Keeping the sending accounts: adding, changing, choosing the default, trying one out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.accounts import Account, note_success
from campaigns.compile import compile_template
from campaigns.drawing import Studio, brand_of
from campaigns.mime import Skeleton
from campaigns.models import ProviderAccount
from campaigns.outbound import Parcel, providers
from campaigns.render import Program, Recipient, RenderedMessage
from campaigns.smtp import Accepted, InDoubt, NotTried, Verdict
from core.errors import Invalid
from core.ids import uuid7
from tenants.audit import record_audit
from tenants.context import current_workspace
from tenants.models import User


@dataclass(frozen=True)
class AccountDraft:
    """What an admin says of an account."""

    label: str
    credentials: dict[str, Any]
    rate: float
    burst: int


@transaction.atomic
def create_account(*, kind: str, draft: AccountDraft, by: User, now: datetime) -> ProviderAccount:
    """Add an account; the first one becomes the default."""
    is_first = not ProviderAccount.objects.filter(is_default=True).exists()
    account = ProviderAccount.objects.create(
        kind=kind,
        is_default=is_first,
        tokens=draft.burst,
        tokens_at=now,
        created_at=now,
        **vars(draft),
    )
    _audit("account.created", account, by=by, now=now)
    return account


@transaction.atomic
def update_account(*, account_id: UUID, draft: AccountDraft, by: User, now: datetime) -> None:
    """Change an account; what rested because of its old credentials is tried again at once."""
    account = ProviderAccount.objects.select_for_update().get(pk=account_id)
    for name, value in vars(draft).items():
        setattr(account, name, value)
    account.failures, account.open_until = 0, None
    account.save()
    _audit("account.changed", account, by=by, now=now)


@transaction.atomic
def make_default(*, account_id: UUID, by: User, now: datetime) -> None:
    """Let messages leave by this account; raises Invalid when it is switched off."""
    accounts = {row.pk: row for row in ProviderAccount.objects.select_for_update().order_by("pk")}
    account = accounts[account_id]
    if not account.is_active:
        raise Invalid("account_inactive", _("Switch the account on first."))
    ProviderAccount.objects.filter(is_default=True).update(is_default=False)
    ProviderAccount.objects.filter(pk=account_id).update(is_default=True)
    _audit("account.made_default", account, by=by, now=now)


@transaction.atomic
def set_account_active(*, account_id: UUID, is_active: bool, by: User, now: datetime) -> None:
    """Switch an account on or off; one that is off is not the default."""
    account = ProviderAccount.objects.select_for_update().get(pk=account_id)
    account.is_active = is_active
    account.is_default = account.is_default and is_active
    account.save(update_fields=["is_active", "is_default"])
    action = "account.switched_on" if is_active else "account.switched_off"
    _audit(action, account, by=by, now=now)


def _audit(action: str, account: ProviderAccount, *, by: User, now: datetime) -> None:
    record_audit(
        action=action,
        workspace=current_workspace("A sending account"),
        actor=by,
        target=f"{account.label} ({account.kind})",
        now=now,
    )


def try_account(*, account: Account, to: str, now: datetime) -> Verdict:
    """Send a short mail by this account right away; what the provider said of it.

    Talks to the provider, so never call it inside a transaction. Raises MessageRefused when the
    workspace's sender cannot stand in a mail.
    """
    parcel = _trial(to=to, now=now)
    with account.provider.session(account.credentials) as session:
        [verdict] = session.send([parcel])
    if isinstance(verdict, Accepted):
        note_success(account=account)
    return verdict


def _trial(*, to: str, now: datetime) -> Parcel:
    workspace = current_workspace("A sending account")
    studio = Studio(workspace)
    compiled = compile_template(
        subject=_("Your sending account works"),
        body=[
            {
                "kind": "text",
                "settings": {
                    "html": _("<p>This mail left by the account you have just tried.</p>")
                },
            }
        ],
        brand=brand_of(workspace),
    )
    program = Program(compiled, studio.patterns)
    [rendered] = program.render([Recipient({}, "", "")])
    if not isinstance(rendered, RenderedMessage):
        raise TypeError(rendered)
    name, address = studio.sender_name, studio.sender_address
    domain = address.rsplit("@", 1)[1]
    return Parcel(
        id=uuid7(),
        to=to,
        rendered=rendered,
        skeleton=Skeleton(program, sender_name=name, sender_address=address, message_domain=domain),
        sender=studio.sender,
        sender_address=address,
        date=now,
        one_click=False,
    )


def told(verdict: Verdict) -> str:
    """A verdict as a sentence for whoever tried the account."""
    if isinstance(verdict, Accepted):
        return _("The provider took the test mail. Look into your inbox.")
    if isinstance(verdict, NotTried):
        return verdict.reason
    if isinstance(verdict, InDoubt):
        return _("It is not certain that the mail left: %(reason)s") % {"reason": verdict.reason}
    return _("The provider refused the test mail: %(reason)s") % {"reason": verdict.text}


def usable(account: ProviderAccount) -> Account:
    """The account as the sender uses it."""
    return Account(
        account.pk, providers.get(account.kind), cast(dict[str, Any], account.credentials)
    )
