"""The rows of journeys, by what they are about."""

from journeys.models.drafting import DraftEdit
from journeys.models.enrolment import Enrolment, EnrolmentQuerySet, StepVisit
from journeys.models.journey import Journey, JourneyVersion, LiveEntry, LivePeriod
from journeys.models.publishing import PlannedPublishing, VersionMove
from journeys.models.trials import Replay, SplitDecision

__all__ = [
    "DraftEdit",
    "Enrolment",
    "EnrolmentQuerySet",
    "Journey",
    "JourneyVersion",
    "LiveEntry",
    "LivePeriod",
    "PlannedPublishing",
    "Replay",
    "SplitDecision",
    "StepVisit",
    "VersionMove",
]
