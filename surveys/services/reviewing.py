"""A customer writes about what they bought. The same for every rating: stars decide nothing."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import IO, Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from contacts.models import Contact
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
    """Keep the review of one bought line; None when nobody is asked about it (any more).

    A second time changes the review, and what changed waits for a look again. Raises Invalid
    `invalid_choice`, `too_long`, `nul_character`, `empty`, `too_large` or `file_type`, with the
    field; nothing is written then.
    """
    content = _content(written)
    request = ReviewRequest.objects.filter(pk=request_id).first()
    item = item_of(request, line_id) if request else None
    if request is None or item is None:
        return None
    if written.without_photo:
        content["photo"] = ""
    if written.photo:
        content["photo"] = default_storage.save(f"reviews/{uuid7()}.jpg", redrawn(written.photo))
    kept = None
    try:
        kept = _keep(request, item, content, now)
    finally:
        if kept is None and content.get("photo"):
            default_storage.delete(content["photo"])
    return kept


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
    request: ReviewRequest, item: dict[str, Any], content: dict[str, Any], now: datetime
) -> Review | None:
    # One after the other, for all requests of one person: a line has one review.
    people = Contact.objects.select_for_update(no_key=True)
    if people.filter(pk=request.contact_id).first() is None:
        return None
    review = _review(request, item, now)
    _write(review, content)
    ReviewRequest.objects.filter(pk=request.pk, answered_at__isnull=True).update(answered_at=now)
    # Once a review, however often it is changed.
    record(
        type="review.submitted",
        contact_id=review.contact_id,
        data=review_data(review),
        message_id=f"review.submitted:{review.pk}",
        now=now,
    )
    return review


def _review(request: ReviewRequest, item: dict[str, Any], now: datetime) -> Review:
    """The review of this line, a new one when there is none."""
    line_id = UUID(item["line_id"])
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
