"""An event type with an optional filter on a property, as entries, waits and goals use it."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.contracts import event_types
from journeys.contracts.checks import Check

Config = Mapping[str, Any]

OPERATORS = {
    "is": gettext_lazy("is"),
    "is_not": gettext_lazy("is not"),
    "contains": gettext_lazy("contains"),
    "at_least": gettext_lazy("is at least"),
    "less_than": gettext_lazy("is less than"),
    "exists": gettext_lazy("is known"),
}

# Characters of a value shown.
SHOWN = 60


class EventFilterForm(forms.Form):
    """Which event, and optionally what one of its properties must be."""

    event = forms.CharField(label=gettext_lazy("Event"), max_length=100)
    property = forms.CharField(label=gettext_lazy("Property"), max_length=100, required=False)
    operator = forms.ChoiceField(
        label=gettext_lazy("Comparison"), choices=list(OPERATORS.items()), required=False
    )
    value = forms.CharField(label=gettext_lazy("Value"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        operator, value = cleaned.get("operator") or "is", cleaned.get("value")
        if not cleaned.get("property"):
            return {**cleaned, "property": "", "operator": "", "value": ""}
        if operator in ("at_least", "less_than") and _number(value) is None:
            self.add_error("value", _("Give a number to compare with."))
        elif operator != "exists" and not value:
            self.add_error("value", _("Give a value to compare with."))
        return {**cleaned, "operator": operator}


def passes(config: Config, data: Mapping[str, Any]) -> bool:
    """Whether an event's data passes the filter; a property that is missing passes none."""
    name = config.get("property")
    if not name:
        return True
    found = _lookup(data, str(name))
    if found is None:
        return False
    operator, wanted = config.get("operator", "is"), str(config.get("value", ""))
    if operator in ("at_least", "less_than"):
        return _compare_numbers(operator, found, wanted)
    text = _text(found)
    return {
        "is": text == wanted.casefold(),
        "is_not": text != wanted.casefold(),
        "contains": wanted.casefold() in text,
        "exists": True,
    }.get(str(operator), False)


def checks(config: Config, data: Mapping[str, Any]) -> list[Check]:
    """What the filter wants, and what the data has; [] when it wants nothing."""
    name = config.get("property")
    if not name:
        return []
    found = _lookup(data, str(name))
    if found is None:
        detail = _("it has no “%(property)s”") % {"property": name}
    else:
        detail = _("it was “%(value)s”") % {"value": shortened(found)}
    return [Check(_wanted(config), passes(config, data), detail)]


def shortened(value: Any) -> str:
    """A value of an event's data on one line."""
    text = str(value).lower() if isinstance(value, bool) else " ".join(str(value).split())
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _wanted(config: Config) -> str:
    """The filter in words: "total is at least “50”"."""
    operator = str(config.get("operator") or "is")
    words = {
        "property": config["property"],
        "operator": str(OPERATORS.get(operator, operator)),
        "value": shortened(config.get("value", "")),
    }
    if operator == "exists":
        return _("%(property)s %(operator)s") % words
    return _("%(property)s %(operator)s “%(value)s”") % words


def _lookup(data: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path such as customer.city; None when there is none."""
    found: Any = data
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).casefold()


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if isfinite(number) else None


def _compare_numbers(operator: str, found: Any, wanted: str) -> bool:
    left, right = _number(found), _number(wanted)
    if left is None or right is None:
        return False
    return left >= right if operator == "at_least" else left < right


def describe(config: Config) -> str:
    """The event and its filter in words: "Order placed, where total is at least 50"."""
    event = str(config.get("event", ""))
    name = str(event_types.get(event).label) if event in event_types else event
    if not config.get("property"):
        return name
    operator = str(OPERATORS.get(str(config.get("operator", "is")), ""))
    words = {"event": name, "property": config["property"], "operator": operator}
    if config.get("operator") == "exists":
        return _("%(event)s, where %(property)s %(operator)s") % words
    words["value"] = config.get("value", "")
    return _("%(event)s, where %(property)s %(operator)s “%(value)s”") % words
