"""The Celery application: hints between processes, never state."""

import os

from celery import Celery, signals

from config.beat import BEAT_SCHEDULE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("viaggio", set_as_current=True)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    beat_schedule=BEAT_SCHEDULE,
    timezone="UTC",
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    # Each lane has its own queue, so that each can be given workers by itself.
    task_routes={
        "tenants.send_system_mail": {"queue": "sending"},
        "tenants.*": {"queue": "events"},
        "events.*": {"queue": "events"},
        "contacts.*": {"queue": "bulk"},
        "journeys.*": {"queue": "journeys"},
        "campaigns.*": {"queue": "sending"},
        "capture.*": {"queue": "bulk"},
    },
    task_default_queue="journeys",
    task_create_missing_queues=True,
    # A hint that cannot be sent is dropped: the agenda row will send another.
    task_publish_retry=False,
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": 900,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
    },
    worker_hijack_root_logger=False,
    worker_max_tasks_per_child=2000,
)
app.autodiscover_tasks()


@signals.worker_process_init.connect
def forget_inherited_connections(**kwargs: object) -> None:
    """A forked worker must not share its parent's database socket."""
    from django.db import connections

    connections.close_all()
