"""Things people did, or did not do, in a window of time."""

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contacts.contracts import ConditionScope, conditions
from contacts.widgets import SuggestInput
from events.contracts import event_types
from events.models import Event

TESTS = {"did": gettext_lazy("happened"), "did_not": gettext_lazy("did not happen")}


class HappenedForm(forms.Form):
    test = forms.ChoiceField(label=gettext_lazy("Test"), choices=list(TESTS.items()))
    event = forms.CharField(
        label=gettext_lazy("Event"), max_length=100, widget=SuggestInput(event_types.keys)
    )
    times = forms.IntegerField(
        label=gettext_lazy("At least how often"), min_value=1, max_value=1000, required=False
    )
    days = forms.IntegerField(
        label=gettext_lazy("In the last how many days"),
        min_value=1,
        max_value=36500,
        required=False,
        help_text=gettext_lazy("Leave it empty for ever."),
    )
    property = forms.CharField(
        label=gettext_lazy("Only where"), max_length=60, required=False,
        help_text=gettext_lazy("The name of a property of the event."),
    )  # fmt: skip
    value = forms.CharField(label=gettext_lazy("is"), max_length=254, required=False)


class HappenedCondition:
    key = "happened"
    label = gettext_lazy("Event")
    group = gettext_lazy("What they did")
    icon = "activity"
    form = HappenedForm

    def summary(self, config: dict[str, Any]) -> str:
        name = config["event"]
        label = event_types.get(name).label if name in event_types else name
        words = [_("with “%(event)s”"), _("without “%(event)s”")][config["test"] == "did_not"]
        parts = [words % {"event": label}]
        times = config.get("times") or 1
        if times > 1:
            parts.append(_("at least %(times)s times") % {"times": times})
        if config.get("property"):
            parts.append(
                _("where %(name)s is “%(value)s”")
                % {"name": config["property"], "value": config.get("value", "")}
            )
        if config.get("days"):
            days = config["days"]
            parts.append(
                ngettext("in the last day", "in the last %(days)s days", days) % {"days": days}
            )
        return " ".join(parts)

    def as_q(self, config: dict[str, Any], scope: ConditionScope) -> Q:
        happened = Q(_enough(_events(config, scope), config.get("times") or 1))
        return happened if config["test"] == "did" else ~happened


def _events(config: dict[str, Any], scope: ConditionScope) -> Any:
    events = Event.objects.filter(
        contact_id=OuterRef("pk"), type=config["event"], occurred_at__lte=scope.now
    )
    if config.get("days"):
        events = events.filter(occurred_at__gt=scope.now - timedelta(days=config["days"]))
    if config.get("property"):
        # As text, so that 3 and "3" are the same to whoever wrote the condition.
        name = f"data__{config['property'].replace('__', '_')}__iexact"
        value = config.get("value", "")
        events = events.filter(**{name: value})
    return events


def _enough(events: Any, times: int) -> Any:
    """EXISTS for once, which stops at the first; a count only where somebody asked for more."""
    if times == 1:
        return Exists(events)
    many = events.order_by().values("contact_id").annotate(times=Count("pk"))
    return Exists(many.filter(times__gte=times).values("contact_id"))


conditions.register(HappenedCondition())
