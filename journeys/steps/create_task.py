"""Somebody of the team is to do something about this person."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.todo import NOTE_MAX, TITLE_MAX, NewTask, create_tasks, team_choices
from journeys.contracts import Config, Next, Outcome, Step, StepBatch, steps


def _assignees() -> list[tuple[str, Any]]:
    return [("", gettext_lazy("Nobody in particular")), *team_choices()]


class CreateTaskForm(forms.Form):
    """What to do, who, until when, and whether they are told at once."""

    title = forms.CharField(label=gettext_lazy("What is to be done"), max_length=TITLE_MAX)
    note = forms.CharField(
        label=gettext_lazy("Note"), max_length=NOTE_MAX, required=False, widget=forms.Textarea
    )
    assignee = forms.ChoiceField(label=gettext_lazy("For"), choices=_assignees, required=False)
    due_days = forms.IntegerField(
        label=gettext_lazy("Days until it is due"), min_value=0, max_value=365, required=False
    )
    alert = forms.BooleanField(
        label=gettext_lazy("Tell them by mail"),
        required=False,
        help_text=gettext_lazy("Owners and admins, where it is for nobody in particular."),
    )


class CreateTask(Step):
    """One task for everyone who comes through, on the page “Tasks” and on their own page."""

    key = "create_task"
    label = gettext_lazy("Create a task")
    family = "data"
    icon = "list-todo"
    form = CreateTaskForm

    def example(self) -> Config:
        return {"title": "Call back", "note": "They looked at the quote again.", "due_days": 1}

    def summary(self, config: Config) -> str:
        title = str(config.get("title", ""))
        name = dict(team_choices()).get(str(config.get("assignee", "")))
        return _("%(title)s, for %(name)s") % {"title": title, "name": name} if name else title

    def run(self, batch: StepBatch) -> Sequence[Outcome]:
        return [Next()] * len(batch.runs)

    def act(self, batch: StepBatch) -> None:
        config = batch.config
        days = config.get("due_days")
        tasks = [
            NewTask(
                contact_id=run.contact_id,
                title=config["title"],
                note=config.get("note", ""),
                assignee_id=UUID(config["assignee"]) if config.get("assignee") else None,
                due_at=None if days is None else batch.now + timedelta(days=days),
                source_key=f"journey:{run.enrolment_id.hex}:{batch.step_id}:{run.visit}",
            )
            for run in batch.runs
        ]
        create_tasks(tasks=tasks, now=batch.now, alert=bool(config.get("alert")))


steps.register(CreateTask())
