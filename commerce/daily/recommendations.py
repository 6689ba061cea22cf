"""What sells and what is bought together, each night while the shop sells anything."""

from datetime import datetime, timedelta

from django.db.models.functions import Now

from commerce.models import OrderLine, Product
from commerce.recommending import RECENT, compute_pairs, compute_ranks
from tenants.daily import DailyJob, daily_jobs

# Sales leave the window of what sells now so long after they were made; then nothing moves.
WINDOW = RECENT + timedelta(days=2)


def has_news() -> bool:
    """Whether something sold lately, or a product has no rank yet."""
    sold = OrderLine.objects.filter(counts=True, placed_at__gt=Now() - WINDOW)
    return Product.objects.filter(rank__isnull=True).exists() or sold.exists()


def compute(now: datetime) -> None:
    """Both tables anew."""
    compute_ranks(now)
    compute_pairs(now)


daily_jobs.register(DailyJob("commerce.recommendations", has_news, compute, order=30))
