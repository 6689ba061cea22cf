"""Pages a business shows its customers: in their language, kept by no cache, from one site only."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import add_never_cache_headers

from tenants.context import current_workspace


def speak(*wanted: str) -> "translation.override":
    """The first of these languages that Viaggio speaks, else the workspace's."""
    spoken = dict(settings.LANGUAGES)
    choices = (*wanted, current_workspace("A hosted page").language)
    language = next((each for each in choices if each in spoken), settings.LANGUAGE_CODE)
    return translation.override(language)


def hosted(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A hosted page in the language being spoken."""
    response = render(request, template, context, status=status)
    response.headers["Content-Language"] = translation.get_language()
    add_never_cache_headers(response)
    return response


def stale(request: HttpRequest, again_url: str) -> HttpResponse:
    """403: the page was too old, or another site sent it; nothing was written."""
    return hosted(request, "hosted/stale.html", {"again_url": again_url}, status=403)


def too_many(request: HttpRequest, again_url: str, seconds: int) -> HttpResponse:
    """429: sent too often from here; nothing was written."""
    response = hosted(request, "hosted/too_many.html", {"again_url": again_url}, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response


def is_same_origin(request: HttpRequest) -> bool:
    """False when the browser says that another site sent this; silence passes.

    Only the host is compared: a proxy may have taken the TLS off.
    """
    origin = request.headers.get("Origin")
    if origin is not None:
        return _host_of(origin) == request.get_host()
    return request.headers.get("Sec-Fetch-Site", "same-origin") in {"same-origin", "none"}


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""
