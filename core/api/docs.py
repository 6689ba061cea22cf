"""The OpenAPI document and the page that explains it, drawn on the server."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.api.guide import guide
from core.api.limits import REQUESTS
from core.api.schema import api_document


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI 3.1 document; it names no workspace and needs no key."""
    return JsonResponse(api_document(), headers={"Cache-Control": "public, max-age=300"})


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The document as a page for people."""
    context = {
        "guide": guide(),
        "origin": request.build_absolute_uri("/").rstrip("/"),
        "requests": REQUESTS,
    }
    return render(request, "api/docs.html", context)


# Both are for whoever holds a key or thinks about getting one; they show nothing of a workspace.
openapi.is_open_page = True  # type: ignore[attr-defined]
page.is_open_page = True  # type: ignore[attr-defined]
