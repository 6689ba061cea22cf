"""Who stands behind the numbers of a survey."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from surveys.contracts import in_words, type_of
from surveys.models import Answer, Invitation, Question, Survey
from surveys.results import people_of

PAGE_SIZE = 50


@require_safe
def survey_people(request: HttpRequest, survey_id: UUID) -> HttpResponse:
    """Who was asked, newest first: ?state=answered or silent, ?question= and ?value= of a count."""
    survey = get_object_or_404(Survey, pk=survey_id)
    questions = {str(question.pk): question for question in survey.questions.all()}
    question = questions.get(request.GET.get("question", ""))
    value = request.GET.get("value", "") if question else ""
    state = request.GET.get("state", "")
    found = people_of(survey, question=question, value=value).in_state(state)
    found = found.before(request.GET.get("before", ""))
    rows = list(found.select_related("contact")[: PAGE_SIZE + 1])
    context = {
        "survey": survey,
        "question": question,
        "value": _label(question, value),
        "states": _states(state),
        "rows": _with_answers(rows[:PAGE_SIZE], questions),
        "next_url": _next_url(request, rows),
    }
    return render(request, "surveys/survey_people.html", context)


def _label(question: Question | None, value: str) -> str:
    if question is None:
        return ""
    labels = {each.value: each.label for each in type_of(question).choices(question)}
    return labels.get(value, value)


def _with_answers(
    rows: list[Invitation], questions: dict[str, Question]
) -> list[tuple[Invitation, list[str]]]:
    """Each with its answers in words, in the order of the questions; one query for all."""
    answers = Answer.objects.filter(invitation__in=[row.pk for row in rows])
    words: dict[UUID, dict[UUID, str]] = {}
    for answer in answers:
        mine = words.setdefault(answer.invitation_id, {})
        mine[answer.question_id] = in_words(answer, questions[str(answer.question_id)])
    order = [question.pk for question in questions.values()]
    found = [(row, words.get(row.pk, {})) for row in rows]
    return [(row, [said[pk] for pk in order if pk in said]) for row, said in found]


def _states(current: str) -> list[dict[str, Any]]:
    choices = [("", _("All")), ("answered", _("Answered")), ("silent", _("No answer yet"))]
    return [
        {"label": label, "url": f"?state={state}" if state else "?", "current": state == current}
        for state, label in choices
    ]


def _next_url(request: HttpRequest, rows: list[Invitation]) -> str:
    if len(rows) <= PAGE_SIZE:
        return ""
    asked = {name: value for name, value in request.GET.items() if name != "before"}
    return "?" + urlencode({**asked, "before": rows[PAGE_SIZE - 1].pk})
