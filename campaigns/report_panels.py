"""The journey report on one mail: the mail itself, and how its clicks compare.

The comparison is made only when there are enough of them.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from campaigns.models import Message
from core.charts import localized
from journeys.contracts import ReportPanel, ReportScope, StepCount, of_kinds, report_panels

# Fewer mails or clicks than these and the next one could turn the sentence round.
ENOUGH_DELIVERED = 100
ENOUGH_CLICKS = 10
WORKSPACE_DAYS = timedelta(days=30)

Clicks = tuple[int, int]


def _context(scope: ReportScope) -> dict[str, Any] | None:
    if scope.node is None:
        return None
    here = _clicks(scope.counts(scope.node.id))
    if not _is_enough(here):
        return None
    others = _of_others(scope, scope.node.id)
    if _is_enough(others):
        return _compared(here, others, _("the other mails of this journey"))
    average = _of_workspace(scope)
    if _is_enough(average):
        return _compared(here, average, _("your average mail of the last 30 days"))
    return None


def _clicks(counts: Mapping[str, StepCount]) -> Clicks:
    """(clicked, delivered) of a step."""
    if "clicked" not in counts or "delivered" not in counts:
        return 0, 0
    return counts["clicked"].count, counts["delivered"].count


def _of_others(scope: ReportScope, step_id: str) -> Clicks:
    each = [_clicks(scope.counts(step)) for step in scope.figures if step not in ("", step_id)]
    return sum(clicked for clicked, _of in each), sum(delivered for _clicked, delivered in each)


def _of_workspace(scope: ReportScope) -> Clicks:
    """Of all mails but transactional ones."""
    sent = Message.objects.filter(
        sent_at__gte=scope.now - WORKSPACE_DAYS, lane__gt=Message.Lane.TRANSACTIONAL
    )
    found = sent.aggregate(
        clicked=Count("pk", filter=Q(clicked_at__isnull=False)),
        delivered=Count("pk", filter=~Q(status=Message.Status.BOUNCED)),
    )
    return found["clicked"], found["delivered"]


def _is_enough(clicks: Clicks) -> bool:
    return clicks[0] >= ENOUGH_CLICKS and clicks[1] >= ENOUGH_DELIVERED


def _compared(here: Clicks, average: Clicks, with_what: str) -> dict[str, Any]:
    times = (here[0] / here[1]) / (average[0] / average[1])
    words = {
        "times": number_format(times, decimal_pos=1),
        "with": with_what,
        "clicked": localized(average[0]),
        "delivered": localized(average[1]),
    }
    return {
        "icon": "trending-up" if times >= 1 else "trending-down",
        "tone": "ok" if times >= 1 else "warn",
        "sentence": _("Clicks are %(times)s times those of %(with)s") % words,
        "count": _("%(clicked)s clicks of %(delivered)s delivered") % words,
    }


report_panels.register(
    ReportPanel(
        "clicks_compared",
        "campaigns/_clicks_compared.html",
        of_kinds("send_email"),
        _context,
        order=20,
    )
)


# --- the mail itself


def _mail(scope: ReportScope) -> dict[str, Any] | None:
    template = str(scope.node.config.get("template") or "") if scope.node else ""
    try:
        return {"url": reverse("campaigns:template", args=[UUID(template)])}
    except ValueError:
        return None


report_panels.register(
    ReportPanel("mail", "campaigns/_report_mail.html", of_kinds("send_email"), _mail, order=80)
)
