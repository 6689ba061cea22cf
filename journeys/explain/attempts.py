"""One moment at which somebody could have come in by an entry, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.explaining import Finding
from journeys.contracts import Check
from journeys.enrolment import LOOP_RUNS, LOOP_WINDOW
from journeys.explain.facts import Facts
from journeys.models import Enrolment
from journeys.rules import holdout_share, re_entry_floor

# In the order in which the engine asks; `came_in`, `held_out` and `loop_guard` leave a run behind.
CODES = {
    "came_in": gettext_lazy("came in"),
    "held_out": gettext_lazy("came in, and was held out to compare"),
    "waiting": gettext_lazy("not looked at yet"),
    "event_failed": gettext_lazy("could not be processed"),
    "to_come": gettext_lazy("still to come"),
    "not_live_yet": gettext_lazy("the journey was not live yet"),
    "not_live": gettext_lazy("the journey stood still"),
    "no_such_way": gettext_lazy("the journey did not start with this then"),
    "filtered": gettext_lazy("did not pass"),
    "not_in_audience": gettext_lazy("is not among those the entry is for"),
    "already_inside": gettext_lazy("was inside already"),
    "entered_before": gettext_lazy("was in it before"),
    "loop_guard": gettext_lazy("came in too often within an hour"),
    "changed_since": gettext_lazy("would come in by what is known now"),
}
INSIDE_CODES = ("came_in", "held_out")


@dataclass(frozen=True)
class Attempt:
    """What happened, when, and whether it let them in: a code, and a sentence."""

    at: datetime
    code: str
    words: str
    what: str = ""
    checks: Sequence[Check] = ()
    audience: Finding | None = None
    run: Enrolment | None = None

    @property
    def let_in(self) -> bool:
        return self.code in INSIDE_CODES

    @property
    def label(self) -> str:
        """The code in a few words."""
        return str(CODES[self.code])


@dataclass(frozen=True)
class Verdict:
    """A code of `CODES` and its sentence."""

    code: str
    words: str


@dataclass(frozen=True)
class Trial:
    """Somebody at the door: the moment the engine looked, and the run they would have begun."""

    facts: Facts
    moment: datetime
    key: str
    kind: str
    settings: dict[str, Any] = field(default_factory=dict)
    run: Enrolment | None = None

    def of_run(self) -> Verdict | None:
        """What became of them when there is a run; None without one."""
        if self.run is None:
            return None
        if self.run.exit_reason == "loop_guard":
            return self._looped()
        if self.run.holdout:
            share = round(100 * holdout_share(self.settings)) or 1
            words = _("They came in, among the %(share)s%% held out to compare: they get nothing.")
            return Verdict("held_out", words % {"share": share})
        return Verdict("came_in", _("This let them in."))

    def of_running(self) -> Verdict | None:
        """Why the journey took nobody in then; None when it ran."""
        facts = self.facts
        if facts.version_at(self.moment) and facts.period_at(self.moment):
            return None
        earlier = [each for each in facts.periods if each.began_at <= self.moment]
        later = [each for each in facts.periods if each.began_at > self.moment]
        if earlier and earlier[0].ended_at:
            words = {"since": facts.said(earlier[0].ended_at)}
            if not later:
                return Verdict("not_live", _("The journey stands still since %(since)s.") % words)
            words["until"] = facts.said(later[-1].began_at)
            text = _("The journey stood still from %(since)s to %(until)s.")
            return Verdict("not_live", text % words)
        if not later:
            return Verdict("not_live_yet", _("The journey was never live."))
        words = {"began": facts.said(later[-1].began_at)}
        text = _("The journey went live on %(began)s, after this.")
        return Verdict("not_live_yet", text % words)

    def of_rules(self) -> Verdict | None:
        """What the rules about coming again say; None when they let people in."""
        before = [run for run in self.facts.runs if self._is_before(run)]
        same = [run for run in before if run.key == self.key]
        inside = [run for run in same if run.ended_at is None or run.ended_at > self.moment]
        if inside:
            words = {"since": self.facts.said(inside[0].started_at)}
            return Verdict(
                "already_inside", _("They were inside already, since %(since)s.") % words
            )
        if barred := self._barred(same):
            return barred
        return self._looped() if _is_loop(before, self.moment) else None

    def _is_before(self, run: Enrolment) -> bool:
        return run is not self.run and run.started_at <= self.moment

    def _barred(self, same: Sequence[Enrolment]) -> Verdict | None:
        floor = re_entry_floor(self.settings, self.moment)
        bars = [run for run in same if floor is not None and run.started_at >= floor]
        if not bars:
            return None
        words = {"since": self.facts.said(bars[0].started_at)}
        if self.settings.get("re_entry") == "after_days":
            days = timedelta(days=int(self.settings.get("re_entry_days") or 1))
            words["again"] = self.facts.said(bars[0].started_at + days)
            text = _("They came in on %(since)s, and could come again from %(again)s on.")
        elif self.key:
            text = _("They came in with the very same thing on %(since)s, and it counts once.")
        else:
            text = _("They came in on %(since)s, and everybody comes in once only.")
        return Verdict("entered_before", text % words)

    @staticmethod
    def _looped() -> Verdict:
        words = _(
            "They came in %(times)s times within an hour, so the journey was stopped for them."
        )
        return Verdict("loop_guard", words % {"times": LOOP_RUNS})


def _is_loop(before: Sequence[Enrolment], moment: datetime) -> bool:
    lately = [run for run in before if run.started_at > moment - LOOP_WINDOW]
    told = any(run.exit_reason == "loop_guard" for run in lately)
    return told and len(lately) >= LOOP_RUNS
