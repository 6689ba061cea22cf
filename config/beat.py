"""Every clock of the system on one page. Each only ticks: what is due is a question to rows."""

from typing import Any

BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    # Hints at each workspace lane that is due.
    "tick": {
        "task": "tenants.tick",
        "schedule": 2.0,
        "options": {"queue": "events", "expires": 10},
    },
    # Counts of rate limits whose window is over.
    "forget_rate_counts": {
        "task": "capture.forget_rate_counts",
        "schedule": 3600.0,
        "options": {"queue": "bulk", "expires": 3600},
    },
    # Mail of the installation that an earlier attempt or a lost hint left behind.
    "system_mail": {
        "task": "tenants.send_system_mail",
        "schedule": 10.0,
        "options": {"queue": "sending", "expires": 10},
    },
    # The net below the agenda; what it catches should be nothing.
    "sweep_agenda": {
        "task": "tenants.sweep_agenda",
        "schedule": 900.0,
        "options": {"queue": "bulk", "expires": 900},
    },
    # Tickets of hand-overs whose sessions are over.
    "forget_old_tickets": {
        "task": "tenants.forget_old_tickets",
        "schedule": 86_400.0,
        "options": {"queue": "bulk", "expires": 3600},
    },
}
