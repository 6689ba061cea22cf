"""The form of steps that concern another journey."""

from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Problem
from journeys.contracts.runs import Config
from journeys.models import Journey


def _choices() -> list[tuple[str, str]]:
    known = Journey.objects.exclude(status=Journey.Status.ARCHIVED).order_by("name", "pk")
    return [(str(pk), name) for pk, name in known.values_list("pk", "name")]


class OtherJourneyForm(forms.Form):
    """Which journey."""

    journey = forms.ChoiceField(label=gettext_lazy("Journey"), choices=_choices)


def journey_named(config: Config) -> Journey | None:
    """The journey of these settings; None when there is none."""
    try:
        wanted = UUID(str(config.get("journey")))
    except ValueError:
        return None
    found: Journey | None = Journey.objects.filter(pk=wanted).first()
    return found


def journey_words(config: Config) -> str:
    """Its name."""
    journey = journey_named(config)
    return journey.name if journey else _("No journey chosen")


def journey_problems(config: Config, *, has_to_run: bool) -> list[Problem]:
    """What is wrong with the choice."""
    journey = journey_named(config)
    if journey is None:
        return [Problem("journey_missing", _("Choose a journey."), field="journey")]
    if has_to_run and journey.status != Journey.Status.LIVE:
        sentence = _("Publish the other journey first.")
        return [Problem("journey_not_live", sentence, field="journey")]
    return []
