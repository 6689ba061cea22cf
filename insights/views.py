"""The first page of a workspace, and the setting of attribution."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from contacts.event_types import source_words
from core import charts
from core.charts import localized
from insights.attribution import change_window, has_recount, window
from insights.forms import WindowForm
from insights.home import (
    Growth,
    LiveJourney,
    Mailing,
    Overview,
    growth,
    live_journeys,
    mailings,
    overview,
)
from journeys.figures import conversion, share
from journeys.local_time import zone_named
from journeys.tree import percent
from journeys.views.lists import progress
from tenants.models import Membership
from tenants.pages import for_role
from tenants.settings_pages import settings_page


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Where the workspace stands today and what to do next."""
    workspace = request.workspace  # type: ignore[attr-defined]
    now = timezone.now()
    zone = zone_named(workspace.timezone) or ZoneInfo("UTC")
    seen = overview(workspace, now=now)
    grown = growth(total=seen.contacts, now=now, zone=zone)
    mails, before = mailings(now=now, zone=zone)
    context = {
        "greeting": _greeting(now.astimezone(zone), request.user.get_full_name()),  # type: ignore[union-attr]
        "today": now.astimezone(zone).date(),
        "overview": seen,
        "setup_ring": _ring(seen),
        "kpis": _kpis(seen, grown, mails, before),
        "growth": grown,
        "growth_chart": _growth_chart(grown),
        "growth_rows": [
            (date_format(day, "DATE_FORMAT"), localized(total))
            for day, total in zip(grown.days, grown.totals, strict=True)
        ],
        "growth_headers": [_("Day"), _("Contacts")],
        "sources": _sources(grown),
        "journeys": [_journey(each) for each in live_journeys()],
    }
    return render(request, "insights/home.html", context)


def _greeting(local: datetime, name: str) -> str:
    words = {"name": name.partition("@")[0].split(" ")[0]}
    if local.hour < 12:
        return _("Good morning, %(name)s") % words
    if local.hour < 18:
        return _("Good afternoon, %(name)s") % words
    return _("Good evening, %(name)s") % words


def _ring(seen: Overview) -> str:
    words = {"done": seen.done, "all": len(seen.checklist)}
    return charts.ring(
        share(seen.done, len(seen.checklist)), label=_("%(done)s of %(all)s done") % words
    )


def _kpis(seen: Overview, grown: Growth, mails: Mailing, before: Mailing) -> list[dict[str, Any]]:
    delivered = localized(mails.delivered)
    return [
        {
            "label": _("Contacts"),
            "value": localized(seen.contacts),
            "note": _("+%(n)s in 30 days") % {"n": localized(grown.new)},
            "direction": "up" if grown.new else "flat",
            "spark": charts.spark(grown.totals),
        },
        {
            "label": _("May be emailed"),
            "value": localized(seen.mailable),
            "note": _("%(share)s of all") % {"share": percent(share(seen.mailable, seen.contacts))},
            "direction": "flat",
        },
        {
            "label": _("Messages sent"),
            "value": localized(mails.sent),
            "note": _("%(n)s the 30 days before") % {"n": localized(before.sent)},
            "direction": _direction(mails.sent, before.sent),
            "spark": charts.spark(mails.daily) if mails.sent else "",
        },
        {
            "label": _("Open rate"),
            "value": percent(mails.open_rate) if mails.delivered else "–",
            "note": _("%(n)s of %(all)s delivered")
            % {"n": localized(mails.opened), "all": delivered},
            "direction": _direction(mails.open_rate, before.open_rate),
        },
        {
            "label": _("Click rate"),
            "value": percent(mails.click_rate) if mails.delivered else "–",
            "note": _("%(n)s of %(all)s delivered")
            % {"n": localized(mails.clicked), "all": delivered},
            "direction": _direction(mails.click_rate, before.click_rate),
        },
    ]


def _direction(present: float, past: float) -> str:
    """Flat also where there is nothing to compare with."""
    if not past or present == past:
        return "flat"
    return "up" if present > past else "down"


def _growth_chart(grown: Growth) -> str:
    words = {"total": localized(grown.totals[-1]), "new": localized(grown.new)}
    last = len(grown.days) - 1
    labels = [(at, _day(grown.days[at])) for at in range(0, last - 3, 7)]
    return charts.line(
        title=_("Contacts per day: %(total)s today, %(new)s of them new in 30 days") % words,
        values=grown.totals,
        labels=[*labels, (last, _("Today"))],
    )


def _day(day: date) -> str:
    return date_format(day, "j M")


def _sources(grown: Growth) -> list[tuple[str, str, float]]:
    """(where from, how many, share of the largest)."""
    most = max((number for _source, number in grown.sources), default=0)
    return [
        (
            _source(source),
            localized(number),
            share(number, most),
        )
        for source, number in grown.sources
    ]


def _source(source: str) -> str:
    return str(capfirst(source_words(source))) if source else _("Unknown")


def _journey(live: LiveJourney) -> dict[str, Any]:
    version = live.journey.live_version
    has_goal = bool(version and version.definition.get("goal"))
    return {
        "journey": live.journey,
        "entered": localized(live.numbers.started),
        "progress": progress(live.numbers),
        "goal": percent(conversion(live.numbers)) if has_goal else "",
        "converted": localized(live.numbers.converted),
        "weakest": live.weakest,
        "loss": f"−{percent(live.loss)}" if live.loss else "",
        "tone": "bad" if live.loss >= 5 else "warn",
    }


@for_role(Membership.Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def attribution(request: HttpRequest) -> HttpResponse:
    """How long after a click an order belongs to it."""
    form = WindowForm(request.POST or None, initial={"days": window().days})
    if request.method == "POST" and form.is_valid():
        change_window(days=form.cleaned_data["days"], now=timezone.now())
        messages.success(request, _("Saved."))
        return redirect("insights:attribution")
    return settings_page(
        request,
        "insights/settings_attribution.html",
        "attribution",
        422 if form.is_bound else 200,
        form=form,
        is_recounting=has_recount(),
    )
