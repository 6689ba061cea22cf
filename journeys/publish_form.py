"""What is chosen when publishing: who moves where, and when it happens."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.moving import Moving
from journeys.preview import Standing

# The names of the fields that say where to go from a step, and the answer that is no step.
TO = "to-"
OUT = "-"

Choices = Sequence[tuple[str, str | Promise]]


class PublishForm(forms.Form):
    """Now or later, and what becomes of those inside.

    What is posted for a step that nobody stands at any more is followed all the same: somebody may
    come to it until then.
    """

    people = forms.ChoiceField(
        label=gettext_lazy("People inside"),
        choices=[
            ("stay", gettext_lazy("Stay on the version they came in by")),
            ("move", gettext_lazy("Move to the new version")),
        ],
        initial="stay",
        widget=forms.RadioSelect,
    )
    asks_again = forms.BooleanField(
        label=gettext_lazy("Ask changed waits again at once"), required=False
    )
    when = forms.ChoiceField(
        label=gettext_lazy("When"),
        choices=[("now", gettext_lazy("Now")), ("later", gettext_lazy("At a time"))],
        initial="now",
        widget=forms.RadioSelect,
    )
    date = forms.DateField(
        label=gettext_lazy("Day"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )
    time = forms.TimeField(
        label=gettext_lazy("Time"),
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        input_formats=["%H:%M"],
    )
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        if self.is_bound:
            # What is not said goes without saying: everybody stays, and it happens now.
            said = {name: value for name, value in self.data.items() if value}
            self.data = {"people": "stay", "when": "now", **said}
        self.fields["time"].help_text = _("In the time zone %(zone)s.") % {"zone": zone.key}

    def ask_where(
        self, removed: Sequence[Standing], titles: dict[str, str], targets: Choices
    ) -> None:
        """Add a field for each step that people must leave."""
        numbered = [(key, f"{number}. {title}") for number, (key, title) in enumerate(targets, 1)]
        choices = [*numbered, (OUT, gettext_lazy("Leave the journey"))]
        for each in removed:
            name, default = f"{TO}{each.step_id}", each.default or OUT
            words = {"step": titles.get(each.step_id, each.step_id), "people": each.people}
            self.fields[name] = forms.ChoiceField(
                label=_("From “%(step)s” (%(people)s)") % words, choices=choices, initial=default
            )
            if self.is_bound:
                self.data = {name: default, **self.data}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("when") == "later":
            for name in ("date", "time"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, _("Say when."))
        return cleaned

    @property
    def targets(self) -> list[forms.BoundField]:
        """The fields that `ask_where` added."""
        return [self[name] for name in self.fields if name.startswith(TO)]

    @property
    def chooses_to_move(self) -> bool:
        """Whether people inside are to move, as far as it can be told."""
        return self["people"].value() == "move"

    def moving(self) -> Moving | None:
        """How those inside come along; None when they stay."""
        if not self.chooses_to_move:
            return None
        answers = {
            name.removeprefix(TO): None if value == OUT else str(value)
            for name, value in self.data.items()
            if name.startswith(TO) and value
        }
        return Moving(answers, bool(self["asks_again"].value()))

    def at(self) -> datetime | None:
        """When it is to happen, of a valid form; None for now."""
        if self.cleaned_data.get("when") != "later":
            return None
        day, time = self.cleaned_data["date"], self.cleaned_data["time"]
        return datetime.combine(day, time, tzinfo=self.zone)
