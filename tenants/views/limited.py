"""Rate limits around views that take guesses or send mail."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from core.client_ip import client_ip, network_of
from core.rate_limits import Limit, take

View = Callable[..., HttpResponse]
RETRY_AFTER_SECONDS = 300


def limited(
    *, per_client: Limit, field: str = "", per_value: Limit | None = None, method: str = "POST"
) -> Callable[[View], View]:
    """Answer 429 once a client, or one value of a posted field, has spent its limit."""

    def around(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method != method:
                return view(request, *args, **kwargs)
            now = timezone.now()
            network = network_of(client_ip(request))
            if not take(limit=per_client, subject=network, now=now):
                return too_many(request)
            value = request.POST.get(field, "").strip().lower()[:320]
            if per_value and value and not take(limit=per_value, subject=value, now=now):
                return too_many(request)
            return view(request, *args, **kwargs)

        return guarded

    return around


def too_many(request: HttpRequest) -> HttpResponse:
    """The page that asks for patience."""
    response = render(request, "tenants/too_many.html", status=429)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response
