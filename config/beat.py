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
}
