"""What messages earned, as figures of journeys and their steps, and who the buyers were."""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Subquery, Sum, TextField, Value
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy, ngettext

from campaigns.contracts import MessageResult, Result, message_results
from commerce.models import Currency, Order
from core.charts import localized
from core.money import money
from insights.models import Attribution
from journeys.contracts import (
    Earned,
    Earnings,
    StepCount,
    StepMetrics,
    StepNote,
    Window,
    earnings,
    step_metrics,
)

COUNTS = ~Q(order__status__in=Order.VOID) & Q(order__is_deleted=False, contact__isnull=False)
FIGURES: dict[str, Any] = {
    "people": Count("contact", distinct=True),
    "orders": Count("pk"),
    "value": Sum("order__value"),
    # Values are told in the main currency.
    "currency": Coalesce(
        Subquery(Currency.objects.filter(is_main=True).values("code")[:1]), Value("EUR")
    ),
}
ORDERED = gettext_lazy("Ordered")
REVENUE = gettext_lazy("Revenue")
BUYERS = gettext_lazy("Who ordered after a click")


def counting() -> "QuerySet[Attribution]":
    """Attributed orders that are neither cancelled, refunded nor deleted."""
    return Attribution.objects.filter(COUNTS).order_by()


def _figures(rows: "QuerySet[Attribution]", by: str) -> Iterable[tuple[Any, Earned]]:
    for row in rows.values(by).annotate(**FIGURES):
        found: dict[str, Any] = dict(row)
        words = money(found["value"], found["currency"])
        yield found[by], Earned(found["people"], found["orders"], words)


def earned(journey_ids: Collection[UUID], window: Window) -> "QuerySet[Attribution]":
    """Orders that belong to messages of the journeys' runs of the window."""
    made = window.made_by(journey_ids, run="message__enrolment_id")
    return counting().filter(made, journey_id__in=journey_ids)


def of_journeys(journey_ids: Collection[UUID], window: Window) -> dict[UUID, Earned]:
    """What each journey earned; one that earned nothing is missing."""
    return dict(_figures(earned(journey_ids, window), "journey_id"))


def buyers(journey_id: UUID, window: Window) -> "QuerySet[Attribution, UUID | None]":
    """The contacts behind what a journey earned."""
    return earned([journey_id], window).values_list("contact_id", flat=True)


def figures(row: Mapping[str, Any]) -> list[StepCount]:
    """Buyers, as a share of whom the message reached, and revenue; none where nobody bought."""
    if not row["people"]:
        return []
    revenue = money(Decimal(row["value"]), row["currency"])
    return [
        StepCount("ordered", ORDERED, row["people"], share_of="delivered"),
        StepCount("revenue", REVENUE, row["people"], text=revenue),
    ]


def of_journey(row: Mapping[str, Any]) -> list[StepCount]:
    """What the journey earned, with the number of orders."""
    if not row["people"]:
        return []
    orders = row["orders"]
    words = ngettext("earned by %(number)s order", "earned by %(number)s orders", orders)
    revenue = money(Decimal(row["value"]), row["currency"])
    label = words % {"number": localized(orders)}
    return [StepCount("ordered", label, row["people"], text=revenue)]


def buyers_of_step(
    journey_id: UUID, step_id: str, _what: str, window: Window
) -> "QuerySet[Attribution, UUID | None]":
    """The contacts behind either figure of a step."""
    rows = earned([journey_id], window)
    if step_id:
        rows = rows.filter(step_id=step_id)
    return rows.values_list("contact_id", flat=True)


def no_totals(_journey_ids: Collection[UUID], _window: Window) -> dict[UUID, int]:
    """Orders are no messages."""
    return {}


def notes(enrolment_id: UUID) -> list[StepNote]:
    """The orders that messages of one run earned."""
    rows = Attribution.objects.filter(COUNTS, message__enrolment_id=enrolment_id)
    return [
        StepNote(
            step_id=row.step_id,
            visit=_visit(row.message.send_key),
            text=ORDERED,
            tone="ok",
            reason=money(row.order.total, row.order.currency),
            at=row.order.placed_at,
        )
        for row in rows.select_related("order", "message").order_by("order__placed_at")
    ]


def of_campaigns(campaign_ids: Collection[UUID]) -> dict[UUID, Result]:
    """What each campaign brought in; one that brought nothing is missing."""
    rows = counting().filter(campaign_id__in=campaign_ids).values("campaign_id")
    return {
        found["campaign_id"]: Result(found["orders"], found["value"], found["currency"])
        for row in rows.annotate(**FIGURES)
        if (found := dict[str, Any](row))
    }


def buyers_of_campaign(campaign_id: UUID) -> "QuerySet[Attribution, UUID | None]":
    """The contacts behind what a campaign brought in."""
    return counting().filter(campaign_id=campaign_id).values_list("contact_id", flat=True)


def _visit(send_key: str) -> int:
    last = send_key.rsplit(":", 1)[-1]
    return int(last) if last.isdigit() else 0


earnings.register(Earnings("orders", of_journeys, buyers))
message_results.register(MessageResult("orders", ORDERED, of_campaigns, buyers_of_campaign))
step_metrics.register(
    StepMetrics(
        key="orders",
        kinds=("send_email",),
        rows=earned,
        counts={**FIGURES, "value": Cast(FIGURES["value"], TextField())},
        figures=figures,
        people=buyers_of_step,
        headings={"ordered": BUYERS, "revenue": BUYERS},
        totals=no_totals,
        notes=notes,
        of_journey=of_journey,
    )
)
