"""Everything a report counts, once for the whole page and its panels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from journeys.contracts import ReportScope, StepCount, report_panels
from journeys.definition import Definition, find_step, walk
from journeys.figures import report_figures
from journeys.models import Journey
from journeys.numbers import JourneyNumbers, StepNumbers
from journeys.reporting.facts import Facts, facts_of
from journeys.reporting.links import Links
from journeys.reporting.periods import Period
from journeys.tree import step_titles


@dataclass(frozen=True)
class Reading:
    """The figures of one journey for the people of one period."""

    journey: Journey
    definition: Definition
    period: Period
    links: Links
    now: datetime
    zone: ZoneInfo
    titles: Mapping[str, str]
    summary: JourneyNumbers
    facts: Facts
    figures: Mapping[str, Sequence[StepCount]]

    @property
    def numbers(self) -> Mapping[str, StepNumbers]:
        """Of every step anybody has been at, by id."""
        return self.facts.steps

    def scope(self, step_id: str) -> ReportScope:
        """What the panels are about: that step, or the journey where it has none of that id."""
        return ReportScope(
            journey=self.journey,
            definition=self.definition,
            window=self.period.window,
            node=find_step(self.definition, step_id) if step_id else None,
            summary=self.summary,
            numbers=self.numbers,
            facts=self.facts,
            figures=self.figures,
            now=self.now,
            zone=self.zone,
            people_url=self.links.people,
            people_url_of_days=self.links.people_of_days,
            file_url=self.links.file,
        )


def read(
    *,
    journey: Journey,
    definition: Definition,
    period: Period,
    links: Links,
    now: datetime,
    zone: ZoneInfo,
) -> Reading:
    """Count them: one query for what happened to the runs, one for what came of them."""
    nodes = [node for node, _place in walk(definition.steps)]
    kinds = [(node.id, node.kind) for node in nodes]
    window = period.window
    summary, figures = report_figures(journey.pk, kinds, window)
    return Reading(
        journey=journey,
        definition=definition,
        period=period,
        links=links,
        now=now,
        zone=zone,
        titles=step_titles(nodes),
        summary=summary,
        facts=facts_of(journey=journey, window=window, zone=zone, now=now),
        figures=figures,
    )


def panels_of(scope: ReportScope) -> list[dict[str, Any]]:
    """The panels that have something to say, in order, each with its template."""
    found = []
    for panel in sorted(report_panels, key=lambda each: (each.order, each.key)):
        context = panel.context(scope) if panel.applies(scope) else None
        if context is not None:
            found.append({"key": panel.key, "template": panel.template, **context})
    return found
