"""What shops show on their own pages: published reviews as JSON, and the script that draws them."""

from typing import Any
from uuid import UUID

from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import rate_limits
from core.client_ip import client_ip, network_of
from surveys.choosing import uuid_of
from surveys.limits import WIDGET_OF_IP
from surveys.models import Review
from surveys.structured_data import product_data
from surveys.views.moderation import photo_of
from tenants.context import current_schema
from tenants.hosting import speak
from tenants.hosts import workspace_url
from tenants.pages import open_page

PAGE_SIZE = 10
PAGES_MAX = 500
KEPT_SECONDS = 300
SCRIPT = "js/reviews-widget.js"


@open_page
@require_safe
def reviews_json(request: HttpRequest) -> HttpResponse:
    """The published reviews of `?product=` (our id, or the shop's article number), by `?page=`."""
    if not _may_ask(request):
        return _refusal(429, "rate_limited", _("Too many requests. Wait a minute."), retry=60)
    product, page = request.GET.get("product", "").strip(), request.GET.get("page", "1")
    if not product or len(product) > 120 or "\x00" in product:
        return _refusal(400, "product_missing", _("Name a product."))
    if not (page.isascii() and page.isdecimal() and 1 <= int(page[:6]) <= PAGES_MAX):
        return _refusal(400, "invalid_page", _("Pages count from 1."))
    with speak():
        return _kept(JsonResponse(_answer(request, product, int(page))))


def _answer(request: HttpRequest, product: str, page: int) -> dict[str, Any]:
    rows = Review.objects.published().of_product(product, uuid_of(product))
    figures = rows.figures()
    start = (page - 1) * PAGE_SIZE
    found = list(rows.select_related("contact").order_by("-id")[start : start + PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    name = shown[0].product_name if shown else ""
    return {
        "product": product,
        "name": name,
        "count": figures.count,
        "average": str(figures.average) if figures.count else None,
        "stars": figures.by_stars,
        "reviews": [_shown(request, review) for review in shown],
        "next_page": page + 1 if len(found) > PAGE_SIZE and page < PAGES_MAX else None,
        "structured_data": product_data(name=name, figures=figures, reviews=shown),
        "words": {
            "none": _("No reviews yet."),
            "of_five": _("{stars} of 5 stars"),
            "count": _("{count} reviews"),
            "more": _("More reviews"),
            "reply": _("Reply of {business}").replace(
                "{business}",
                request.workspace.name,  # type: ignore[attr-defined]
            ),
        },
    }


def _shown(request: HttpRequest, review: Review) -> dict[str, Any]:
    workspace = request.workspace  # type: ignore[attr-defined]
    photo = workspace_url(workspace, "surveys:widget_photo", review.pk) if review.photo else None
    return {
        "id": str(review.pk),
        "stars": review.stars,
        "title": review.title,
        "text": review.text,
        "language": review.language,
        "author": review.author,
        "date": review.submitted_at.date().isoformat(),
        "photo_url": photo,
        "reply": review.reply or None,
    }


def _may_ask(request: HttpRequest) -> bool:
    subject = f"{current_schema('The widget')} {network_of(client_ip(request))}"
    return rate_limits.take(limit=WIDGET_OF_IP, subject=subject, now=timezone.now())


def _refusal(status: int, code: str, sentence: str, retry: int = 0) -> HttpResponse:
    body = {"code": code, "message": sentence, "errors": []}
    response = JsonResponse(body, status=status)
    response["Access-Control-Allow-Origin"] = "*"
    if retry:
        response["Retry-After"] = str(retry)
    return response


def _kept(response: HttpResponse) -> HttpResponse:
    """For everybody to read and to keep a while: it is the same for everybody."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    patch_cache_control(response, public=True, max_age=KEPT_SECONDS)
    return response


@open_page
@require_safe
def reviews_script(request: HttpRequest) -> HttpResponse:
    """The script, under an address that never changes."""
    path = finders.find(SCRIPT)
    if not isinstance(path, str):
        raise Http404
    with open(path, encoding="utf-8") as file:
        return _kept(HttpResponse(file.read(), content_type="text/javascript; charset=utf-8"))


@open_page
@require_safe
def photo(request: HttpRequest, review_id: UUID) -> HttpResponseBase:
    """The photo of a published review."""
    response = photo_of(get_object_or_404(Review.objects.published(), pk=review_id))
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    patch_cache_control(response, public=True, max_age=KEPT_SECONDS)
    return response
