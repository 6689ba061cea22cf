"""Which workspace a request is for, and whether whoever asks may come in."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import set_urlconf
from django.utils.translation import gettext as _

from core.htmx import redirect_to
from tenants.hosts import public_url
from tenants.models import Domain, Membership, Workspace
from tenants.pages import SAFE_METHODS, is_open_page, needed_role


class WorkspaceMiddleware:
    """Sets the workspace by host name; an unknown host is a 404, never the public site."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        connection.set_schema_to_public()  # type: ignore[attr-defined]
        host = request.get_host().rsplit(":", 1)[0].rstrip(".").lower()
        if host == settings.BASE_DOMAIN:
            request.workspace = None  # type: ignore[attr-defined]
            request.urlconf = settings.PUBLIC_SCHEMA_URLCONF
            set_urlconf(settings.PUBLIC_SCHEMA_URLCONF)
            return self.get_response(request)
        workspace = workspace_of_host(host)
        if workspace is None:
            return unknown_host(request)
        connection.set_tenant(workspace)  # type: ignore[attr-defined]
        request.workspace = workspace  # type: ignore[attr-defined]
        request.urlconf = settings.ROOT_URLCONF
        set_urlconf(settings.ROOT_URLCONF)
        return self.get_response(request)


def workspace_of_host(host: str) -> Workspace | None:
    """The active workspace this host name leads to."""
    domain = (
        Domain.objects.select_related("tenant")
        .filter(domain=host, tenant__status=Workspace.Status.ACTIVE)
        .first()
    )
    return domain.tenant if domain else None


def unknown_host(request: HttpRequest) -> HttpResponse:
    """The same bare 404 for every host that is not ours."""
    return HttpResponse(
        _("There is nothing at this address."), status=404, content_type="text/plain; charset=utf-8"
    )


class AccessMiddleware:
    """Lets only members into a workspace's pages; pages opened with `open_page` are for everyone.

    Closed by default: a new view is for signed-in members, and one that writes for editors.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Refuse or redirect whoever may not see this view; None lets them through."""
        workspace = getattr(request, "workspace", None)
        if workspace is None or is_open_page(view):
            return None
        if not request.user.is_authenticated:
            return ask_to_sign_in(request, workspace)
        member = Membership.objects.filter(user=request.user, workspace=workspace).first()
        if member is None:
            raise Http404
        request.membership = member  # type: ignore[attr-defined]
        if not member.may(needed_role(view, request.method or "GET")):
            return forbidden(request)
        return None


def ask_to_sign_in(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """The way to the public site's sign-in, and back to this page.

    A posted form gets a page instead: the browser would not follow a redirect to another host
    from it, and what was posted is lost either way.
    """
    if request.method not in SAFE_METHODS and not getattr(request, "htmx", False):
        context = {"sign_in_url": public_url("workspace_enter", workspace.slug)}
        return render(request, "tenants/sign_in_first.html", context, status=401)
    back = request.get_full_path() if request.method in SAFE_METHODS else "/"
    if getattr(request, "htmx", False):
        back = request.htmx.current_url_abs_path or "/"  # type: ignore[attr-defined]
    return redirect_to(request, public_url("workspace_enter", workspace.slug, next=back))


def forbidden(request: HttpRequest) -> HttpResponse:
    """Says which right is missing."""
    from django.core.exceptions import PermissionDenied

    raise PermissionDenied(_("Your role in this workspace does not allow that. Ask an admin."))
