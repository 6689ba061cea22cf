"""Figures of a survey. Each is counted from the answers that its people page lists.

CSAT is the share of 4s and 5s among answers from 1 to 5. NPS is the share of 9s and 10s minus the
share of 0s to 6s, an integer from -100 to 100. The response rate is answered / asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, QuerySet

from surveys.contracts import type_of
from surveys.models import Answer, Invitation, Question, Survey
from surveys.models.survey import InvitationQuerySet

# An answer of several choices counts once for each.
COUNTS = f"""
    SELECT answer.question_id, chosen.value #>> '{{}}' AS value, count(*)
      FROM {Answer._meta.db_table} AS answer
      JOIN unnest(%s::uuid[]) AS asked (id) ON asked.id = answer.question_id,
           jsonb_array_elements(CASE jsonb_typeof(answer.value) WHEN 'array' THEN answer.value
                                ELSE jsonb_build_array(answer.value) END) AS chosen (value)
     GROUP BY 1, 2"""


@dataclass(frozen=True)
class ChoiceCount:
    """How many chose one answer, among those who answered the question."""

    value: str
    label: str
    count: int
    of: int

    @property
    def percent(self) -> float:
        """0 when nobody answered."""
        return 100 * self.count / self.of if self.of else 0.0


@dataclass(frozen=True)
class QuestionResult:
    """One question and how it was answered."""

    question: Question
    answered: int
    choices: list[ChoiceCount]
    # Whole per cent, None without answers or for a question that is not of this kind.
    csat: int | None = None
    nps: int | None = None


def results_of(survey: Survey) -> list[QuestionResult]:
    """All questions of a survey, in order; three queries for any number of answers."""
    asked = list(survey.questions.all())
    counts = _counts([question.pk for question in asked])
    answered = _answered(survey)
    return [
        _result(question, counts.get(question.pk, {}), answered.get(question.pk, 0))
        for question in asked
    ]


def _counts(question_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    found: dict[UUID, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, [list(question_ids)])
        for question_id, value, count in cursor.fetchall():
            if value is not None:
                found.setdefault(question_id, {})[value] = count
    return found


def _answered(survey: Survey) -> dict[UUID, int]:
    rows = Answer.objects.filter(survey=survey).values_list("question_id")
    return dict(rows.annotate(Count("pk")))


def _result(question: Question, counts: Mapping[str, int], answered: int) -> QuestionResult:
    labels = {each.value: each.label for each in type_of(question).choices(question)}
    # What can be chosen no longer was chosen once: it is still counted, under its old name.
    choices = [
        ChoiceCount(value, labels.get(value, value), counts.get(value, 0), answered)
        for value in [*labels, *sorted(counts.keys() - labels.keys())]
    ]
    return QuestionResult(
        question,
        answered,
        choices,
        csat=csat(counts) if question.kind == "scale" else None,
        nps=nps(counts) if question.kind == "nps" else None,
    )


def csat(counts: Mapping[str, int]) -> int | None:
    """The share of 4s and 5s among answers from 1 to 5, in whole per cent; None of none."""
    total = sum(counts.values())
    return round(100 * (counts.get("4", 0) + counts.get("5", 0)) / total) if total else None


def nps(counts: Mapping[str, int]) -> int | None:
    """Per cent of 9s and 10s minus per cent of 0s to 6s, -100 to 100; None of no answers."""
    total = sum(counts.values())
    if not total:
        return None
    promoters = counts.get("9", 0) + counts.get("10", 0)
    detractors = sum(counts.get(str(score), 0) for score in range(7))
    return round(100 * (promoters - detractors) / total)


def response_rate(*, answered: int, asked: int) -> int | None:
    """answered / asked in whole per cent; None when nobody was asked."""
    return round(100 * answered / asked) if asked else None


def headline(results: Sequence[QuestionResult]) -> QuestionResult | None:
    """The result whose CSAT or NPS stands for a survey; None when it measures nothing."""
    return next((each for each in results if each.csat is not None or each.nps is not None), None)


def people_of(survey: Survey, *, question: Question | None, value: str) -> InvitationQuerySet:
    """Who answered a question, all of them or those who chose one answer; all asked without."""
    invitations = Invitation.objects.filter(survey=survey)
    if question is None:
        return invitations
    answers = Answer.objects.filter(question=question)
    if value:
        answers = answers.filter(pk__in=_choosing(question, value))
    return invitations.filter(pk__in=answers.values("invitation_id"))


def _choosing(question: Question, value: str) -> "QuerySet[Answer, Any]":
    """The answers counted under one value: the same rows that COUNTS counts."""
    kind = type_of(question)
    wanted: Any = value
    if kind.is_multiple:
        return question.answers.filter(value__contains=[value]).values("pk")
    if not kind.has_options:
        wanted = int(value) if value.isdecimal() and value.isascii() and len(value) < 5 else None
    return question.answers.filter(value=wanted, value__isnull=False).values("pk")
