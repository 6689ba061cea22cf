"""Tidying up."""

from celery import shared_task
from django.utils import timezone

from core import rate_limits
from tenants.celery import PublicTask


@shared_task(base=PublicTask, name="capture.forget_rate_counts")
def forget_rate_counts() -> int:
    """Delete counts whose window is over; a missed run leaves rows that count for nothing."""
    return rate_limits.forget_past(now=timezone.now())
