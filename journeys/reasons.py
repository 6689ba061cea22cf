"""Outcomes and reasons, as the engine keeps them, in words."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

REASONS = {
    "": gettext_lazy("Came to the end"),
    "goal": gettext_lazy("Reached the goal"),
    "failed": gettext_lazy("A step failed"),
    "removed": gettext_lazy("Taken out by hand"),
    "skipped": gettext_lazy("The wait was skipped by hand"),
    "archived": gettext_lazy("The journey was archived"),
    "exit_step": gettext_lazy("Came to an exit"),
    "exit": gettext_lazy("Met a rule for leaving"),
    "loop_guard": gettext_lazy("Stopped: the journey went round in circles"),
    "no_branch_matched": gettext_lazy("No branch fitted"),
    "holdout": gettext_lazy("Held out for comparison"),
}
REFUSALS = {
    "not_live": gettext_lazy("the journey is not live"),
    "no_such_contact": gettext_lazy("no such contact"),
    "already_inside": gettext_lazy("already inside"),
    "entered_before": gettext_lazy("was in it before, and may not enter again"),
    "loop_guard": gettext_lazy("entered too often within the hour"),
}


def reason_words(reason: str) -> str:
    """Why a run ended; the owner's own words stand for themselves."""
    return str(REASONS.get(reason, reason))


def outcome_words(outcome: str, lanes: list[str] | None = None) -> str:
    """How a stay at a step ended; `lanes` are the names of its branches."""
    head, _colon, rest = outcome.partition(":")
    if head == "next":
        return _("Went on")
    if head == "branch":
        number = int(rest) if rest.isdigit() else 0
        known = lanes or []
        lane = known[number] if number < len(known) else str(number + 1)
        return _("Took “%(lane)s”") % {"lane": lane}
    return reason_words(rest if head == "exit" else head)


def refusal_words(reason: str) -> str:
    """Why somebody was not let in, as the end of a sentence."""
    return str(REFUSALS.get(reason, reason))
