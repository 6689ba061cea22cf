"""What the first page shows, in a handful of queries whatever the size of the workspace."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, IntegerField, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, TruncDate
from django.urls import NoReverseMatch, reverse

from campaigns.models import Message
from contacts.models import Contact
from core.attention import Concern, concerns
from core.onboarding import ChecklistItem, checklist
from journeys.contracts import steps
from journeys.figures import share
from journeys.models import Journey, JourneyVersion, StepVisit
from journeys.numbers import JourneyNumbers, journey_numbers
from tenants.models import Workspace

DAYS = 30
MOST_JOURNEYS = 6
MOST_SOURCES = 5


# --- one statement for everything that is a count or a yes


@dataclass(frozen=True)
class ToDo:
    """An item of the checklist; `url` is "" where its page is not installed."""

    item: ChecklistItem
    done: bool
    url: str


@dataclass(frozen=True)
class Worry:
    """A concern with its count in words."""

    concern: Concern
    title: str
    text: str
    url: str


@dataclass(frozen=True)
class Overview:
    """The checklist, what needs somebody, and how many contacts there are."""

    checklist: list[ToDo]
    worries: list[Worry]
    contacts: int
    mailable: int

    @property
    def done(self) -> int:
        return sum(each.done for each in self.checklist)

    @property
    def next(self) -> ToDo | None:
        """The first thing not done yet."""
        return next((each for each in self.checklist if not each.done), None)


def overview(workspace: Workspace, *, now: datetime) -> Overview:
    """All of it in one query."""
    items = sorted(checklist, key=lambda item: item.order)
    asked = sorted(concerns, key=lambda concern: concern.order)
    answers = {item.key: item.done(workspace) for item in items}
    questions: dict[str, Any] = {
        f"done_{key}": Exists(answer)
        for key, answer in answers.items()
        if isinstance(answer, QuerySet)
    }
    questions |= {f"worry_{concern.key}": _count(concern.rows(now)) for concern in asked}
    questions |= {
        "contacts": _count(Contact.objects.all()),
        "mailable": _count(Contact.objects.mailable()),
    }
    found = Workspace.objects.filter(pk=workspace.pk).annotate(**questions)
    row = found.values(*questions).get()
    return Overview(
        checklist=[
            ToDo(item, bool(row.get(f"done_{item.key}", answers[item.key])), _url(item.url_name))
            for item in items
        ],
        worries=[
            Worry(concern, *concern.words(count), url=_url(concern.url_name))
            for concern in asked
            if (count := row[f"worry_{concern.key}"])
        ],
        contacts=row["contacts"],
        mailable=row["mailable"],
    )


def _count(rows: "QuerySet[Any]") -> Coalesce:
    """The rows' number as part of another query."""
    one = rows.order_by().annotate(_one=Value(1)).values("_one")
    counted = one.annotate(_number=Count("pk")).values("_number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


# --- contacts by day and source


@dataclass(frozen=True)
class Growth:
    """New contacts of the last 30 days: the total at the end of each day, and where from."""

    days: list[date]
    totals: list[int]
    new: int
    sources: list[tuple[str, int]] = field(default_factory=list)


def growth(*, total: int, now: datetime, zone: ZoneInfo) -> Growth:
    """Days are the workspace's; today is the last one and not over yet."""
    today = now.astimezone(zone).date()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    start = datetime.combine(days[0], datetime.min.time(), zone)
    rows = (
        Contact.objects.filter(created_at__gte=start)
        .annotate(day=TruncDate("created_at", tzinfo=zone))
        .values_list("day", "source")
        .annotate(Count("pk"))
        .order_by()
    )
    by_day: Counter[date] = Counter()
    by_source: Counter[str] = Counter()
    for day, source, number in rows:
        by_day[min(day, today)] += number
        by_source[source] += number
    totals, running = [], total - by_day.total()
    for day in days:
        running += by_day[day]
        totals.append(running)
    return Growth(days, totals, by_day.total(), by_source.most_common(MOST_SOURCES))


# --- mails


@dataclass(frozen=True)
class Mailing:
    """Mails of a span of time; rates are per cent of what was delivered."""

    sent: int = 0
    delivered: int = 0
    opened: int = 0
    clicked: int = 0
    daily: Sequence[int] = ()

    @property
    def open_rate(self) -> float:
        return share(self.opened, self.delivered)

    @property
    def click_rate(self) -> float:
        return share(self.clicked, self.delivered)


def mailings(*, now: datetime, zone: ZoneInfo) -> tuple[Mailing, Mailing]:
    """The last 30 days, and the 30 before them; delivered = sent - bounced."""
    today = now.astimezone(zone).date()
    start = datetime.combine(today - timedelta(days=2 * DAYS - 1), datetime.min.time(), zone)
    rows = (
        Message.objects.filter(sent_at__gte=start)
        .annotate(day=TruncDate("sent_at", tzinfo=zone))
        .values_list("day")
        .annotate(
            sent=Count("pk"),
            delivered=Count("pk", filter=~Q(status=Message.Status.BOUNCED)),
            opened=Count("pk", filter=Q(opened_at__isnull=False)),
            clicked=Count("pk", filter=Q(clicked_at__isnull=False)),
        )
        .order_by()
    )
    by_day = {day: figures for day, *figures in rows}
    days = [today - timedelta(days=back) for back in reversed(range(2 * DAYS))]
    counted = [by_day.get(day, [0, 0, 0, 0]) for day in days]
    return _mailing(counted[DAYS:]), _mailing(counted[:DAYS])


def _mailing(days: Sequence[Sequence[int]]) -> Mailing:
    sums = [sum(column) for column in zip(*days, strict=True)]
    sent, delivered, opened, clicked = sums
    return Mailing(sent, delivered, opened, clicked, daily=[day[0] for day in days])


# --- journeys


@dataclass(frozen=True)
class LiveJourney:
    """A running journey; `weakest` is the step that loses most, with its loss in per cent."""

    journey: Journey
    numbers: JourneyNumbers
    weakest: str
    loss: float


def live_journeys() -> list[LiveJourney]:
    """Those most people came into first; three queries."""
    live = Journey.objects.filter(status=Journey.Status.LIVE).select_related("live_version")
    journeys = list(live.order_by("-updated_at")[: 4 * MOST_JOURNEYS])
    ids = [journey.pk for journey in journeys]
    numbers, weakest = journey_numbers(ids), _weakest(ids)
    journeys.sort(key=lambda journey: -numbers[journey.pk].started)
    return [
        _live(journey, numbers[journey.pk], weakest.get(journey.pk))
        for journey in journeys[:MOST_JOURNEYS]
    ]


def _live(
    journey: Journey, numbers: JourneyNumbers, weakest: tuple[str, float] | None
) -> LiveJourney:
    step_id, loss = weakest or ("", 0.0)
    return LiveJourney(journey, numbers, _step_label(journey.live_version, step_id), loss)


def _step_label(version: JourneyVersion | None, step_id: str) -> str:
    step = version.compiled["steps"].get(step_id) if version else None
    return str(steps.get(step["kind"]).label) if step and step["kind"] in steps else ""


def _weakest(journey_ids: Sequence[UUID]) -> dict[UUID, tuple[str, float]]:
    """The step of each journey at which the largest share leaves against the plan.

    An exit step is where people are meant to leave: nobody goes on from it.
    """
    lost = Q(outcome__startswith="exit:") | Q(outcome="failed")
    went_on = Q(outcome="next") | Q(outcome__startswith="branch:")
    rows = (
        StepVisit.objects.filter(journey_id__in=journey_ids)
        .values_list("journey_id", "step_id")
        .annotate(lost=Count("pk", filter=lost), on=Count("pk", filter=went_on), all=Count("pk"))
        .filter(lost__gt=0, on__gt=0)
    )
    found: dict[UUID, tuple[str, float]] = {}
    for journey_id, step_id, gone, _on, everybody in rows:
        loss = share(gone, everybody)
        if loss > found.get(journey_id, ("", 0.0))[1]:
            found[journey_id] = (step_id, loss)
    return found
