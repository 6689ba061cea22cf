"""What somebody answers, and everything that follows from it, in one transaction."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from contacts.consent import record_consent
from contacts.models import ConsentEntry
from contacts.tags import add_tags, remove_tag
from core.errors import Invalid, Problem
from core.ids import uuid7
from events.services import NewEvent, record_many
from surveys.contracts import AnswerRefused, Given, type_of
from surveys.models import Answer, Invitation, Question

# What an option may do besides being counted.
UNSUBSCRIBE = "unsubscribe"


@dataclass(frozen=True)
class Change:
    """One question whose answer is new, another, or taken back (`given` None)."""

    question: Question
    given: Given | None
    before: Answer | None

    @cached_property
    def answer(self) -> Answer:
        """The row to write; raises ValueError when the answer was taken back."""
        if self.given is None:
            raise ValueError("The answer was taken back.")
        return Answer(
            id=self.before.pk if self.before else uuid7(),
            question=self.question,
            survey_id=self.question.survey_id,
            value=self.given.value,
            score=self.given.score,
            text=self.given.text,
            revision=self.before.revision + 1 if self.before else 1,
        )

    def options(self, *, chosen: bool) -> Iterator[Mapping[str, Any]]:
        """The options chosen now; or those that were before and are no longer."""
        now = set(self.given.values) if self.given else set()
        was = set(Given(self.before.value).values) if self.before else set()
        wanted = now if chosen else was - now
        return (option for option in self.question.options if option["value"] in wanted)


@transaction.atomic
def answer_survey(
    *, invitation_id: UUID, sent: Mapping[str, Sequence[str]], ip: str | None, now: datetime
) -> bool:
    """Keep what was sent by question id; False when it says nothing new.

    A second time changes the answers. Raises Invalid `survey_closed`, or with a problem for each
    question that could not be read; nothing is written then.
    """
    # The lock makes two sends of one person follow each other.
    invitation = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("survey")
        .filter(pk=invitation_id)
        .first()
    )
    # Nobody is asked any more either when they were forgotten a moment ago.
    if invitation is None or not invitation.survey.is_open:
        raise Invalid("survey_closed", _("This survey is closed."))
    questions = list(invitation.survey.questions.all())
    given = _read(questions, sent)
    before = {each.question_id: each for each in invitation.answers.all()}
    changes = [
        Change(question, given[question.pk], before.get(question.pk))
        for question in questions
        if _differs(given[question.pk], before.get(question.pk))
    ]
    if changes:
        _keep(invitation, changes, now)
        _tag(invitation, changes, now)
        _act(invitation, changes, ip, now)
        _record(invitation, changes, now)
    return bool(changes)


def _read(
    questions: Sequence[Question], sent: Mapping[str, Sequence[str]]
) -> dict[UUID, Given | None]:
    found: dict[UUID, Given | None] = {}
    problems: list[Problem] = []
    for question in questions:
        try:
            found[question.pk] = _read_one(question, sent.get(str(question.pk), ()))
        except AnswerRefused as refusal:
            problems.append(refusal.problem(question))
    if problems:
        raise Invalid(problems[0].code, problems[0].message, problems)
    return found


def _read_one(question: Question, sent: Sequence[str]) -> Given | None:
    given = type_of(question).read(question, sent)
    if given is None and question.is_required:
        raise AnswerRefused("required", _("Choose or write an answer."))
    return given


def _differs(given: Given | None, before: Answer | None) -> bool:
    if given is None or before is None:
        return (given is None) != (before is None)
    return (given.value, given.text) != (before.value, before.text)


def _keep(invitation: Invitation, changes: Sequence[Change], now: datetime) -> None:
    gone = [change.before.pk for change in changes if change.before and not change.given]
    Answer.objects.filter(pk__in=gone).delete()
    rows = [change.answer for change in changes if change.given]
    for row in rows:
        row.invitation, row.contact_id, row.answered_at = invitation, invitation.contact_id, now
    Answer.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["invitation", "question"],
        update_fields=["value", "score", "text", "revision", "answered_at"],
    )
    if invitation.answered_at is None:
        invitation.answered_at = now
        invitation.save(update_fields=["answered_at"])


def _tag(invitation: Invitation, changes: Sequence[Change], now: datetime) -> None:
    """Tags follow the answer: a choice taken back takes its tag along."""
    who = invitation.contact_id
    for change in changes:
        for option in change.options(chosen=False):
            if option.get("tag"):
                remove_tag(contact_ids=[who], name=option["tag"], source="survey", now=now)
    add_tags(
        pairs=[(who, tag) for change in changes for tag in _tags(change)], source="survey", now=now
    )


def _tags(change: Change) -> list[str]:
    return [option["tag"] for option in change.options(chosen=True) if option.get("tag")]


def _act(invitation: Invitation, changes: Sequence[Change], ip: str | None, now: datetime) -> None:
    chosen = {option.get("act") for change in changes for option in change.options(chosen=True)}
    if UNSUBSCRIBE in chosen:
        record_consent(
            contact_ids=[invitation.contact_id],
            action=ConsentEntry.Action.UNSUBSCRIBED,
            source="survey",
            detail=invitation.survey.name,
            ip=ip,
            now=now,
        )


def _record(invitation: Invitation, changes: Sequence[Change], now: datetime) -> None:
    """`survey.answered` for each answer that is new, `survey.low_score` once an answer."""
    events = []
    for change in changes:
        if change.given:
            events.append(_answered(invitation, change, now))
            if _is_low(invitation, change.given):
                events.append(_low_score(invitation, change, now))
    record_many(events=events, now=now)


def _answered(invitation: Invitation, change: Change, now: datetime) -> NewEvent:
    answer, survey = change.answer, invitation.survey
    return NewEvent(
        type="survey.answered",
        occurred_at=now,
        contact_id=invitation.contact_id,
        data={
            "survey_id": str(survey.pk),
            "survey_key": survey.key,
            "survey_name": survey.name,
            "question_id": str(change.question.pk),
            "value": answer.value,
            "score": answer.score,
            # What was chosen as it was read, for people; words of their own stay in the answer.
            "answer": ", ".join(_labels(change)),
            "tags": _tags(change),
        },
        message_id=f"survey.answered:{answer.pk}:{answer.revision}",
    )


def _labels(change: Change) -> list[str]:
    chosen = change.given.values if change.given else []
    choices = type_of(change.question).choices(change.question)
    return [choice.label for choice in choices if choice.value in chosen]


def _low_score(invitation: Invitation, change: Change, now: datetime) -> NewEvent:
    return NewEvent(
        type="survey.low_score",
        occurred_at=now,
        contact_id=invitation.contact_id,
        data={
            "survey_id": str(invitation.survey_id),
            "survey_name": invitation.survey.name,
            "score": change.given.score if change.given else None,
            "subject": invitation.subject,
        },
        message_id=f"survey.low_score:{invitation.pk}:{change.question.pk}",
    )


def _is_low(invitation: Invitation, given: Given) -> bool:
    limit = invitation.survey.low_score
    return limit is not None and given.score is not None and given.score <= limit
