"""Pages of the settings, whichever floor they belong to."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tenants.contracts import settings_tabs


def tabs(current: str) -> list[dict[str, Any]]:
    """The registered pages, for the row of tabs above them."""
    return [
        {
            "label": tab.label,
            "url": reverse(tab.url_name),
            "icon": tab.icon,
            "current": tab.key == current,
        }
        for tab in sorted(settings_tabs, key=lambda tab: (tab.order, tab.key))
    ]


def settings_page(
    request: HttpRequest, template: str, tab: str, status: int = 200, /, **context: Any
) -> HttpResponse:
    """One page of the settings, its template built on `tenants/_settings.html`."""
    known = {"tabs": tabs(tab), "active": "settings", **context}
    return render(request, template, known, status=status)
