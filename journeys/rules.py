"""The rules around the steps: settings, the goal, the exits; their forms and their words."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.clock_fields import clock_input, stretch_problem
from journeys import event_filter, trees
from journeys.event_filter import Config, EventFilterForm
from journeys.trees import TreeField

RE_ENTRY = {
    "never": gettext_lazy("Never: once per person"),
    "after_days": gettext_lazy("Some days after they came in"),
    "always": gettext_lazy("Whenever they are not inside"),
}
PRIORITY = {
    "low": gettext_lazy("Low"),
    "normal": gettext_lazy("Normal"),
    "high": gettext_lazy("High"),
}
QUIET = {
    "": gettext_lazy("As in your settings"),
    "own": gettext_lazy("Hours of its own"),
    "none": gettext_lazy("None: it may write at any hour"),
}
# How long a holdout is watched, and an order counts as converted, when the goal does not say.
GOAL_DAYS = 30


class SettingsForm(forms.Form):
    """Who may come in again, who is held out, who goes first, and at which hours nobody does."""

    re_entry = forms.ChoiceField(
        label=gettext_lazy("May enter again"), choices=list(RE_ENTRY.items()), required=False
    )
    re_entry_days = forms.IntegerField(
        label=gettext_lazy("Days"), min_value=1, max_value=3650, required=False
    )
    holdout = forms.IntegerField(
        label=gettext_lazy("Held out, in percent"),
        help_text=gettext_lazy("They get nothing; comparing them shows what the journey brings."),
        min_value=0,
        max_value=50,
        required=False,
    )
    priority = forms.ChoiceField(
        label=gettext_lazy("Priority"),
        help_text=gettext_lazy(
            "When somebody may get only one more message, the more important journey writes it."
        ),
        choices=list(PRIORITY.items()),
        required=False,
    )

    quiet = forms.ChoiceField(
        label=gettext_lazy("Quiet hours"),
        help_text=gettext_lazy("When its messages wait, by the clock where the person is."),
        choices=list(QUIET.items()),
        required=False,
    )
    quiet_from = forms.TimeField(
        label=gettext_lazy("Quiet from"), required=False, widget=clock_input()
    )
    quiet_until = forms.TimeField(
        label=gettext_lazy("Quiet until"), required=False, widget=clock_input()
    )

    def clean_re_entry(self) -> str:
        return self.cleaned_data["re_entry"] or "never"

    def clean_priority(self) -> str:
        return self.cleaned_data["priority"] or "normal"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("re_entry") == "after_days" and not cleaned.get("re_entry_days"):
            self.add_error("re_entry_days", _("Say after how many days."))
        return self._clean_quiet(cleaned)

    def _clean_quiet(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """The hours stay only where they are the journey's own."""
        if cleaned.get("quiet") != "own":
            return {**cleaned, "quiet_from": None, "quiet_until": None}
        if problem := stretch_problem(cleaned.get("quiet_from"), cleaned.get("quiet_until")):
            self.add_error("quiet_from", problem)
        return cleaned


# What a run may be about, by the name events give it.
SAME = {
    "cart_id": gettext_lazy("the same cart"),
    "order_id": gettext_lazy("the same order"),
    "product_id": gettext_lazy("the same product"),
}


class RuleForm(EventFilterForm):
    """An event, a condition, or an event that counts only while the condition holds."""

    same = forms.ChoiceField(
        label=gettext_lazy("Only when it is about"),
        choices=[("", gettext_lazy("Anything")), *SAME.items()],
        required=False,
        help_text=gettext_lazy(
            "Two carts of one person are two runs: an order of one need not end the other."
        ),
    )

    condition = TreeField(label=gettext_lazy("Condition"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["event"].required = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("event") and not cleaned.get("condition") and not self.errors:
            self.add_error(None, _("Choose an event or a condition."))
        if cleaned.get("same") and not cleaned.get("event"):
            self.add_error("same", _("Choose the event that is about the same thing."))
        return cleaned


class GoalForm(RuleForm):
    """The wanted outcome, how long it counts, and what happens to who reaches it."""

    THEN = {
        "exit": gettext_lazy("Ends the journey for them"),
        "jump": gettext_lazy("Moves them to the goal step"),
        "stay": gettext_lazy("Counts, and they go on"),
    }
    within_days = forms.IntegerField(
        label=gettext_lazy("Counts for this many days"), min_value=1, max_value=730, required=False
    )
    then = forms.ChoiceField(
        label=gettext_lazy("Reaching it"), choices=list(THEN.items()), required=False
    )

    def clean_then(self) -> str:
        return self.cleaned_data["then"] or "exit"


class ExitForm(RuleForm):
    """What takes people out early, and what to call it."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=60)


def re_entry_floor(settings: Config, now: datetime) -> datetime | None:
    """A run begun at or after this bars another one; None when earlier runs never do."""
    rule = settings.get("re_entry") or "never"
    if rule == "always":
        return None
    if rule == "after_days":
        return now - timedelta(days=int(settings.get("re_entry_days") or 1))
    return datetime.min.replace(tzinfo=now.tzinfo)


def holdout_share(settings: Config) -> float:
    """The share of people held out, from 0 to 1."""
    return int(settings.get("holdout") or 0) / 100


def watch_period(goal: Config | None) -> timedelta:
    """How long after its start a run may still reach the goal."""
    return timedelta(days=int((goal or {}).get("within_days") or GOAL_DAYS))


def describe_rule(rule: Config) -> str:
    """A goal or exit in words."""
    parts = [event_filter.describe(rule)] if rule.get("event") else []
    if parts and rule.get("same") in SAME:
        words = {"event": parts[0], "thing": SAME[rule["same"]]}
        parts = [_("%(event)s, about %(thing)s") % words]
    if rule.get("condition"):
        parts.append(trees.describe(rule["condition"]))
    return _(" and ").join(parts)
