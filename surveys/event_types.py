"""What the log says of surveys and reviews."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events.contracts import EventType, event_types


def _answer(data: dict[str, Any]) -> str:
    words = {"survey": data.get("survey_name", ""), "answer": data.get("answer", "")}
    if not words["answer"]:
        return _("Wrote an answer to “%(survey)s”") % words
    return _("Answered “%(survey)s”: %(answer)s") % words


def _low(data: dict[str, Any]) -> str:
    words = {"survey": data.get("survey_name", ""), "score": data.get("score", "")}
    return _("Low score for “%(survey)s”: %(score)s") % words


def _review(data: dict[str, Any]) -> str:
    stars = data.get("stars")
    if not isinstance(stars, int):
        return str(data.get("product_name", ""))
    words = ngettext(
        "Reviewed “%(product)s” with %(count)s star",
        "Reviewed “%(product)s” with %(count)s stars",
        stars,
    )
    return words % {"product": data.get("product_name", ""), "count": stars}


def _published(data: dict[str, Any]) -> str:
    return _("Review of “%(product)s” published") % {"product": data.get("product_name", "")}


for event_type in (
    EventType("survey.answered", gettext_lazy("Answered a survey"), "message-circle-question-mark",
              "info", _answer, is_activity=True),
    EventType("survey.low_score", gettext_lazy("Gave a low score"), "frown", "bad", _low),
    EventType("review.submitted", gettext_lazy("Wrote a review"), "star", "ok", _review,
              is_activity=True),
    EventType("review.published", gettext_lazy("Review published"), "badge-check", "", _published),
):  # fmt: skip
    event_types.register(event_type)
