"""Capture's hosted pages."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from tenants import hosting
from tenants.hosting import speak, stale, too_many

__all__ = ["hosted", "speak", "stale", "too_many"]


def hosted(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """One of capture's templates as a hosted page."""
    return hosting.hosted(request, f"capture/{template}", context, status=status)
