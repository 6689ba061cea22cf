"""The settings page of the ways out for mail."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import account_keeping as keeping
from campaigns import feedback_keeping
from campaigns.account_keeping import AccountDraft
from campaigns.drawing import sender_of
from campaigns.forms import AccountFields, credentials_form, merged_credentials
from campaigns.inbound import feedback_of
from campaigns.models import ProviderAccount
from campaigns.outbound import Provider, providers
from campaigns.smtp import Accepted
from core.errors import Invalid
from core.mailgate import MessageRefused
from tenants.models import Membership, User, Workspace
from tenants.pages import for_role

ADMIN = for_role(Membership.Role.ADMIN)


@ADMIN
@require_safe
def account_list(request: HttpRequest) -> HttpResponse:
    """All accounts, the default first."""
    accounts = ProviderAccount.objects.order_by("-is_default", "-is_active", "label")
    return _page(
        request,
        "account_list",
        accounts=[(row, _label(row.kind), feedback_of(row)) for row in accounts],
        providers=sorted(providers, key=lambda provider: str(provider.label).lower()),
        sender=_sender(request),
        now=timezone.now(),
        has_default=any(row.is_default for row in accounts),
    )


@ADMIN
@require_http_methods(["GET", "HEAD", "POST"])
def account_new(request: HttpRequest, kind: str) -> HttpResponse:
    """Add an account of one kind of provider."""
    provider = _provider(kind)
    fields = AccountFields(request.POST or None, initial={"label": str(provider.label)})
    credentials = credentials_form(provider, request.POST or None)
    if request.method == "POST" and _are_valid(fields, credentials):
        keeping.create_account(
            kind=kind, draft=_draft(fields, credentials), by=_me(request), now=timezone.now()
        )
        messages.success(request, _("Added. Send yourself a test mail now."))
        return redirect("campaigns:accounts")
    return _edit_page(request, provider, fields, credentials)


@ADMIN
@require_http_methods(["GET", "HEAD", "POST"])
def account_edit(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """Change an account; secrets stay as they are unless typed anew."""
    account = get_object_or_404(ProviderAccount, pk=account_id)
    provider = _provider(account.kind)
    stored = keeping.usable(account).credentials
    initial = {"label": account.label, "rate": account.rate, "burst": account.burst}
    fields = AccountFields(request.POST or None, initial=initial)
    credentials = credentials_form(provider, request.POST or None, stored)
    if request.method == "POST" and _are_valid(fields, credentials):
        keeping.update_account(
            account_id=account_id,
            draft=_draft(fields, credentials, stored),
            by=_me(request),
            now=timezone.now(),
        )
        messages.success(request, _("Saved."))
        return redirect("campaigns:accounts")
    return _edit_page(request, provider, fields, credentials, account=account)


@ADMIN
@require_http_methods(["GET", "HEAD", "POST"])
def account_feedback(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """The address a provider reports to, what it signs with, and what was heard of it."""
    account = get_object_or_404(ProviderAccount, pk=account_id)
    feedback = _provider(account.kind).feedback
    if feedback is None:
        raise Http404
    stored = dict(account.feedback_secrets or {})
    secrets = credentials_form(feedback, request.POST or None, stored)
    if request.method == "POST" and secrets.is_valid():
        feedback_keeping.keep_secrets(
            account_id=account_id,
            secrets=merged_credentials(secrets, stored),
            by=_me(request),
            now=timezone.now(),
        )
        messages.success(request, _("Saved."))
        return redirect("campaigns:account_feedback", account_id)
    return _page(
        request,
        "account_feedback",
        422 if secrets.errors else 200,
        account=account,
        feedback=feedback,
        secrets=secrets,
        needs_secrets=bool(secrets.fields) and not all(stored.get(key) for key in secrets.fields),
        address=feedback_keeping.address_of(account),
        hearing=feedback_keeping.hearing_of(account),
    )


@ADMIN
@require_POST
def account_default(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """Let mail leave by this account."""
    get_object_or_404(ProviderAccount, pk=account_id)
    try:
        keeping.make_default(account_id=account_id, by=_me(request), now=timezone.now())
    except Invalid as refusal:
        messages.error(request, refusal.message)
    return redirect("campaigns:accounts")


@ADMIN
@require_POST
def account_switch(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """Switch an account on (`on=1`) or off."""
    get_object_or_404(ProviderAccount, pk=account_id)
    keeping.set_account_active(
        account_id=account_id,
        is_active=request.POST.get("on") == "1",
        by=_me(request),
        now=timezone.now(),
    )
    return redirect("campaigns:accounts")


@ADMIN
@require_POST
def account_test(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """Send the reader a mail by this account, and say what the provider said."""
    account = get_object_or_404(ProviderAccount, pk=account_id)
    _provider(account.kind)
    try:
        verdict = keeping.try_account(
            account=keeping.usable(account), to=_me(request).email, now=timezone.now()
        )
    except MessageRefused as refusal:
        messages.error(request, refusal.message)
        return redirect("campaigns:accounts")
    level = messages.SUCCESS if isinstance(verdict, Accepted) else messages.ERROR
    messages.add_message(request, level, keeping.told(verdict))
    return redirect("campaigns:accounts")


def _page(request: HttpRequest, name: str, status: int = 200, **context: Any) -> HttpResponse:
    known = {"active": "settings", **context}
    return render(request, f"campaigns/{name}.html", known, status=status)


def _edit_page(
    request: HttpRequest,
    provider: Provider,
    fields: AccountFields,
    credentials: forms.Form,
    account: ProviderAccount | None = None,
) -> HttpResponse:
    status = 422 if fields.errors or credentials.errors else 200
    return _page(
        request,
        "account_edit",
        status,
        provider=provider,
        fields=fields,
        credentials=credentials,
        account=account,
    )


def _draft(
    fields: AccountFields, credentials: forms.Form, stored: dict[str, Any] | None = None
) -> AccountDraft:
    return AccountDraft(credentials=merged_credentials(credentials, stored), **fields.cleaned_data)


def _are_valid(*bound: forms.Form) -> bool:
    """Whether all of them are; each is asked, so that each shows its errors."""
    answers = [form.is_valid() for form in bound]
    return all(answers)


def _provider(kind: str) -> Provider:
    if kind not in providers:
        raise Http404
    return providers.get(kind)


def _label(kind: str) -> str:
    return str(providers.get(kind).label) if kind in providers else kind


def _sender(request: HttpRequest) -> str:
    workspace = cast(Workspace, request.workspace)  # type: ignore[attr-defined]
    try:
        name, address = sender_of(workspace)
    except MessageRefused as refusal:
        return str(refusal.message)
    return f"{name} <{address}>"


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)
