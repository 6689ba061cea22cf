"""`survey` and `review` in templates: where to answer, and an address for each answer.

They stand for what the run of the mail asked last; a mail without a run, or whose run asked
nothing, shows what the contact was asked last.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.contracts import MergeField, MergeRequest, Words, merge_fields
from surveys.contracts import type_of
from surveys.links import make_token
from surveys.models import Invitation, Question, Review, ReviewRequest, Survey
from surveys.models.review import STARS
from tenants.context import current_workspace
from tenants.hosts import workspace_origin

LAST = """
     ORDER BY (asked.enrolment_id = wanted.enrolment_id) IS TRUE DESC, asked.asked_at DESC,
              asked.id DESC LIMIT 1"""
WANTED = """
    unnest(%(contacts)s::uuid[], %(enrolments)s::uuid[])
        WITH ORDINALITY AS wanted (contact_id, enrolment_id, place)"""

SURVEYS = f"""
    SELECT wanted.place, asked.id, asked.name, first.kind, first.text, first.options
      FROM {WANTED}
     CROSS JOIN LATERAL (
           SELECT asked.id, survey.id AS survey_id, survey.name
             FROM {Invitation._meta.db_table} AS asked
             JOIN {Survey._meta.db_table} AS survey ON survey.id = asked.survey_id
            WHERE asked.contact_id = wanted.contact_id AND survey.is_open
              AND asked.asked_at <= %(now)s {LAST}) AS asked
     CROSS JOIN LATERAL (
           SELECT kind, text, options FROM {Question._meta.db_table}
            WHERE survey_id = asked.survey_id ORDER BY position, id LIMIT 1) AS first"""

# Lines that were reviewed since are left out.
REVIEWS = f"""
    SELECT wanted.place, asked.id, asked.items,
           ARRAY(SELECT line_id::text FROM {Review._meta.db_table} AS done
                  WHERE done.contact_id = wanted.contact_id)
      FROM {WANTED}
     CROSS JOIN LATERAL (
           SELECT asked.id, asked.items FROM {ReviewRequest._meta.db_table} AS asked
            WHERE asked.contact_id = wanted.contact_id AND asked.asked_at <= %(now)s
            {LAST}) AS asked"""


def survey_values(requests: Sequence[MergeRequest], now: datetime) -> list[dict[str, Any] | None]:
    """{name, question, url, scale: [{value, label, url}], lowest, highest} of an open survey."""
    found: list[dict[str, Any] | None] = [None] * len(requests)
    origin = _origin()
    for place, invitation_id, name, kind, text, options in _asked(SURVEYS, requests, now):
        first = Question(kind=kind, text=text, options=json.loads(options))
        url = f"{origin}/survey/{make_token('survey', invitation_id)}/"
        found[place - 1] = {"name": name, "url": url, **_question(first, url)}
    return found


def _asked(statement: str, requests: Sequence[MergeRequest], now: datetime) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "contacts": [request.contact_id for request in requests],
                "enrolments": [request.enrolment_id for request in requests],
                "now": now,
            },
        )
        return cursor.fetchall()


def _origin() -> str:
    return workspace_origin(current_workspace("A survey link"))


def _question(first: Question, url: str) -> dict[str, Any]:
    kind = type_of(first)
    lowest, highest = kind.ends or ("", "")
    return {
        "question": first.text,
        "scale": [
            {"value": each.value, "label": each.label, "url": f"{url}?a={each.value}"}
            for each in kind.choices(first)
        ],
        "lowest": str(lowest),
        "highest": str(highest),
    }


def review_values(requests: Sequence[MergeRequest], now: datetime) -> list[dict[str, Any] | None]:
    """{url, items: [{name, image_url, url, stars: [{n, url}]}]} of what is still to be reviewed."""
    found: list[dict[str, Any] | None] = [None] * len(requests)
    origin = _origin()
    for place, request_id, lines, done in _asked(REVIEWS, requests, now):
        url = f"{origin}/review/{make_token('review', request_id)}/"
        left = [item for item in json.loads(lines) if item["line_id"] not in done]
        if left:
            items = [_item(item, f"{url}{item['line_id']}/") for item in left]
            found[place - 1] = {"url": url, "items": items}
    return found


def _item(item: dict[str, Any], url: str) -> dict[str, Any]:
    return {
        "name": item.get("name", ""),
        "image_url": item.get("image_url", ""),
        "url": url,
        "stars": [{"n": stars, "url": f"{url}?a={stars}"} for stars in STARS],
    }


def _sample_survey() -> dict[str, Any]:
    question = Question(kind="scale", text=gettext("How happy are you with your order?"))
    url = "https://example.com/survey/"
    return {"name": gettext("Satisfaction"), "url": url, **_question(question, url)}


def _sample_review() -> dict[str, Any]:
    url = "https://example.com/review/"
    return {"url": url, "items": [_item({"name": gettext("Rye bread")}, url)]}


def _survey_examples() -> list[tuple[str, Words, str]]:
    return [
        ("survey.question", _("Question of the survey"), "How was your order?"),
        ("survey.url", _("Link to the survey"), "https://…/survey/…/"),
    ]


def _review_examples() -> list[tuple[str, Words, str]]:
    return [("review.url", _("Link to the reviews"), "https://…/review/…/")]


merge_fields.register(
    MergeField("survey", _("Survey"), survey_values, _survey_examples, sample=_sample_survey)
)
merge_fields.register(
    MergeField("review", _("Review"), review_values, _review_examples, sample=_sample_review)
)
