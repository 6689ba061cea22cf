"""Whether A/B tests have a winner, each night while one is undecided."""

from journeys.split_decisions import decide_by_rule, open_trials
from tenants.daily import DailyJob, daily_jobs


def has_open_tests() -> bool:
    """Whether any running journey has a test without a decision."""
    return bool(open_trials())


daily_jobs.register(DailyJob("journeys.splits", has_open_tests, decide_by_rule, order=50))
