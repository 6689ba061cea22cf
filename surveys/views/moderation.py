"""Reviews as the business sees them: read, let out or refuse for the words, reply."""

from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.errors import Invalid
from surveys.choosing import uuid_of
from surveys.models import Review
from surveys.services.moderating import publish_review, refuse_review, reply_to_review
from tenants.hosts import workspace_url
from tenants.models import User

PAGE_SIZE = 30


@require_safe
def review_list(request: HttpRequest) -> HttpResponse:
    """All reviews in one state, newest first, with the average of those published."""
    status = request.GET.get("status", Review.Status.WAITING)
    rows = Review.objects.filter(status=status) if status != "all" else Review.objects.all()
    if (before := uuid_of(request.GET.get("before", ""))) is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.select_related("contact").order_by("-id")[: PAGE_SIZE + 1])
    last = found[PAGE_SIZE - 1].pk if len(found) > PAGE_SIZE else None
    context = {
        "reviews": found[:PAGE_SIZE],
        "status": status,
        "statuses": _statuses(status),
        "figures": Review.objects.published().figures(),
        "next_url": f"?{urlencode({'status': status, 'before': last})}" if last else "",
        "snippet": _snippet(request),
    }
    return render(request, "surveys/review_list.html", context)


def _statuses(current: str) -> list[dict[str, Any]]:
    choices: list[tuple[str, Any]] = [*Review.Status.choices, ("all", _("All"))]
    return [
        {"label": label, "url": f"?status={status}", "current": status == current}
        for status, label in choices
    ]


def _snippet(request: HttpRequest) -> str:
    """What a shop puts on the page of a product."""
    address = workspace_url(request.workspace, "surveys:widget_script")  # type: ignore[attr-defined]
    return (
        '<div data-viaggio-reviews data-product="SKU-123" data-name="Name of the product"></div>\n'
        f'<script src="{address}" defer></script>'
    )


@require_safe
def review_detail(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """One review with everything that can be done about it."""
    return _page(request, _review(review_id))


def _review(review_id: UUID) -> Review:
    return get_object_or_404(Review.objects.select_related("contact"), pk=review_id)


def _page(
    request: HttpRequest, review: Review, refusal: Invalid | None = None, **typed: str
) -> HttpResponse:
    context = {
        "review": review,
        "refusals": Review.Refusal.choices,
        "errors": {each.field: each.message for each in refusal.problems} if refusal else {},
        "reply": typed.get("reply", review.reply),
    }
    status = 422 if refusal else 200
    return render(request, "surveys/review_detail.html", context, status=status)


@require_safe
def review_photo(request: HttpRequest, review_id: UUID) -> HttpResponseBase:
    """The photo of any review, for members."""
    return photo_of(get_object_or_404(Review, pk=review_id))


def photo_of(review: Review) -> FileResponse:
    """The photo's file; 404 when the review has none."""
    name = review.photo.name
    if not name or not default_storage.exists(name):
        raise Http404
    return FileResponse(default_storage.open(name), content_type="image/jpeg")


@require_POST
def review_publish(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Let everybody read it."""
    review = _review(review_id)
    publish_review(review_id=review.pk, by=_member(request), now=timezone.now())
    messages.success(request, _("The review is published."))
    return redirect("surveys:reviews")


@require_POST
def review_refuse(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Refuse it, with the reason."""
    review = _review(review_id)
    reason = request.POST.get("reason", "")
    try:
        refuse_review(review_id=review.pk, reason=reason, by=_member(request), now=timezone.now())
    except Invalid as refusal:
        return _page(request, review, refusal)
    messages.success(request, _("The review is refused."))
    return redirect("surveys:reviews")


@require_POST
def review_reply(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Write, change or take away the answer below it."""
    review = _review(review_id)
    reply = request.POST.get("reply", "")
    try:
        reply_to_review(review_id=review.pk, reply=reply, by=_member(request), now=timezone.now())
    except Invalid as refusal:
        return _page(request, review, refusal, reply=reply)
    messages.success(request, _("Saved."))
    return redirect("surveys:review", review.pk)


def _member(request: HttpRequest) -> User:
    """Who acts; the access middleware lets nobody else in."""
    return cast(User, request.user)
