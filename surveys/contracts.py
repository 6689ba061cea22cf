"""What a kind of question is: what can be chosen, and how an answer is read. One file each."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.errors import Problem
from core.registry import Registry
from surveys.models import Answer, Question

Words = str | Promise


@dataclass(frozen=True)
class Choice:
    """One answer that can be chosen: what is stored, what is read."""

    value: str
    label: str


@dataclass(frozen=True)
class Given:
    """An answer as it is kept; `score` only for questions that measure."""

    value: Any
    score: int | None = None
    text: str = ""

    @property
    def values(self) -> list[str]:
        """The chosen answers, as `Choice.value` spells them."""
        if self.value is None:
            return []
        many = self.value if isinstance(self.value, list) else [self.value]
        return [str(each) for each in many]


class AnswerRefused(ValueError):
    """An answer that cannot be one to this question: a code and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message

    def problem(self, question: Question) -> Problem:
        """The refusal with the question it is about."""
        sentence = _("“%(question)s”: %(problem)s") % {
            "question": question.text,
            "problem": self.message,
        }
        return Problem(self.code, sentence, str(question.pk))


class QuestionType(ABC):
    """One kind of question."""

    key: ClassVar[str]
    label: ClassVar[Words]
    # True when the owner writes what can be chosen.
    has_options: ClassVar[bool] = False
    # True when several answers may be chosen.
    is_multiple: ClassVar[bool] = False
    # What the two ends of a scale mean; empty for what is no scale.
    ends: ClassVar[tuple[Words, Words] | tuple[()]] = ()

    @abstractmethod
    def choices(self, question: Question) -> list[Choice]:
        """What can be chosen, in order; [] for a question answered in words."""

    @abstractmethod
    def read(self, question: Question, sent: Sequence[str]) -> Given | None:
        """What was sent as an answer, None for nothing; raises AnswerRefused."""


class Scale(QuestionType):
    """A question answered by a whole number, which is its score."""

    lowest: ClassVar[int]
    highest: ClassVar[int]

    def choices(self, question: Question) -> list[Choice]:
        numbers = range(self.lowest, self.highest + 1)
        return [Choice(str(number), str(number)) for number in numbers]

    def read(self, question: Question, sent: Sequence[str]) -> Given | None:
        chosen = one_of(sent, self.choices(question))
        return None if chosen is None else Given(int(chosen), score=int(chosen))


def chosen_from(sent: Sequence[str], choices: Sequence[Choice]) -> list[str]:
    """The choices among what was sent, in their own order; raises AnswerRefused for any other."""
    wanted = {each for each in sent if each}
    known = [choice.value for choice in choices]
    if wanted - set(known):
        raise AnswerRefused("invalid_choice", _("Choose one of the answers shown."))
    return [value for value in known if value in wanted]


def one_of(sent: Sequence[str], choices: Sequence[Choice]) -> str | None:
    """The one choice that was sent, None for none; raises AnswerRefused."""
    chosen = chosen_from(sent, choices)
    if len(chosen) > 1:
        raise AnswerRefused("invalid_choice", _("Choose one answer only."))
    return chosen[0] if chosen else None


def options_of(question: Question) -> list[Choice]:
    """What the owner of a question lets people choose from."""
    return [Choice(option["value"], option["label"]) for option in question.options]


questions: Registry[QuestionType] = Registry("question types")


def type_of(question: Question) -> QuestionType:
    """The kind of a question; raises NotRegistered for one that is gone."""
    return questions.get(question.kind)


def in_words(answer: Answer, question: Question) -> str:
    """An answer as people read it."""
    labels = {each.value: each.label for each in type_of(question).choices(question)}
    chosen = [labels.get(value, value) for value in Given(answer.value).values]
    return answer.text or ", ".join(chosen)
