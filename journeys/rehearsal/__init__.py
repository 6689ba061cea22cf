"""Trying a journey out on one person: the engine itself, in a transaction that is undone."""

from journeys.rehearsal.core import Behave, Doing, Pass, Standing, Stop, rehearse
from journeys.rehearsal.outcome import NotLetIn, Rehearsed, RehearsedRun, RehearsedVisit
from journeys.rehearsal.script import Script, Start, prepare
from journeys.rehearsal.stage import rehearsing

__all__ = [
    "Behave",
    "Doing",
    "NotLetIn",
    "Pass",
    "Rehearsed",
    "RehearsedRun",
    "RehearsedVisit",
    "Script",
    "Standing",
    "Start",
    "Stop",
    "prepare",
    "rehearse",
    "rehearsing",
]
