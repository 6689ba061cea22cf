"""Who reached the goal of the journey."""

from django.utils.translation import gettext_lazy

from journeys.contracts import SplitMetric, split_metrics
from journeys.models import Enrolment

split_metrics.register(
    SplitMetric(
        key="goal",
        label=gettext_lazy("reach the goal"),
        heading=gettext_lazy("Who reached the goal"),
        happened=(
            f"EXISTS (SELECT 1 FROM {Enrolment._meta.db_table} AS reached"
            " WHERE reached.id = stay.enrolment_id"
            " AND reached.converted_at > stay.since AND reached.converted_at <= stay.until)"
        ),
        needs_goal=True,
        order=10,
    )
)
