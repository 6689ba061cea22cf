"""What journeys can do with mail: the "send email" step."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from campaigns.contracts import starters
from campaigns.messages import NewMessage, queue_messages
from campaigns.models import Message, Template
from campaigns.starter_mails import starter_template
from contacts.naming import names
from core.errors import Problem
from journeys.contracts import (
    Config,
    MessageForm,
    Next,
    Outcome,
    Step,
    StepBatch,
    Words,
    not_after,
    steps,
)

# A choice that is no mail yet: the starter to make it of.
STARTER = "starter:"


class SendEmailForm(MessageForm):
    """Which mail, and how late is too late."""

    template = forms.ChoiceField(label=gettext_lazy("Mail"))
    field_order = ("template", "not_after_hours")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["template"].choices = names("mails", _mails)  # type: ignore[attr-defined]


def _mails() -> list[tuple[str, Any]]:
    """The mails there are, and the starters that nobody has made a mail of yet."""
    rows = names("ready mails", _ready_mails)
    made = {starter for _pk, _name, starter in rows}
    language = get_language() or "en"
    begun = [
        (f"{STARTER}{each.key}", each.in_language(language).name)
        for each in starters
        if each.key not in made
    ]
    return [
        ("", _("Choose a mail")),
        (_("Your mails"), [(str(pk), name) for pk, name, _starter in rows]),
        (_("New, ready to change"), sorted(begun, key=lambda each: each[1])),
    ]


def _ready_mails() -> list[tuple[UUID, str, str]]:
    """(id, name, starter) of every mail that can be sent, by name."""
    ready = Template.objects.filter(live_version__isnull=False).order_by("name", "pk")
    return list(ready.values_list("pk", "name", "starter"))


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

    def furnish(self, config: Config, *, language: str, now: datetime) -> Config:
        """A starter becomes a mail of the workspace, in its language."""
        chosen = str(config.get("template") or "")
        key = chosen.removeprefix(STARTER)
        if key == chosen or key not in starters:
            return config
        template = starter_template(key=key, language=language, now=now)
        return {**config, "template": str(template.pk)}

    def doors(self, config: Config) -> list[tuple[Words, str]]:
        chosen = _uuid(config.get("template"))
        if chosen is None:
            return [(_("Write another mail"), reverse("campaigns:template_new"))]
        return [(_("Open this mail"), reverse("campaigns:template", args=[chosen]))]

    def problems(self, config: Config) -> list[Problem]:
        chosen = _uuid(config.get("template"))
        if any(chosen == pk for pk, _name, _starter in names("ready mails", _ready_mails)):
            return []
        template = Template.objects.filter(pk=chosen).first() if chosen else None
        if template is None:
            return [Problem("template_missing", _("Choose a mail to send."), field="template")]
        return [Problem("template_draft", _("Save this mail first."), field="template")]

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
