from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from surveys.contracts import Choice, Given, QuestionType, one_of, options_of, questions
from surveys.models import Question


class SingleChoice(QuestionType):
    """One of the answers the owner wrote."""

    key = "single_choice"
    label = _("One answer of several")
    has_options = True

    def choices(self, question: Question) -> list[Choice]:
        return options_of(question)

    def read(self, question: Question, sent: Sequence[str]) -> Given | None:
        chosen = one_of(sent, self.choices(question))
        return None if chosen is None else Given(chosen)


questions.register(SingleChoice())
