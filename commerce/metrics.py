"""What came of the codes that journeys give: the figures on their steps."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commerce.models import CouponCode
from journeys.contracts import StepCount, StepMetrics, StepNote, Window, step_metrics

FIGURES = {"issued": Q(issued_at__isnull=False), "redeemed": Q(redeemed_at__isnull=False)}
LABELS = {"issued": gettext_lazy("Got a code"), "redeemed": gettext_lazy("Used it")}
HEADINGS = {
    "issued": gettext_lazy("Who got a code"),
    "redeemed": gettext_lazy("Who used the code"),
}


def _codes(journey_ids: Collection[UUID], window: Window) -> "QuerySet[CouponCode]":
    """Codes given to people who are still known: figures go with the people behind them."""
    return CouponCode.objects.filter(
        window.made_by(journey_ids), journey_id__in=journey_ids, contact__isnull=False
    )


def figures(row: Mapping[str, Any]) -> list[StepCount]:
    """How many people got a code, and how many used it."""
    return [
        StepCount("issued", LABELS["issued"], row["issued"]),
        StepCount("redeemed", LABELS["redeemed"], row["redeemed"], row["issued"]),
    ]


def people(
    journey_id: UUID, step_id: str, what: str, window: Window
) -> "QuerySet[CouponCode, UUID | None]":
    """The contacts behind a figure."""
    found = _codes([journey_id], window).filter(FIGURES[what], step_id=step_id)
    return found.values_list("contact_id", flat=True)


def totals(journey_ids: Collection[UUID], window: Window) -> dict[UUID, int]:
    """Codes are no messages: nothing was sent."""
    return {}


def notes(enrolment_id: UUID) -> list[StepNote]:
    """The codes of one run, and whether they were used."""
    return [
        StepNote(
            step_id=row.step_id,
            visit=row.visit,
            text=row.code,
            tone="ok" if row.redeemed_at else "",
            reason=_("used") if row.redeemed_at else "",
            at=row.redeemed_at or row.issued_at,
        )
        for row in CouponCode.objects.filter(enrolment_id=enrolment_id).order_by("issued_at")
    ]


step_metrics.register(
    StepMetrics(
        key="coupons",
        kinds=("issue_coupon",),
        rows=_codes,
        counts={name: Count("contact_id", distinct=True, filter=q) for name, q in FIGURES.items()},
        figures=figures,
        people=people,
        headings=HEADINGS,
        totals=totals,
        notes=notes,
    )
)
