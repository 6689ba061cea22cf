"""The pages behind the link of a review request: one form for each product bought."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from core import rate_limits
from core.errors import Invalid
from surveys.limits import ANSWERS_OF_LINK
from surveys.links import read_token
from surveys.models import Review, ReviewRequest
from surveys.models.review import STARS
from surveys.photos import FORM_MAX, too_large
from surveys.services.reviewing import TEXT_MAX, TITLE_MAX, Written, item_of, submit_review
from tenants.context import current_schema
from tenants.hosting import hosted, is_same_origin, speak, stale, too_many
from tenants.pages import open_page


@open_page
@require_safe
def review_lines(request: HttpRequest, token: str) -> HttpResponse:
    """What was bought, each with the way to its form; one thing alone opens its form."""
    asked = _asked(token)
    if len(asked.items) == 1:
        return redirect("surveys:review_form", token, asked.items[0]["line_id"])
    with speak(asked.contact.language):
        context = {"lines": _lines(asked), "token": token}
        return hosted(request, "surveys/review_lines.html", context)


@open_page
@csrf_exempt  # no cookie, no session: the personal link is the credential
@require_http_methods(["GET", "HEAD", "POST"])
def review_form(request: HttpRequest, token: str, line_id: UUID) -> HttpResponse:
    """The form for one product, with `?a=4` four stars chosen; what is sent is kept."""
    asked = _asked(token)
    item = item_of(asked, line_id)
    if item is None:
        raise Http404
    with speak(asked.contact.language):
        if request.method == "POST":
            return _sent(request, asked, item, token)
        review = Review.objects.filter(contact_id=asked.contact_id, line_id=line_id).first()
        typed = {
            "stars": request.GET.get("a") or (str(review.stars) if review else ""),
            "title": review.title if review else "",
            "text": review.text if review else "",
        }
        return _page(request, item, typed, has_photo=bool(review and review.photo))


@open_page
@require_safe
def thanks(request: HttpRequest, token: str) -> HttpResponse:
    """The same words whatever the rating, and what else was bought."""
    asked = _asked(token)
    with speak(asked.contact.language):
        lines = [line for line in _lines(asked) if not line["is_done"]]
        return hosted(request, "surveys/review_thanks.html", {"lines": lines, "token": token})


def _asked(token: str) -> ReviewRequest:
    request_id = read_token("review", token)
    if request_id is None:
        raise Http404
    return get_object_or_404(ReviewRequest.objects.select_related("contact"), pk=request_id)


def _lines(asked: ReviewRequest) -> list[dict[str, Any]]:
    done = set(Review.objects.filter(contact_id=asked.contact_id).values_list("line_id", flat=True))
    return [
        {**item, "is_done": item["line_id"] in {str(line_id) for line_id in done}}
        for item in asked.items
    ]


def _sent(
    request: HttpRequest, asked: ReviewRequest, item: dict[str, Any], token: str
) -> HttpResponse:
    # Before anything of the body is read: 200 MB are refused by their announcement.
    if _announced(request) > FORM_MAX:
        return _refused(request, item, {}, too_large(), status=413)
    now = timezone.now()
    if not is_same_origin(request):
        return stale(request, request.path)
    subject = f"{current_schema('A review')} {asked.pk}"
    if not rate_limits.take(limit=ANSWERS_OF_LINK, subject=subject, now=now):
        return too_many(request, request.path, int(ANSWERS_OF_LINK.window.total_seconds()))
    typed = {name: request.POST.get(name, "") for name in ("stars", "title", "text")}
    written = Written(
        **typed,
        photo=request.FILES.get("photo"),
        without_photo="without_photo" in request.POST,
        language=get_language() or "en",
    )
    try:
        submit_review(request_id=asked.pk, line_id=UUID(item["line_id"]), written=written, now=now)
    except Invalid as refusal:
        return _refused(request, item, typed, refusal, status=400)
    return redirect("surveys:review_thanks", token)


def _announced(request: HttpRequest) -> int:
    """How long the body says it is; what says nothing is read as empty by the server."""
    length = request.META.get("CONTENT_LENGTH", "")
    return int(length) if str(length).isdecimal() else 0


def _refused(
    request: HttpRequest,
    item: dict[str, Any],
    typed: dict[str, str],
    refusal: Invalid,
    *,
    status: int,
) -> HttpResponse:
    errors = {problem.field: problem.message for problem in refusal.problems}
    return _page(request, item, typed, errors=errors, status=status)


def _page(
    request: HttpRequest,
    item: dict[str, Any],
    typed: dict[str, str],
    *,
    has_photo: bool = False,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "item": item,
        "typed": typed,
        "errors": errors or {},
        "has_photo": has_photo,
        "stars": [str(number) for number in STARS],
        "title_max": TITLE_MAX,
        "text_max": TEXT_MAX,
    }
    return hosted(request, "surveys/review_form.html", context, status=status)
