"""What journeys can do with mail: the "send email" step."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.messages import NewMessage, queue_messages
from campaigns.models import Message, Template
from core.errors import Problem
from journeys.contracts import (
    Config,
    MessageForm,
    Next,
    Outcome,
    Step,
    StepBatch,
    not_after,
    steps,
)


class SendEmailForm(MessageForm):
    """Which mail, and how late is too late."""

    template = forms.ChoiceField(label=gettext_lazy("Mail"))
    field_order = ("template", "not_after_hours")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["template"].choices = [  # type: ignore[attr-defined]
            (str(pk), name)
            for pk, name in Template.objects.filter(live_version__isnull=False).values_list(
                "pk", "name"
            )
        ]


class SendEmail(Step):
    """Queues one message a visit; whether it leaves is the send policy's to say."""

    key = "send_email"
    label = gettext_lazy("Email")
    icon = "mail"
    family = "message"
    form = SendEmailForm

    def example(self) -> Config:
        template = Template.objects.filter(live_version__isnull=False).first()
        return {"template": str(template.pk) if template else "", "not_after_hours": None}

    def summary(self, config: Config) -> str:
        return self.summaries([config])[0]

    def summaries(self, configs: Sequence[Config]) -> list[str]:
        chosen = [_uuid(config.get("template")) for config in configs]
        names = dict(
            Template.objects.filter(pk__in=[each for each in chosen if each]).values_list(
                "pk", "name"
            )
        )
        return [(each and names.get(each)) or _("No mail chosen") for each in chosen]

    def problems(self, config: Config) -> list[Problem]:
        chosen = _uuid(config.get("template"))
        template = Template.objects.filter(pk=chosen).first() if chosen else None
        if template is None:
            return [Problem("template_missing", _("Choose a mail to send."), field="template")]
        if template.live_version_id is None:
            return [Problem("template_draft", _("Save this mail first."), field="template")]
        return []

    def run(self, batch: StepBatch) -> Sequence[Outcome]:
        return [Next()] * len(batch.runs)

    def act(self, batch: StepBatch) -> None:
        self.act_many([batch])

    def act_many(self, batches: Sequence[StepBatch]) -> None:
        """One statement for the versions, one for all messages of all steps."""
        wanted = {batch.config["template"] for batch in batches}
        versions = dict(Template.objects.filter(pk__in=wanted).values_list("pk", "live_version_id"))
        live = {str(pk): version for pk, version in versions.items() if version}
        queue_messages(
            messages=[
                message
                for batch in batches
                if (version := live.get(batch.config["template"]))
                for message in _messages(batch, version)
            ],
            now=batches[0].now,
        )


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


def _messages(batch: StepBatch, version: Any) -> list[NewMessage]:
    return [
        NewMessage(
            send_key=f"journey:{run.enrolment_id}:{run.visit}",
            contact_id=run.contact_id,
            template_version_id=version,
            lane=Message.Lane.JOURNEY,
            enrolment_id=run.enrolment_id,
            journey_id=batch.journey_id,
            step_id=batch.step_id,
            context={"event": dict(run.context)},
            expires_at=not_after(batch.config, run),
        )
        for run in batch.runs
    ]


steps.register(SendEmail())
