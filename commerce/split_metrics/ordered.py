"""Who ordered, whatever brought them: chance alone tells the variants apart."""

from django.utils.translation import gettext_lazy

from commerce.models import Order
from journeys.contracts import SplitMetric, split_metrics

VOID = ", ".join(f"'{status}'" for status in Order.VOID)

split_metrics.register(
    SplitMetric(
        key="ordered",
        label=gettext_lazy("place an order"),
        heading=gettext_lazy("Who placed an order"),
        happened=(
            f"EXISTS (SELECT 1 FROM {Order._meta.db_table} AS bought"
            " WHERE bought.contact_id = stay.contact_id"
            " AND bought.placed_at > stay.since AND bought.placed_at <= stay.until"
            f" AND NOT bought.is_deleted AND bought.status NOT IN ({VOID}))"
        ),
        order=15,
    )
)
