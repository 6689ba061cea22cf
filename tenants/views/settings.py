"""The settings of a workspace, for its admins and owners."""

from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.errors import Invalid
from tenants import members
from tenants.api_keys import create_api_key, revoke_api_key
from tenants.forms import ApiKeyForm, BusinessForm, RoleForm
from tenants.models import ApiKey, AuditEntry, Membership, User, Workspace
from tenants.pages import for_role
from tenants.settings_pages import settings_page

READ_OR_POST = ["GET", "HEAD", "POST"]


def page(request: HttpRequest, name: str, status: int = 200, /, **context: Any) -> HttpResponse:
    """One page of the settings."""
    return settings_page(request, f"tenants/settings_{name}.html", name, status, **context)


def mine(request: HttpRequest) -> Membership:
    """The reader's membership, found by the access middleware."""
    return cast(Membership, request.membership)  # type: ignore[attr-defined]


@for_role(Membership.Role.ADMIN)
@require_http_methods(READ_OR_POST)
def business(request: HttpRequest) -> HttpResponse:
    """Who the business is, how it looks and how much it may send."""
    workspace = Workspace.objects.get(pk=mine(request).workspace_id)
    form = BusinessForm(request.POST or None, instance=workspace)
    if not (request.method == "POST" and form.is_valid()):
        return page(request, "business", 422 if form.is_bound else 200, form=form)
    if form.changed_data:
        members.save_business(
            workspace=workspace,
            by=cast(User, request.user),
            changed=form.changed_data,
            now=timezone.now(),
        )
    messages.success(request, _("Saved."))
    return redirect("tenants:business")


@for_role(Membership.Role.ADMIN)
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Everyone who works in this workspace."""
    found = Membership.objects.filter(workspace=mine(request).workspace_id)
    listed = found.select_related("user").order_by("user__name", "pk")
    roles = [each for each in Membership.Role.choices if mine(request).may(each[0])]
    return page(request, "people", members=listed, roles=roles, me=mine(request))


@for_role(Membership.Role.ADMIN)
@require_POST
def change_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give somebody another role."""
    member = get_object_or_404(Membership, pk=pk, workspace=mine(request).workspace_id)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the roles."))
        return redirect("tenants:people")
    try:
        members.change_role(
            member=member, role=form.cleaned_data["role"], by=mine(request), now=timezone.now()
        )
        messages.success(request, _("The role is changed."))
    except Invalid as refusal:
        messages.error(request, refusal.message)
    return redirect("tenants:people")


@for_role(Membership.Role.ADMIN)
@require_http_methods(READ_OR_POST)
def remove_member(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then take somebody out of the workspace."""
    found = Membership.objects.select_related("user")
    member = get_object_or_404(found, pk=pk, workspace=mine(request).workspace_id)
    if request.method != "POST":
        return page(request, "remove_member", member=member)
    try:
        members.remove_member(member=member, by=mine(request), now=timezone.now())
        messages.success(request, _("Removed."))
    except Invalid as refusal:
        messages.error(request, refusal.message)
    return redirect("tenants:people")


@for_role(Membership.Role.ADMIN)
@never_cache
@require_http_methods(READ_OR_POST)
def api_keys(request: HttpRequest) -> HttpResponse:
    """The workspace's keys; a new one is shown this once, in the answer to the form."""
    form = ApiKeyForm(request.POST or None)
    token = ""
    if request.method == "POST" and form.is_valid():
        _key, token = create_api_key(
            workspace=mine(request).workspace,
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            by=cast(User, request.user),
            now=timezone.now(),
        )
        form = ApiKeyForm()
    keys = ApiKey.objects.filter(workspace=mine(request).workspace_id).order_by("-created_at")
    status = 422 if form.is_bound else 200
    return page(request, "api_keys", status, form=form, keys=keys, token=token)


@for_role(Membership.Role.ADMIN)
@require_http_methods(READ_OR_POST)
def revoke_key(request: HttpRequest, pk: str) -> HttpResponse:
    """Ask, then make a key useless."""
    key = get_object_or_404(ApiKey, pk=pk, workspace=mine(request).workspace_id)
    if request.method != "POST":
        return page(request, "revoke_key", key=key)
    revoke_api_key(key=key, by=cast(User, request.user), now=timezone.now())
    messages.success(request, _("The key is revoked."))
    return redirect("tenants:api_keys")


@for_role(Membership.Role.ADMIN)
@require_GET
def audit_log(request: HttpRequest) -> HttpResponse:
    """Who did what, newest first."""
    found = AuditEntry.objects.filter(workspace=mine(request).workspace_id).order_by("-at", "-pk")
    entries = Paginator(found, 50).get_page(request.GET.get("page"))
    number = entries.number
    return page(
        request,
        "audit_log",
        entries=entries,
        previous_url=f"?page={number - 1}" if entries.has_previous() else "",
        next_url=f"?page={number + 1}" if entries.has_next() else "",
    )
