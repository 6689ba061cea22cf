"""All that other floors may know of journeys: what they register here, and what they may ask."""

from journeys.contracts.asking import (
    is_inside,
    is_keyed,
    left_after,
    priority,
    quiet_hours,
    run_started,
    run_value,
)
from journeys.contracts.checks import Check, is_news
from journeys.contracts.figures import (
    Earned,
    Earnings,
    StepCount,
    StepMetrics,
    StepNote,
    earnings,
    step_metrics,
)
from journeys.contracts.messages import MessageForm, not_after
from journeys.contracts.outcomes import Branch, Exit, Next, Outcome, WaitFor, WaitUntil
from journeys.contracts.plugins import (
    Entry,
    Family,
    NoSettings,
    Plugin,
    Step,
    TimedEntry,
    Words,
    entries,
    steps,
)
from journeys.contracts.recipes import Ingredient, Recipe, ingredients, recipes
from journeys.contracts.reporting import (
    ReportPanel,
    ReportScope,
    of_journey,
    of_kinds,
    report_panels,
)
from journeys.contracts.runs import Config, Run, StepBatch, Store
from journeys.contracts.sendings import Objection, Sending, SendingSource, sending_sources
from journeys.contracts.splitting import SplitMetric, split_metrics
from journeys.contracts.windows import EVER, Window
from journeys.moments import Scope

__all__ = [
    "EVER",
    "Branch",
    "Check",
    "Config",
    "Earned",
    "Earnings",
    "Entry",
    "Exit",
    "Family",
    "Ingredient",
    "MessageForm",
    "Next",
    "NoSettings",
    "Objection",
    "Outcome",
    "Plugin",
    "Recipe",
    "ReportPanel",
    "ReportScope",
    "Run",
    "Scope",
    "Sending",
    "SendingSource",
    "SplitMetric",
    "Step",
    "StepBatch",
    "StepCount",
    "StepMetrics",
    "StepNote",
    "Store",
    "TimedEntry",
    "WaitFor",
    "WaitUntil",
    "Window",
    "Words",
    "earnings",
    "entries",
    "ingredients",
    "is_inside",
    "is_keyed",
    "is_news",
    "left_after",
    "not_after",
    "of_journey",
    "of_kinds",
    "priority",
    "quiet_hours",
    "recipes",
    "report_panels",
    "run_started",
    "run_value",
    "sending_sources",
    "split_metrics",
    "step_metrics",
    "steps",
]
