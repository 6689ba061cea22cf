"""Addresses of the report that keep what the reader has chosen: period, scale, step."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from journeys.models import Journey


@dataclass(frozen=True)
class Links:
    """`period` is the query of the period, `scale` the one of numbers or per cent."""

    journey: Journey
    period: Mapping[str, str]
    scale: Mapping[str, str]

    def page(self, step: str = "", **changed: str) -> str:
        """The report with this step chosen; `changed` replaces what was kept, "" drops it."""
        kept = {"step": step, **self.scale, **self.period, **changed}
        return "?" + urlencode({name: value for name, value in kept.items() if value})

    def with_period(self, step: str, period: Mapping[str, str]) -> str:
        """The same report of another period."""
        return Links(self.journey, period, self.scale).page(step)

    def file(self, name: str, unit: str = "") -> str:
        """A file of the same period, of that unit where there are several."""
        route = {"unit": unit} if unit else {}
        url = reverse(f"journeys:{name}", kwargs={"journey_id": self.journey.pk, **route})
        return f"{url}?{urlencode(self.period)}" if self.period else url

    def people(self, step: str, what: str) -> str:
        """The list behind a number of a step, "" for the journey's."""
        return self._people(step, what, self.period)

    def people_of_days(self, step: str, what: str, first: date, last: date) -> str:
        """The same, narrowed to those who came in on these days."""
        days = {"first": first.isoformat(), "last": last.isoformat()}
        return self._people(step, what, {**self.period, **days})

    def _people(self, step: str, what: str, period: Mapping[str, str]) -> str:
        asked = {"step": step, "what": what} if step else {"what": what}
        base = reverse("journeys:people", args=[self.journey.pk])
        return f"{base}?{urlencode({**asked, **period})}"
