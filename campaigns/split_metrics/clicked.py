"""Who clicked in a mail that came after the split."""

from django.utils.translation import gettext_lazy

from campaigns.split_metrics import of_mails
from journeys.contracts import SplitMetric, split_metrics

split_metrics.register(
    SplitMetric(
        key="clicked",
        label=gettext_lazy("click in a mail"),
        heading=gettext_lazy("Who clicked in a mail"),
        happened=of_mails("clicked_at"),
        order=20,
    )
)
