"""The shop's medians, each night there is a shop."""

from commerce.figures import compute_figures
from commerce.models import Cart, Order
from tenants.daily import DailyJob, daily_jobs


def has_shop() -> bool:
    """Whether anything was ever sold or wanted here."""
    return Order.objects.exists() or Cart.objects.exists()


daily_jobs.register(DailyJob("commerce.figures", has_shop, compute_figures, order=20))
