from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from surveys.contracts import Choice, Given, QuestionType, chosen_from, options_of, questions
from surveys.models import Question


class MultipleChoice(QuestionType):
    """Any number of the answers the owner wrote."""

    key = "multiple_choice"
    label = _("Any number of answers")
    has_options = True
    is_multiple = True

    def choices(self, question: Question) -> list[Choice]:
        return options_of(question)

    def read(self, question: Question, sent: Sequence[str]) -> Given | None:
        chosen = chosen_from(sent, self.choices(question))
        return Given(chosen) if chosen else None


questions.register(MultipleChoice())
