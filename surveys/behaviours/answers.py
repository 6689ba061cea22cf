"""They answer the survey they were asked last."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts import Behaviour, Option, Standpoint, behaviours
from surveys.contracts import Scale, type_of
from surveys.models import Invitation, Question
from surveys.services.answering import answer_survey

LOW, HIGH = "low", "high"
# Answers offered of a question whose answers are the owner's words.
MOST = 6


class Answers(Behaviour):
    """A scale low or high, else one of the answers; all other questions by their first."""

    key = "answers"
    label = gettext_lazy("Answers a survey")
    icon = "message-circle-question-mark"
    order = 40

    def options(self, at: Standpoint) -> Sequence[Option]:
        invitation = _invitation(at)
        question = _first(invitation) if invitation else None
        if invitation is None or question is None:
            return []
        survey = invitation.survey.name
        if isinstance(type_of(question), Scale):
            return [
                Option(_("Answers “%(survey)s” low") % {"survey": survey}, LOW),
                Option(_("Answers “%(survey)s” high") % {"survey": survey}, HIGH),
            ]
        return [
            Option(
                _("Answers “%(survey)s”: %(answer)s") % {"survey": survey, "answer": choice.label},
                str(number),
            )
            for number, choice in enumerate(type_of(question).choices(question)[:MOST])
        ]

    def act(self, at: Standpoint, value: str) -> None:
        invitation = _invitation(at)
        if invitation is None:
            return
        sent = {
            str(question.pk): _answer(question, value)
            for question in invitation.survey.questions.all()
        }
        answer_survey(invitation_id=invitation.pk, sent=sent, ip=None, now=at.now)


def _invitation(at: Standpoint) -> Invitation | None:
    """The newest one they have not answered, of a survey that is open."""
    found = Invitation.objects.filter(
        contact_id=at.contact_id, answered_at__isnull=True, survey__is_open=True
    )
    return found.select_related("survey").order_by("-pk").first()


def _first(invitation: Invitation) -> Question | None:
    """The first question that is answered by choosing."""
    questions = invitation.survey.questions.all()
    return next((each for each in questions if type_of(each).choices(each)), None)


def _answer(question: Question, value: str) -> list[str]:
    choices = [each.value for each in type_of(question).choices(question)]
    if not choices:
        return [_("A rehearsed answer")]
    if isinstance(type_of(question), Scale):
        return [choices[0] if value == LOW else choices[-1]]
    number = int(value) if value.isdigit() else 0
    return [choices[number] if number < len(choices) else choices[0]]


behaviours.register(Answers())
