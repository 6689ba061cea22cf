"""How somebody answered a survey."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.contracts import ConditionScope, conditions
from surveys.choosing import survey_choices, survey_named, uuid_of
from surveys.models import Answer, Invitation, Survey


class SurveyAnswerForm(forms.Form):
    """Which survey, and which answer; without one, any answer."""

    survey = forms.ChoiceField(label=gettext_lazy("Survey"), choices=survey_choices)
    at_least = forms.IntegerField(
        label=gettext_lazy("Score at least"), min_value=0, max_value=10, required=False
    )
    at_most = forms.IntegerField(
        label=gettext_lazy("Score at most"), min_value=0, max_value=10, required=False
    )
    value = forms.CharField(
        label=gettext_lazy("Answer"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("As it is written in the survey."),
    )


class SurveyAnswerCondition:
    """The last time they answered this survey counts, not what they said before."""

    key = "survey_answer"
    label = gettext_lazy("Survey answer")
    group = gettext_lazy("What they said")
    icon = "message-circle-question-mark"
    form = SurveyAnswerForm

    def summary(self, config: dict[str, Any]) -> str:
        survey = survey_named(config)
        name = survey.name if survey else _("a survey that is gone")
        parts = [_("who answered “%(survey)s”") % {"survey": name}]
        if config.get("at_least") is not None:
            parts.append(_("with %(score)s or more") % {"score": config["at_least"]})
        if config.get("at_most") is not None:
            parts.append(_("with %(score)s or less") % {"score": config["at_most"]})
        if config.get("value"):
            parts.append(_("with “%(answer)s”") % {"answer": config["value"]})
        return " ".join(parts)

    def as_q(self, config: dict[str, Any], scope: ConditionScope) -> Q:
        survey = uuid_of(config.get("survey"))
        last = (
            Invitation.objects.filter(
                survey=survey, contact=OuterRef("contact"), answered_at__lte=scope.now
            )
            .order_by("-answered_at", "-id")
            .values("pk")[:1]
        )
        answers = Answer.objects.filter(
            _wanted(config, survey),
            contact=OuterRef("pk"),
            survey=survey,
            answered_at__lte=scope.now,
            invitation=Subquery(last),
        )
        return Q(Exists(answers))


def _wanted(config: dict[str, Any], survey: Any) -> Q:
    wanted = Q()
    if config.get("at_least") is not None:
        wanted &= Q(score__gte=config["at_least"])
    if config.get("at_most") is not None:
        wanted &= Q(score__lte=config["at_most"])
    if config.get("value"):
        wanted &= _said(config["value"], survey)
    return wanted


def _said(words: str, survey: Any) -> Q:
    """An option by its value or by its label, or the score itself."""
    said = Q(value=words) | Q(value__contains=[words])
    if words.isascii() and words.isdecimal() and len(words) < 4:
        said |= Q(score=int(words))
    found = Survey.objects.filter(pk=survey).values_list("questions__options", flat=True)
    for options in found:
        for option in options or ():
            if option["label"].lower() == words.lower():
                said |= Q(value=option["value"]) | Q(value__contains=[option["value"]])
    return said


conditions.register(SurveyAnswerCondition())
