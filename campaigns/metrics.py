"""What became of the mails that journeys send: the figures on their steps.

delivered = sent - bounced; only what people did counts, never a scanner or a privacy proxy.
"""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.models import Message
from core.charts import localized
from journeys.contracts import StepCount, StepMetrics, StepNote, Window, step_metrics

SENT = Q(sent_at__isnull=False)
FIGURES = {
    "sent": SENT,
    "delivered": SENT & ~Q(status=Message.Status.BOUNCED),
    "opened": Q(opened_at__isnull=False),
    "clicked": Q(clicked_at__isnull=False),
    "unsubscribed": Q(unsubscribed_at__isnull=False),
    "bounced": Q(status=Message.Status.BOUNCED),
    "unsent": Q(status__in=[Message.Status.SKIPPED, Message.Status.FAILED]),
}
LABELS = {
    "sent": gettext_lazy("Sent"),
    "delivered": gettext_lazy("Delivered"),
    "opened": gettext_lazy("Opened"),
    "clicked": gettext_lazy("Clicked"),
    "unsubscribed": gettext_lazy("Unsubscribed"),
    "bounced": gettext_lazy("Bounced"),
    "unsent": gettext_lazy("Not sent"),
}
HEADINGS = {
    "sent": gettext_lazy("Who was sent the message"),
    "delivered": gettext_lazy("Whom the message reached"),
    "opened": gettext_lazy("Who opened the message"),
    "clicked": gettext_lazy("Who clicked in the message"),
    "unsubscribed": gettext_lazy("Who unsubscribed by the message"),
    "bounced": gettext_lazy("Whose message bounced"),
    "unsent": gettext_lazy("Whose message was not sent"),
}
COUNTS = {name: Count("contact_id", distinct=True, filter=q) for name, q in FIGURES.items()}
FUNNEL = ("delivered", "opened", "clicked")
ASIDE = ("sent", "bounced", "unsent", "unsubscribed")
TONES = {
    Message.Status.ACCEPTED: "ok",
    Message.Status.DELIVERED: "ok",
    Message.Status.BOUNCED: "bad",
    Message.Status.COMPLAINED: "bad",
    Message.Status.FAILED: "bad",
    Message.Status.SKIPPED: "warn",
    Message.Status.DEFERRED: "warn",
    Message.Status.IN_DOUBT: "warn",
}


def _of_journeys(journey_ids: Collection[UUID], window: Window) -> "QuerySet[Message]":
    """Their mails to people who are still known: figures go with the people behind them."""
    return Message.objects.filter(
        window.made_by(journey_ids), journey_id__in=journey_ids, contact__isnull=False
    )


def figures(row: Mapping[str, Any]) -> list[StepCount]:
    """Delivered, opened, clicked, and what did not go as wished."""
    shares = {"delivered": row["sent"], "opened": row["delivered"], "clicked": row["delivered"]}
    shares |= {"bounced": row["sent"], "unsubscribed": row["delivered"]}
    return [
        StepCount(name, LABELS[name], row[name], shares.get(name), is_aside=name not in FUNNEL)
        for name in (*FUNNEL, *ASIDE)
        if row[name] or name in FUNNEL
    ]


def of_journey(row: Mapping[str, Any]) -> list[StepCount]:
    """How many people were written to how often, and who unsubscribed by it."""
    words = ngettext("were sent %(number)s mail", "were sent %(number)s mails", row["messages"]) % {
        "number": localized(row["messages"])
    }
    found = [StepCount("sent", words, row["sent"])] if row["sent"] else []
    if row["unsubscribed"]:
        words = _("unsubscribed by one of them")
        found.append(StepCount("unsubscribed", words, row["unsubscribed"], row["delivered"]))
    return found


def people(
    journey_id: UUID, step_id: str, what: str, window: Window
) -> "QuerySet[Message, UUID | None]":
    """The contacts behind a figure."""
    found = _of_journeys([journey_id], window).filter(FIGURES[what])
    if step_id:
        found = found.filter(step_id=step_id)
    return found.values_list("contact_id", flat=True)


def totals(journey_ids: Collection[UUID], window: Window) -> dict[UUID, int]:
    """How many mails each journey has sent."""
    rows = _of_journeys(journey_ids, window).filter(SENT).values_list("journey_id")
    return {journey_id: sent for journey_id, sent in rows.annotate(Count("pk")) if journey_id}


def notes(enrolment_id: UUID) -> list[StepNote]:
    """The mails of one run with their status and its reason."""
    found = Message.objects.filter(enrolment_id=enrolment_id)
    rows = found.annotate(subject=F("template_version__subject")).order_by("queued_at")
    return [
        StepNote(
            step_id=row.step_id,
            visit=visit_of(row.send_key),
            text=row.get_status_display(),
            tone=TONES.get(row.status, "info"),  # type: ignore[call-overload]
            reason=row.reason_text,
            at=row.sent_at or row.queued_at,
        )
        for row in rows
    ]


def visit_of(send_key: str) -> int:
    """The visit of the step that queued the mail with this key; 0 for a mail of no step."""
    last = send_key.rsplit(":", 1)[-1]
    return int(last) if last.isdigit() else 0


step_metrics.register(
    StepMetrics(
        key="email",
        kinds=("send_email",),
        rows=_of_journeys,
        counts={**COUNTS, "messages": Count("pk", filter=SENT)},
        figures=figures,
        people=people,
        headings=HEADINGS,
        totals=totals,
        notes=notes,
        of_journey=of_journey,
    )
)
