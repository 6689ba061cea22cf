"""What the business does with a review: let it be read, refuse it for its words, reply."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Invalid, Problem
from events.services import record
from surveys.contracts import AnswerRefused
from surveys.models import Review
from surveys.questions.text import clean_text
from surveys.services.reviewing import review_data
from tenants.audit import record_audit
from tenants.context import current_workspace
from tenants.models import User

REPLY_MAX = 2000


@transaction.atomic
def publish_review(*, review_id: UUID, by: User | None, by_name: str = "", now: datetime) -> bool:
    """Let everybody read it; False when they can already."""
    review = _locked(review_id)
    if review.status == Review.Status.PUBLISHED:
        return False
    _moderate(review, Review.Status.PUBLISHED, "", by, by_name, now)
    record(
        type="review.published",
        contact_id=review.contact_id,
        data=review_data(review),
        message_id=f"review.published:{review.pk}",
        now=now,
    )
    return True


@transaction.atomic
def refuse_review(
    *, review_id: UUID, reason: str, by: User | None, by_name: str = "", now: datetime
) -> bool:
    """Keep it from being read, for one of Review.Refusal; False when it is refused for it already.

    Raises Invalid `invalid_choice` for any other reason: a low rating is none.
    """
    if reason not in Review.Refusal.values:
        sentence = _("Choose why this review cannot be shown.")
        raise Invalid("invalid_choice", sentence, [Problem("invalid_choice", sentence, "reason")])
    review = _locked(review_id)
    if (review.status, review.refused_for) == (Review.Status.REFUSED, reason):
        return False
    _moderate(review, Review.Status.REFUSED, reason, by, by_name, now)
    return True


@transaction.atomic
def reply_to_review(
    *, review_id: UUID, reply: str, by: User | None, by_name: str = "", now: datetime
) -> bool:
    """Write the answer shown below the review, "" takes it away; False when it is so already.

    Raises Invalid `too_long` or `nul_character`.
    """
    try:
        words = clean_text(reply, most=REPLY_MAX)
    except AnswerRefused as refused:
        problem = Problem(refused.code, refused.message, "reply")
        raise Invalid(refused.code, refused.message, [problem]) from None
    review = _locked(review_id)
    if review.reply == words:
        return False
    review.reply, review.replied_at = words, now if words else None
    review.save(update_fields=["reply", "replied_at"])
    _audit("review.replied", review, by, by_name, now, {})
    return True


def _locked(review_id: UUID) -> Review:
    return Review.objects.select_for_update().get(pk=review_id)


def _moderate(
    review: Review, status: str, reason: str, by: User | None, by_name: str, now: datetime
) -> None:
    review.status, review.refused_for, review.moderated_at = status, reason, now
    review.moderated_by = (by.get_full_name() if by else by_name)[:120]
    review.save(update_fields=["status", "refused_for", "moderated_at", "moderated_by"])
    _audit(f"review.{status}", review, by, by_name, now, {"reason": reason} if reason else {})


def _audit(
    action: str,
    review: Review,
    by: User | None,
    by_name: str,
    now: datetime,
    detail: dict[str, Any],
) -> None:
    record_audit(
        workspace=current_workspace("A review"),
        actor=by,
        actor_label=by_name,
        action=action,
        target=review.product_name[:120],
        detail={"review": str(review.pk), **detail},
        now=now,
    )
