"""Keeping the surveys: making, changing, opening and closing them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core.errors import Invalid, Problem
from core.ids import uuid7
from surveys.contracts import questions
from surveys.models import Answer, Question, Survey
from tenants.audit import record_audit
from tenants.context import current_workspace
from tenants.models import User


@dataclass(frozen=True)
class QuestionDraft:
    """What an owner decides about a question; `id` None for a new one."""

    kind: str
    text: str
    # (label, tag or "") in order.
    options: Sequence[tuple[str, str]] = ()
    is_required: bool = True
    id: UUID | None = None


@dataclass(frozen=True)
class SurveyDraft:
    """What an owner decides about a survey."""

    key: str
    name: str
    kind: str
    language: str
    title: str
    thanks: str = ""
    low_score: int | None = None
    questions: Sequence[QuestionDraft] = field(default_factory=tuple)

    def values(self) -> dict[str, object]:
        """The columns of Survey."""
        return {key: value for key, value in vars(self).items() if key != "questions"}


@contextmanager
def _whole_or_refused() -> Iterator[None]:
    """One transaction; a name that somebody else took in the meantime raises Invalid."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "key" not in str(error):
            raise
        problem = Problem("key_taken", _("Another survey has this short name."), field="key")
        raise Invalid(problem.code, problem.message, [problem]) from error


@_whole_or_refused()
def create_survey(*, draft: SurveyDraft, by: User, now: datetime) -> Survey:
    """A new survey, open at once.

    Raises Invalid `key_taken`, `no_question`, `options_missing`.
    """
    survey = Survey.objects.create(created_at=now, **draft.values())
    _write_questions(survey, draft.questions)
    _audit("survey.created", survey, by, now)
    return survey


@_whole_or_refused()
def update_survey(*, survey_id: UUID, draft: SurveyDraft, by: User, now: datetime) -> Survey:
    """Change a survey. What was answered stays, with the question it was an answer to.

    Raises Invalid `key_taken`, `no_question`, `options_missing`, or `question_answered` when a
    question that has answers is left out or becomes one of another kind.
    """
    survey = Survey.objects.select_for_update().get(pk=survey_id)
    for key, value in draft.values().items():
        setattr(survey, key, value)
    survey.save()
    _write_questions(survey, draft.questions)
    _audit("survey.changed", survey, by, now)
    return survey


@transaction.atomic
def set_survey_open(*, survey_id: UUID, is_open: bool, by: User, now: datetime) -> bool:
    """Open or close a survey to answers; False when it was so already."""
    changed = Survey.objects.filter(pk=survey_id, is_open=not is_open).update(is_open=is_open)
    if changed:
        survey = Survey.objects.get(pk=survey_id)
        _audit("survey.opened" if is_open else "survey.closed", survey, by, now)
    return bool(changed)


def _write_questions(survey: Survey, drafts: Sequence[QuestionDraft]) -> None:
    if not drafts:
        raise _refused("no_question", _("A survey asks at least one question."))
    old = {question.pk: question for question in survey.questions.all()}
    kept = [_question(survey, number, draft, old) for number, draft in enumerate(drafts, start=1)]
    gone = [pk for pk in old if pk not in {question.pk for question in kept}]
    _refuse_answered([*gone, *(each.pk for each in kept if _changed_kind(each, old))])
    Question.objects.filter(pk__in=gone).delete()
    Question.objects.bulk_create(
        kept,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["position", "kind", "text", "options", "is_required"],
    )


def _changed_kind(question: Question, old: dict[UUID, Question]) -> bool:
    return question.pk in old and old[question.pk].kind != question.kind


def _question(
    survey: Survey, number: int, draft: QuestionDraft, old: dict[UUID, Question]
) -> Question:
    before = old.get(draft.id) if draft.id else None
    if questions.get(draft.kind).has_options and len(draft.options) < 2:
        sentence = _("“%(question)s” needs at least two answers to choose from.")
        raise _refused("options_missing", sentence % {"question": draft.text})
    return Question(
        id=before.pk if before else uuid7(),
        survey=survey,
        position=number,
        kind=draft.kind,
        text=draft.text,
        options=options_from(draft.options, before.options if before else []),
        is_required=draft.is_required,
    )


def options_from(
    wanted: Sequence[tuple[str, str]], before: Sequence[dict[str, Any]]
) -> list[dict[str, str]]:
    """Options as they are stored; one that is renamed in its place keeps its value and its act.

    So answers given before still count for it, and "leave" still unsubscribes.
    """
    by_label = {option["label"]: option for option in before}
    labels = {label for label, _tag in wanted}
    renamed = [option if option["label"] not in labels else None for option in before]
    found: list[dict[str, str]] = []
    for place, (label, tag) in enumerate(wanted):
        old = by_label.get(label) or (renamed[place] if place < len(renamed) else None) or {}
        value = old.get("value") or _free(slugify(label)[:40] or f"answer-{place + 1}", found)
        found.append({"value": value, "label": label, "tag": tag, "act": old.get("act", "")})
    return found


def _free(value: str, taken: Sequence[dict[str, str]]) -> str:
    values = {option["value"] for option in taken}
    tries = (f"{value}-{number}" if number else value for number in range(len(values) + 1))
    return next(each for each in tries if each not in values)


def _refuse_answered(question_ids: Sequence[UUID]) -> None:
    answered = Answer.objects.filter(question__in=question_ids).select_related("question").first()
    if answered:
        sentence = _("“%(question)s” has answers: it cannot be removed or become another kind.")
        raise _refused("question_answered", sentence % {"question": answered.question.text})


def _refused(code: str, sentence: str) -> Invalid:
    return Invalid(code, sentence, [Problem(code, sentence, "questions")])


def _audit(action: str, survey: Survey, by: User, now: datetime) -> None:
    record_audit(
        workspace=current_workspace("A survey"),
        actor=by,
        action=action,
        target=survey.name,
        detail={"survey": str(survey.pk)},
        now=now,
    )
