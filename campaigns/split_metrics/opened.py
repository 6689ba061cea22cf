"""Who opened a mail that came after the split."""

from django.utils.translation import gettext_lazy

from campaigns.split_metrics import of_mails
from journeys.contracts import SplitMetric, split_metrics

split_metrics.register(
    SplitMetric(
        key="opened",
        label=gettext_lazy("open a mail"),
        heading=gettext_lazy("Who opened a mail"),
        happened=of_mails("opened_at"),
        order=30,
    )
)
