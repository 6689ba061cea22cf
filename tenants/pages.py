"""Marks on views: who may see them; and what every page knows."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from tenants.hosts import public_url
from tenants.models import Membership

View = TypeVar("View", bound=Callable[..., Any])
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def open_page(view: View) -> View:
    """Mark a workspace view as open to everyone (hosted pages, doors with their own keys)."""
    view.is_open_page = True  # type: ignore[attr-defined]
    return view


def for_role(role: str) -> Callable[[View], View]:
    """Mark a workspace view as needing at least this role, for reading too."""

    def mark(view: View) -> View:
        view.needed_role = role  # type: ignore[attr-defined]
        return view

    return mark


def is_open_page(view: Callable[..., Any]) -> bool:
    """True for a view marked with `open_page`, itself or its class."""
    return bool(
        getattr(view, "is_open_page", False)
        or getattr(getattr(view, "view_class", None), "is_open_page", False)
        or getattr(getattr(view, "cls", None), "is_open_page", False)
    )


def needed_role(view: Callable[..., Any], method: str) -> str:
    """The role a view asks for: its mark, else viewer to read and editor to write."""
    marked = getattr(view, "needed_role", None)
    if marked:
        return str(marked)
    return Membership.Role.VIEWER if method in SAFE_METHODS else Membership.Role.EDITOR


def page_context(request: HttpRequest) -> dict[str, Any]:
    """What every template may name: the workspace, the reader's membership, a local machine."""
    workspace = getattr(request, "workspace", None)
    membership = getattr(request, "membership", None)
    known: dict[str, Any] = {
        "workspace": workspace,
        "membership": membership,
        "is_local": settings.LOCAL,
    }
    if membership is None:
        return known
    return known | {
        "chooser_url": public_url("workspaces", choose="1"),
        "account_url": public_url("account"),
        "settings_url": reverse("tenants:business"),
        "sign_out_url": reverse("tenants:sign_out"),
    }
