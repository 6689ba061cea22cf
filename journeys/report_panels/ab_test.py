"""An A/B test: how each variant does, how sure that is, and who decides."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Contact
from core.charts import localized
from core.statistics import Beta, Standing, difference
from journeys.contracts import (
    ReportPanel,
    ReportScope,
    Window,
    Words,
    of_kinds,
    report_panels,
    split_metrics,
)
from journeys.definition import StepNode
from journeys.figures import share
from journeys.models import Journey, SplitDecision
from journeys.reporting.shares import between, points, sure
from journeys.split_decisions import decision_of, standings, trial_at
from journeys.split_trials import KIND, Trial, Variant, people_of, variants_of
from journeys.tree import lane_names, percent

HEADINGS = {
    "sent": gettext_lazy("Who was sent into this variant by chance"),
    "people": gettext_lazy("Whose days in this variant are over"),
    "successes": gettext_lazy("Who did what the A/B test counts, in this variant"),
}


def _context(scope: ReportScope) -> dict[str, Any] | None:
    node = scope.node
    trial = trial_at(scope.journey, node.id) if node else None
    if node is None or trial is None:
        return None
    variants = variants_of([trial], scope.now, scope.window)[trial]
    found, decision = standings(trial, variants), decision_of(trial)
    names = lane_names(node)
    return {
        "title": _("Where most people %(metric)s")
        % {"metric": split_metrics.get(trial.metric).label},
        "variants": [
            _variant(scope, node, trial, lane, variant, found[lane] if found else None, decision)
            for lane, variant in enumerate(variants)
        ],
        "compared": _compared(names, variants, found),
        "decision": _decided(decision, names, scope),
        "may_stop": decision is None or decision.is_followed,
        "action": reverse("journeys:split", args=[scope.journey.pk, node.id]),
    }


def _variant(
    scope: ReportScope,
    node: StepNode,
    trial: Trial,
    lane: int,
    variant: Variant,
    standing: Standing | None,
    decision: SplitDecision | None,
) -> dict[str, Any]:
    low, high = Beta.after(variant.successes, variant.people).interval()
    words = {"people": localized(variant.people), "least": localized(trial.least)}
    return {
        "lane": lane,
        "name": lane_names(node)[lane],
        "is_winner": decision is not None and decision.lane == lane,
        "is_followed": decision is not None and decision.is_followed and decision.lane == lane,
        "share": share(variant.successes, variant.people),
        "rate": percent(share(variant.successes, variant.people)),
        "interval": between(low, high) if variant.people else "",
        "numbers": [
            (words_of, localized(count), scope.people_url(node.id, f"{KIND}:{what}:{lane}"))
            for words_of, count, what in (
                (_("came here by chance"), variant.sent, "sent"),
                (_("had their days"), variant.people, "people"),
                (_("with success"), variant.successes, "successes"),
            )
        ],
        "chance": _("%(chance)s chance to be the best") % {"chance": sure(standing.chance)}
        if standing
        else _("Not enough yet: %(people)s of %(least)s people") % words,
    }


def _compared(
    names: Sequence[str], variants: Sequence[Variant], found: Sequence[Standing] | None
) -> str:
    """The two best beside each other; "" while they may not be compared."""
    if found is None:
        return ""
    best, second = sorted(range(len(found)), key=lambda lane: -found[lane].chance)[:2]
    rates = [(variants[lane].successes, variants[lane].people) for lane in (second, best)]
    low, high = difference(rates[0], rates[1])
    return _(
        "“%(best)s” minus “%(second)s”: between %(low)s and %(high)s points (95%% sure). Choosing "
        "it loses %(loss)s points, to be expected."
    ) % {
        "best": names[best],
        "second": names[second],
        "low": points(low),
        "high": points(high),
        "loss": points(found[best].loss, signed=False),
    }


def _decided(decision: SplitDecision | None, names: Sequence[str], scope: ReportScope) -> str:
    if decision is None:
        return ""
    words = {
        "day": date_format(localtime(decision.decided_at, scope.zone), "DATE_FORMAT"),
        "who": decision.decided_by_name or _("the rule"),
        "name": names[decision.lane] if decision.lane is not None else "",
    }
    if decision.lane is None:
        return _("Stopped on %(day)s by %(who)s: chance goes on, nothing is decided.") % words
    if decision.is_followed:
        return _("Decided on %(day)s by %(who)s: everybody goes to “%(name)s”.") % words
    return _("Since %(day)s “%(name)s” is surely enough the best. Choose it, if you agree.") % words


def _people(
    journey_id: UUID, step_id: str, detail: str, window: Window
) -> "QuerySet[Contact, UUID | None]":
    """The contacts behind `sent:0`, `people:0` or `successes:0`, as of now."""
    what, _colon, lane = detail.partition(":")
    trial = trial_at(Journey.objects.get(pk=journey_id), step_id)
    if trial is None or what not in HEADINGS or not lane.isdecimal() or int(lane) >= trial.lanes:
        raise KeyError(detail)
    behind = people_of(trial, what, int(lane), _clock(), window)
    return Contact.objects.filter(pk__in=behind).values_list("pk", flat=True)


def _clock() -> datetime:
    """A list behind a number is asked for by a page, which has no other way to tell the time."""
    return timezone.now()


def _heading(detail: str) -> Words:
    return HEADINGS.get(detail.partition(":")[0], "")


report_panels.register(
    ReportPanel(
        KIND,
        "journeys/panels/_ab_test.html",
        of_kinds(KIND),
        _context,
        order=20,
        people=_people,
        heading=_heading,
    )
)
