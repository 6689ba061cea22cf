from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surveys.contracts import AnswerRefused, Choice, Given, QuestionType, questions
from surveys.models import Question

TEXT_MAX = 2000


def clean_text(text: str, *, most: int = TEXT_MAX) -> str:
    """A text with plain line ends and nothing around it; raises AnswerRefused."""
    if "\x00" in text:
        raise AnswerRefused("nul_character", _("The text has a NUL character in it."))
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > most:
        sentence = _("At most %(most)d characters, please.") % {"most": most}
        raise AnswerRefused("too_long", sentence)
    return text


class Text(QuestionType):
    """Words of their own."""

    key = "text"
    label = gettext_lazy("Text")

    def choices(self, question: Question) -> list[Choice]:
        return []

    def read(self, question: Question, sent: Sequence[str]) -> Given | None:
        text = clean_text("\n".join(sent))
        return Given(None, text=text) if text else None


questions.register(Text())
