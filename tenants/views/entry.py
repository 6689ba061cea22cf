"""From a sign-in on the public site into a workspace's own host, and out of both."""

from typing import cast

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tenants.hand_over import (
    issue_hand_over,
    note_session,
    redeem_hand_over,
    safe_path,
)
from tenants.hosts import public_url, workspace_url
from tenants.models import User, Workspace
from tenants.pages import open_page

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@login_required
@never_cache
@require_GET
def workspaces(request: HttpRequest) -> HttpResponse:
    """The chooser; whoever has one workspace is taken straight in."""
    found = Workspace.objects.of(cast(User, request.user))[:200]
    if len(found) == 1 and "choose" not in request.GET:
        return redirect("workspace_enter", found[0].slug)
    return render(request, "tenants/workspaces.html", {"workspaces": found})


@login_required
@never_cache
@require_GET
def enter_from_public(request: HttpRequest, slug: str) -> HttpResponse:
    """Hand a member over to the workspace's host; not being a member looks like no workspace.

    The way on is a page that goes on by itself, not a redirect: after a posted form the browser
    would hold a redirect to another host against the form's policy.
    """
    user = cast(User, request.user)
    workspace = get_object_or_404(Workspace.objects.of(user), slug=slug)
    token = issue_hand_over(
        user=user,
        workspace=workspace,
        path=request.GET.get("next", "/"),
        session_key=request.session.session_key or "",
        now=timezone.now(),
    )
    url = workspace_url(workspace, "tenants:enter", token=token)
    return render(request, "tenants/hand_over.html", {"url": url, "target": workspace})


@open_page
@never_cache
@require_GET
def enter(request: HttpRequest) -> HttpResponse:
    """Redeem the ticket and sign in here; the session lives in the workspace's own schema."""
    workspace: Workspace = request.workspace  # type: ignore[attr-defined]
    hand_over = redeem_hand_over(
        token=request.GET.get("token", "")[:100], workspace=workspace, now=timezone.now()
    )
    if hand_over is None:
        return render(
            request,
            "tenants/ticket_over.html",
            {"again_url": public_url("workspace_enter", workspace.slug)},
            status=403,
        )
    login(request, hand_over.user, backend=BACKEND)
    note_session(hand_over=hand_over, session_key=request.session.session_key or "")
    response = redirect(safe_path(hand_over.path))
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, hand_over.user.language, samesite="Lax")
    return response


@open_page
@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out here; `tenants.signals` ends the other sessions of the same sign-in."""
    logout(request)
    return render(request, "tenants/signed_out.html", {"sign_in_url": public_url("account_login")})
