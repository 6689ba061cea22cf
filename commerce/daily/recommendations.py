"""What sells and what is bought together, each night while the shop sells anything."""

from datetime import datetime

from commerce.models import Product, ProductPair, ProductRank
from commerce.recommending import compute_pairs, compute_ranks
from tenants.daily import DailyJob, daily_jobs


def has_catalogue() -> bool:
    """Whether there is anything to rank, or anything ranked to take away."""
    return Product.objects.exists() or ProductPair.objects.exists() or ProductRank.objects.exists()


def compute(now: datetime) -> None:
    """Both tables anew."""
    compute_ranks(now)
    compute_pairs(now)


daily_jobs.register(DailyJob("commerce.recommendations", has_catalogue, compute, order=30))
