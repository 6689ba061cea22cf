"""A customer writes about what they bought. The same for every rating: stars decide nothing."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import IO, Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Invalid, Problem
from core.ids import uuid7
from events.services import record
from surveys.contracts import AnswerRefused
from surveys.models import Review, ReviewRequest
from surveys.models.review import STARS
from surveys.photos import redrawn
from surveys.questions.text import clean_text

TITLE_MAX = 120
TEXT_MAX = 4000


@dataclass(frozen=True)
class Written:
    """What the form of a review sends; `photo` None keeps the one there is."""

    stars: str
    title: str = ""
    text: str = ""
    photo: IO[bytes] | None = None
    without_photo: bool = False
    language: str = "en"


def item_of(request: ReviewRequest, line_id: UUID) -> dict[str, Any] | None:
    """The asked-for line with this id; None when it was not asked about."""
    return next((item for item in request.items if item.get("line_id") == str(line_id)), None)


def submit_review(
    *, request_id: UUID, line_id: UUID, written: Written, now: datetime
) -> Review | None:
    """Keep the review of one bought line; None when the request does not ask about it.

    A second time changes the review, and what changed waits for a look again. Raises Invalid
    `invalid_choice`, `too_long`, `nul_character`, `empty`, `too_large` or `file_type`, with the
    field; nothing is written then.
    """
    content = _content(written)
    item = item_of(ReviewRequest.objects.get(pk=request_id), line_id)
    if item is None:
        return None
    if written.without_photo:
        content["photo"] = ""
    if written.photo:
        content["photo"] = default_storage.save(f"reviews/{uuid7()}.jpg", redrawn(written.photo))
    try:
        return _keep(request_id, line_id, item, content, now)
    except Exception:
        if content.get("photo"):
            default_storage.delete(content["photo"])
        raise


def _content(written: Written) -> dict[str, Any]:
    problems: list[Problem] = []
    if written.stars not in map(str, STARS):
        problems.append(Problem("invalid_choice", _("Choose one to five stars."), "stars"))
    content: dict[str, Any] = {"language": written.language}
    for name, most in (("title", TITLE_MAX), ("text", TEXT_MAX)):
        try:
            content[name] = clean_text(getattr(written, name), most=most)
        except AnswerRefused as refused:
            problems.append(Problem(refused.code, refused.message, name))
    if problems:
        raise Invalid(problems[0].code, problems[0].message, problems)
    return {**content, "stars": int(written.stars)}


@transaction.atomic
def _keep(
    request_id: UUID, line_id: UUID, item: dict[str, Any], content: dict[str, Any], now: datetime
) -> Review:
    # The lock makes two sends of one person follow each other.
    request = ReviewRequest.objects.select_for_update().get(pk=request_id)
    review = _review(request, line_id, item, now)
    _write(review, content)
    if request.answered_at is None:
        request.answered_at = now
        request.save(update_fields=["answered_at"])
    # Once a review, however often it is changed.
    record(
        type="review.submitted",
        contact_id=review.contact_id,
        data=review_data(review),
        message_id=f"review.submitted:{review.pk}",
        now=now,
    )
    return review


def _review(request: ReviewRequest, line_id: UUID, item: dict[str, Any], now: datetime) -> Review:
    """The review of this line, a new one when there is none."""
    found = Review.objects.select_for_update().filter(contact_id=request.contact_id)
    return found.filter(line_id=line_id).first() or Review(
        contact_id=request.contact_id,
        request=request,
        order_id=request.order_id,
        line_id=line_id,
        product_id=item.get("product_id") or None,
        product_name=item.get("name", ""),
        product_url=item.get("url", ""),
        image_url=item.get("image_url", ""),
        sku=item.get("sku", ""),
        submitted_at=now,
    )


def _write(review: Review, content: dict[str, Any]) -> None:
    if not review._state.adding and all(
        getattr(review, name) == value for name, value in content.items()
    ):
        return
    old = review.photo.name
    for name, value in content.items():
        setattr(review, name, value)
    review.status, review.refused_for = Review.Status.WAITING, ""
    review.save()
    if old and old != review.photo.name:
        transaction.on_commit(partial(default_storage.delete, old))


def review_data(review: Review) -> dict[str, Any]:
    """What the events of a review say."""
    return {
        "review_id": str(review.pk),
        "order_id": str(review.order_id or ""),
        "line_id": str(review.line_id),
        "product_id": str(review.product_id or ""),
        "product_name": review.product_name,
        "stars": review.stars,
    }
