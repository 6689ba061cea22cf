"""The one place that knows the headers of htmx.

A view renders the whole page, or only its partial when the page asks for a piece of itself:
`return page_or_partial(request, page="contacts/list.html", partial="contacts/_table.html", ...)`.
"""

from collections.abc import Mapping
from typing import Any, Literal, TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event
from django_htmx.middleware import HtmxDetails

Tone = Literal["ok", "info", "warn", "bad"]
Response = TypeVar("Response", bound=HttpResponseBase)
VARY = ("HX-Request",)


def wants_partial(request: HttpRequest) -> bool:
    """Whether the page asks for a piece of itself: htmx, but no boosted link and no going back."""
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    if not htmx:
        return False
    return not (htmx.boosted or htmx.history_restore_request)


def asks_for(request: HttpRequest, target: str) -> bool:
    """Whether the page asks for the piece that goes into its element of this id."""
    return wants_partial(request) and request.htmx.target == target  # type: ignore[attr-defined]


def page_or_partial(
    request: HttpRequest,
    *,
    page: str,
    partial: str,
    context: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The partial for htmx, else the page; marked so that no cache mixes the two up."""
    template = partial if wants_partial(request) else page
    response = render(request, template, dict(context or {}), status=status)
    patch_vary_headers(response, VARY)
    return response


def redirect_to(request: HttpRequest, url: str) -> HttpResponse:
    """Take the whole page to `url`, whether a form, a link or htmx asked. `url` must be ours."""
    if wants_partial(request):
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url)


def trigger(response: Response, event: str, detail: Mapping[str, Any] | None = None) -> Response:
    """Raise `event` on the page once the response has arrived."""
    return trigger_client_event(response, event, dict(detail or {}))


def toast(response: Response, text: str, tone: Tone = "ok") -> Response:
    """Say `text` in a corner of the page, as a message of the framework would on a full load."""
    return trigger(response, "toast", {"text": str(text), "tone": tone})


def close_dialog(response: Response) -> Response:
    """Close the dialog whose form was accepted."""
    return trigger(response, "closeDialog")
