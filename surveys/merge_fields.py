"""`survey` and `review` in templates: where to answer, and an address for each answer.

They stand for what the contact was asked last; the steps that ask come before the mail.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from contacts.contracts import MergeField, Words, merge_fields
from surveys.contracts import type_of
from surveys.links import make_token
from surveys.models import Question, Review, ReviewRequest
from surveys.models.review import STARS
from tenants.context import current_workspace
from tenants.hosts import workspace_origin


def survey_values(contact_ids: Sequence[UUID], now: datetime) -> dict[UUID, Any]:
    """{name, question, url, scale: [{value, label, url}]} of the newest open survey each was asked.

    One query for any number of contacts. Who was asked nothing is left out.
    """
    firsts = (
        Question.objects.filter(
            survey__is_open=True,
            survey__invitations__contact__in=contact_ids,
            survey__invitations__asked_at__lte=now,
        )
        .annotate(
            invitation=F("survey__invitations__pk"),
            contact=F("survey__invitations__contact"),
            asked_at=F("survey__invitations__asked_at"),
            survey_name=F("survey__name"),
        )
        .order_by("contact", "-asked_at", "-invitation", "position", "id")
        .distinct("contact")
    )
    origin = _Origin()
    return {first.contact: _survey(first, origin) for first in firsts}


class _Origin:
    """The workspace's address, asked for once, and only when there is something to say."""

    def __init__(self) -> None:
        self._known = ""

    def __str__(self) -> str:
        self._known = self._known or workspace_origin(current_workspace("A survey link"))
        return self._known


def _survey(first: Any, origin: _Origin) -> dict[str, Any]:
    url = f"{origin}/survey/{make_token('survey', first.invitation)}/"
    ends = type_of(first).ends
    return {
        "name": first.survey_name,
        "question": first.text,
        "url": url,
        "scale": [
            {"value": each.value, "label": each.label, "url": f"{url}?a={each.value}"}
            for each in type_of(first).choices(first)
        ],
        "lowest": str(ends[0]) if ends else "",
        "highest": str(ends[1]) if ends else "",
    }


# The lines a contact has reviewed, for leaving them out.
DONE = f"""
    ARRAY(SELECT line_id::text FROM {Review._meta.db_table} AS done
           WHERE done.contact_id = {ReviewRequest._meta.db_table}.contact_id)"""


def review_values(contact_ids: Sequence[UUID], now: datetime) -> dict[UUID, Any]:
    """{url, items: [{name, image_url, url, stars: [{n, url}]}]} of what each was asked to review.

    What they have reviewed since is left out. One query for any number of contacts.
    """
    newest = (
        ReviewRequest.objects.filter(contact__in=contact_ids, asked_at__lte=now)
        .annotate(done=RawSQL(DONE, []))  # noqa: S611 - a constant
        .order_by("contact", "-asked_at", "-id")
        .distinct("contact")
    )
    origin = _Origin()
    return {asked.contact_id: _review(asked, origin) for asked in newest}


def _review(asked: Any, origin: _Origin) -> dict[str, Any]:
    url = f"{origin}/review/{make_token('review', asked.pk)}/"
    left = [item for item in asked.items if item["line_id"] not in asked.done]
    return {"url": url, "items": [_item(item, f"{url}{item['line_id']}/") for item in left]}


def _item(item: dict[str, Any], url: str) -> dict[str, Any]:
    return {
        "name": item.get("name", ""),
        "image_url": item.get("image_url", ""),
        "url": url,
        "stars": [{"n": stars, "url": f"{url}?a={stars}"} for stars in STARS],
    }


def _survey_examples() -> list[tuple[str, Words, str]]:
    return [
        ("survey.question", _("Question of the survey"), "How was your order?"),
        ("survey.url", _("Link to the survey"), "https://…/survey/…/"),
    ]


def _review_examples() -> list[tuple[str, Words, str]]:
    return [("review.url", _("Link to the reviews"), "https://…/review/…/")]


merge_fields.register(MergeField("survey", _("Survey"), survey_values, _survey_examples))
merge_fields.register(MergeField("review", _("Review"), review_values, _review_examples))
