"""What an A/B test can be about: one file for each thing that may happen after the split."""

from dataclasses import dataclass

from core.registry import Registry
from journeys.contracts.plugins import Words


@dataclass(frozen=True)
class SplitMetric:
    """Something that people do or do not do after they were sent into a variant.

    `happened` is a SQL condition over `stay`, one person's way through the split: `contact_id`,
    `enrolment_id`, `journey_id`, `visit` (its number in the run; later ones are higher), and
    `since` and `until`, between which it has to have happened. It may use no parameters. Nothing
    that a machine did may count.
    """

    key: str
    label: Words
    # Heads the list of those to whom it happened.
    heading: Words
    happened: str
    # True when a journey without a goal cannot be tested by it.
    needs_goal: bool = False
    # Its place among the choices, lowest first.
    order: int = 100


split_metrics: Registry[SplitMetric] = Registry("split metrics")
