"""Rate limits around views that take guesses or send mail."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from tenants.client_address import limited_address
from tenants.limits import Limit, allow

View = Callable[..., HttpResponse]
RETRY_AFTER_SECONDS = 300


def limited(
    action: str,
    *,
    per_client: Sequence[Limit],
    field: str = "",
    per_value: Sequence[Limit] = (),
    method: str = "POST",
) -> Callable[[View], View]:
    """Answer 429 once a client, or one value of a posted field, passes its limits."""

    def around(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method != method:
                return view(request, *args, **kwargs)
            now = timezone.now()
            asked = [("client", limited_address(request), per_client)]
            if value := request.POST.get(field, "").strip().lower()[:320]:
                asked.append((field, value, per_value))
            answers = [
                allow(action=f"{action}:{what}", who=who, limits=limits, now=now)
                for what, who, limits in asked
            ]
            return view(request, *args, **kwargs) if all(answers) else too_many(request)

        return guarded

    return around


def too_many(request: HttpRequest) -> HttpResponse:
    """The page that asks for patience."""
    response = render(request, "tenants/too_many.html", status=429)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


FEW_GUESSES = [Limit(20, timedelta(minutes=5)), Limit(100, timedelta(days=1))]
