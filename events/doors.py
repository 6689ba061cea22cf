"""What every door for webhooks has in common: HEAD is answered, refusals speak JSON."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from core.api.errors import as_api_exception, error_body
from core.api.json_body import read_body
from tenants.pages import open_page

View = Callable[..., HttpResponse]


def inbound_door(view: View) -> View:
    """Mark a view as a door for webhooks, whose own address or signature is the key.

    HEAD is 200 (some senders look whether the address is there), any other method but POST 405.
    What the view raises as ApiRefusal or ViaggioError is answered in the API's error shape.
    """

    @wraps(view)
    def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "HEAD":
            return HttpResponse()
        if request.method != "POST":
            body = error_body("method_not_allowed", _("Post to this address."))
            return JsonResponse(body, status=405, headers={"Allow": "POST, HEAD"})
        try:
            return view(request, *args, **kwargs)
        except Exception as error:
            return _refusal(error)

    return csrf_exempt(open_page(door))


def _refusal(error: Exception) -> HttpResponse:
    refusal = as_api_exception(error)
    if refusal is None:
        raise error
    code, problems = str(refusal.get_codes()), getattr(refusal, "problems", ())
    headers = {"Retry-After": "60"} if refusal.status_code == 503 else {}
    return JsonResponse(
        error_body(code, str(refusal.detail), problems),
        status=refusal.status_code,
        headers=headers,
    )


def body_of(request: HttpRequest) -> bytes:
    """The raw body, inflated when gzipped; raises ApiRefusal 413 beyond 5 MB."""
    return read_body(request, request.META)
