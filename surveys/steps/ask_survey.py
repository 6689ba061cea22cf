"""Ask a survey: the mail that follows carries its links."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Problem
from journeys.contracts import Config, Next, Outcome, Step, StepBatch, Words, steps
from surveys.choosing import survey_choices, survey_named, uuid_of
from surveys.models import Survey
from surveys.services.asking import NewInvitation, invite
from surveys.visits import visits_of


class AskSurveyForm(forms.Form):
    """Which survey."""

    survey = forms.ChoiceField(
        label=gettext_lazy("Survey"),
        choices=survey_choices,
        help_text=gettext_lazy("The next mail of this journey carries its links."),
    )


class AskSurvey(Step):
    """One invitation a visit; `{{ survey.url }}` of the mails after it leads there."""

    key = "ask_survey"
    label = gettext_lazy("Ask a survey")
    icon = "message-circle-question-mark"
    family = "data"
    form = AskSurveyForm

    def example(self) -> Config:
        survey = Survey.objects.filter(is_open=True).first()
        return {"survey": str(survey.pk) if survey else ""}

    def summary(self, config: Config) -> str:
        return self.summaries([config])[0]

    def summaries(self, configs: Sequence[Config]) -> list[str]:
        chosen = [uuid_of(config.get("survey")) for config in configs]
        wanted = [each for each in chosen if each]
        names = dict(Survey.objects.filter(pk__in=wanted).values_list("pk", "name"))
        return [(each and names.get(each)) or _("No survey chosen") for each in chosen]

    def doors(self, config: Config) -> list[tuple[Words, str]]:
        survey = survey_named(config)
        return (
            [(_("Open this survey"), reverse("surveys:survey", args=[survey.pk]))] if survey else []
        )

    def problems(self, config: Config) -> list[Problem]:
        survey = survey_named(config)
        if survey is None:
            return [Problem("survey_missing", _("Choose a survey to ask."), field="survey")]
        if not survey.is_open:
            sentence = _("This survey is closed. Open it first.")
            return [Problem("survey_closed", sentence, field="survey")]
        return []

    def run(self, batch: StepBatch) -> Sequence[Outcome]:
        return [Next()] * len(batch.runs)

    def act(self, batch: StepBatch) -> None:
        self.act_many([batch])

    def act_many(self, batches: Sequence[StepBatch]) -> None:
        invite(
            invitations=[
                NewInvitation(
                    survey_id=UUID(batch.config["survey"]),
                    who=visit,
                    subject=_subject(run.context),
                )
                for batch in batches
                for run, visit in visits_of(batch)
            ],
            now=batches[0].now,
        )


def _subject(context: Mapping[str, Any]) -> str:
    """What the run is about: the number of its order, if it has one."""
    number = context.get("number")
    return str(number) if isinstance(number, (str, int)) else ""


steps.register(AskSurvey())
