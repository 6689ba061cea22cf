"""A survey was answered."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.naming import names
from core.errors import Problem
from events.models import Event
from journeys.contracts import Check, Config, Entry, entries
from surveys.choosing import survey_choices, survey_named
from surveys.models import Survey


class SurveyAnsweredForm(forms.Form):
    """Which survey, and from which score on it is too good to start."""

    survey = forms.ChoiceField(label=gettext_lazy("Survey"), choices=survey_choices)
    at_most = forms.IntegerField(
        label=gettext_lazy("Only with a score of at most"),
        min_value=0,
        max_value=10,
        required=False,
        help_text=gettext_lazy("Empty: any answer."),
    )


class SurveyAnswered(Entry):
    """Any answer to one survey, or only low scores."""

    key = "survey_answered"
    label = gettext_lazy("Survey answered")
    icon = "message-circle-question-mark"
    form = SurveyAnsweredForm

    def example(self) -> Config:
        survey = Survey.objects.first()
        return {"survey": str(survey.pk) if survey else ""}

    def summary(self, config: Config) -> str:
        survey = survey_named(config)
        if survey is None:
            return _("No survey chosen")
        words = {"survey": survey.name, "score": config.get("at_most")}
        if config.get("at_most") is None:
            return _("When “%(survey)s” is answered") % words
        return _("When “%(survey)s” is answered with %(score)s or less") % words

    def problems(self, config: Config) -> list[Problem]:
        if survey_named(config):
            return []
        return [Problem("survey_missing", _("Choose a survey."), field="survey")]

    def event_type(self, config: Config) -> str:
        return "survey.answered"

    def matches(self, config: Config, event: Event) -> bool:
        if event.data.get("survey_id") != config.get("survey"):
            return False
        most, score = config.get("at_most"), event.data.get("score")
        return most is None or (isinstance(score, int) and score <= most)

    def checks(self, config: Config, event: Event) -> list[Check]:
        named = names("surveys", lambda: dict(survey_choices()))
        asked, given = str(config.get("survey")), event.data.get("survey_id")
        words = {"survey": named.get(asked, ""), "other": named.get(str(given), "")}
        which = Check(
            _("the survey is “%(survey)s”") % words,
            given == config.get("survey"),
            _("it was “%(other)s”") % words if words["other"] else "",
        )
        most, score = config.get("at_most"), event.data.get("score")
        if most is None:
            return [which]
        fits = isinstance(score, int) and score <= most
        had = _("it has no score") if score is None else _("it was %(score)s") % {"score": score}
        return [which, Check(_("the score is %(most)s or less") % {"most": most}, fits, had)]


entries.register(SurveyAnswered())
