"""The composition root: settings, urls, celery, beat, health. Nobody imports it."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
