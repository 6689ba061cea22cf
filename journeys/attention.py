"""Runs that a failing step stopped, entries that fail, and drafts that wait to be published."""

from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.attention import Concern, concerns
from journeys.models import Enrolment, Journey, LiveEntry, PlannedPublishing, SplitDecision

# A failure nobody looked at for so long is no news.
RECENT = timedelta(days=7)
NEWS = timedelta(days=30)


def _failed(now: datetime) -> "QuerySet[Enrolment]":
    return Enrolment.objects.filter(status=Enrolment.Status.FAILED, ended_at__gt=now - RECENT)


def _failed_words(count: int) -> tuple[str, str]:
    title = ngettext("%(n)s person stopped in a journey", "%(n)s people stopped in journeys", count)
    return title % {"n": count}, _("A step failed for good. The journey's report says where.")


def _stuck(_now: datetime) -> "QuerySet[LiveEntry]":
    """Time-born entries of running journeys that could not be looked at."""
    return LiveEntry.objects.filter(journey__status=Journey.Status.LIVE).exclude(error="")


def _stuck_words(count: int) -> tuple[str, str]:
    title = ngettext(
        "%(n)s way into a journey does not work", "%(n)s ways into journeys do not work", count
    )
    text = _("People whose moment has come wait. It is tried again every ten minutes.")
    return title % {"n": count}, text


def _unpublished(_now: datetime) -> "QuerySet[Journey]":
    """Drafts that were never published, or differ from what runs."""
    never = Q(status=Journey.Status.DRAFT)
    differs = Q(live_version__isnull=False) & ~Q(draft=F("live_version__definition"))
    return Journey.objects.exclude(status=Journey.Status.ARCHIVED).filter(never | differs)


def _unpublished_words(count: int) -> tuple[str, str]:
    title = ngettext("%(n)s journey has a draft", "%(n)s journeys have a draft", count)
    return title % {"n": count}, _("Its changes are not published yet.")


def _not_published(_now: datetime) -> "QuerySet[PlannedPublishing]":
    """Plans whose time came, and that something stood against."""
    return PlannedPublishing.objects.exclude(refusal="")


def _not_published_words(count: int) -> tuple[str, str]:
    title = ngettext(
        "%(n)s journey was not published as planned",
        "%(n)s journeys were not published as planned",
        count,
    )
    return title % {"n": count}, _("Something stood against it when the time came.")


concerns.register(
    Concern(
        "planned_publishings",
        "calendar-x",
        "bad",
        _not_published,
        _not_published_words,
        gettext_lazy("Look"),
        "journeys:list",
        order=32,
    )
)


def _won(now: datetime) -> "QuerySet[SplitDecision]":
    """Tests that only tell, of which nobody has chosen the winner yet."""
    told = SplitDecision.objects.filter(is_followed=False, lane__isnull=False)
    return told.filter(decided_at__gt=now - NEWS, journey__status=Journey.Status.LIVE)


def _won_words(count: int) -> tuple[str, str]:
    title = ngettext("%(n)s A/B test has a winner", "%(n)s A/B tests have a winner", count)
    return title % {"n": count}, _("Chance goes on until you choose. The report of each says why.")


concerns.register(
    Concern(
        "split_winners",
        "flask-conical",
        "info",
        _won,
        _won_words,
        gettext_lazy("Look"),
        "journeys:list",
        order=45,
    )
)
concerns.register(
    Concern(
        "failed_runs",
        "route-off",
        "bad",
        _failed,
        _failed_words,
        gettext_lazy("Look"),
        "journeys:list",
        order=30,
    )
)
concerns.register(
    Concern(
        "stuck_entries",
        "clock-alert",
        "bad",
        _stuck,
        _stuck_words,
        gettext_lazy("Look"),
        "journeys:list",
        order=31,
    )
)
concerns.register(
    Concern(
        "drafts",
        "route",
        "warn",
        _unpublished,
        _unpublished_words,
        gettext_lazy("Review"),
        "journeys:list",
        order=40,
    )
)
