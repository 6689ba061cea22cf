"""Figures of one definition over the people rehearsed so far, as JSON that stays small.

`people` counts each person once per figure, and some of them are kept by name; `counts` counts
runs, messages and events. Keys:

started, in_progress, completed, exited_early, failed, converted, held_out: as in numbers.py
entry:0                  people let in by that entry; with :events, :matched, :runs the counts
refused:reason           people not let in, and how often
ending:reason            people whose run ended so, and how many runs; "" is the end of the journey
step:id:entered          and :waiting, :lost, :left:outcome; :send, :deferred, :skipped of a message
held:code                people of whom a message was held back by that rule, and how many messages
shared:journey           people who were in that other live journey at the same time
mailed                   people who would have been sent anything
shared                   people who were in any of them
long                     people who did more than is looked at
cut, broken              people whose rehearsal did not come to an end, or failed
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from journeys.contracts.rehearsing import RehearsedMessage
from journeys.numbers import JourneyNumbers, StepNumbers
from journeys.rehearsal import Rehearsed, RehearsedRun

# People kept of each figure; fewer of each once there are many figures.
SAMPLE = 200
FEW = 10
MOST_SAMPLED = 10_000
WEEK = timedelta(days=7)
STATUSES = {
    "active": "in_progress",
    "held": "in_progress",
    "finished": "completed",
    "exited": "exited_early",
    "failed": "failed",
}
Json = dict[str, Any]


class Tally:
    """Counts what rehearsals came to; made from what was written after the last slice."""

    def __init__(
        self,
        *,
        begins: datetime,
        until: datetime,
        timezone: ZoneInfo,
        written: Json,
        samples: dict[str, list[str]],
    ) -> None:
        self.timezone = timezone
        self.until = until
        self.first_day = begins.astimezone(timezone).date()
        days = (until.astimezone(timezone).date() - self.first_day).days + 1
        self.people: dict[str, int] = written.get("people", {})
        self.counts: dict[str, int] = written.get("counts", {})
        self.days: list[int] = written.get("days") or [0] * days
        self.words: dict[str, str] = written.get("words", {})
        self.week: Json = written.get("week") or {"most": 0, "contact": ""}
        self.samples = samples
        self.sampled = sum(map(len, samples.values()))

    def as_json(self) -> Json:
        """All but the samples."""
        return {
            "people": self.people,
            "counts": self.counts,
            "days": self.days,
            "first_day": self.first_day.isoformat(),
            "words": self.words,
            "week": self.week,
        }

    # --- counting

    def count(self, key: str, by: int = 1) -> None:
        """So many more runs, messages or events."""
        self.counts[key] = self.counts.get(key, 0) + by

    def note(self, contact_id: UUID, keys: Sequence[str]) -> None:
        """One more person for each of these different figures."""
        for key in keys:
            self.people[key] = self.people.get(key, 0) + 1
            known = self.samples.setdefault(key, [])
            if len(known) < (SAMPLE if self.sampled < MOST_SAMPLED else FEW):
                known.append(contact_id.hex)
                self.sampled += 1

    def add(self, contact_id: UUID, rehearsed: Rehearsed) -> None:
        """Count what one person's rehearsal came to."""
        keys: dict[str, None] = {}
        for run in rehearsed.runs:
            keys |= dict.fromkeys(self._run(run))
        for refusal in rehearsed.not_let_in:
            self.count(f"refused:{refusal.reason}")
            keys[f"refused:{refusal.reason}"] = None
        for message in rehearsed.messages:
            keys |= dict.fromkeys(self._message(message))
        if sent := sorted(each.sent_at for each in rehearsed.messages if each.sent_at):
            keys["mailed"] = None
            self._pressure(contact_id, sent)
        if rehearsed.is_cut:
            keys["cut"] = None
        self.note(contact_id, list(keys))

    def _run(self, run: RehearsedRun) -> list[str]:
        """Count one run; the figures its person belongs to."""
        if run.held_out:
            self.count("held_out")
            return ["held_out", *(["held_out_converted"] if run.converted_at else [])]
        ending = "in_progress" if run.ended_at is None else run.exit_reason
        for key in ("runs", f"entry:{run.entry}:runs", f"ending:{ending}"):
            self.count(key)
        keys = ["started", STATUSES[run.status], f"entry:{run.entry}", f"ending:{ending}"]
        if run.converted_at:
            keys.append("converted")
        for stay in run.visits:
            keys += [f"step:{stay.step_id}:entered", _left(stay.step_id, stay.outcome)]
            if stay.outcome == "failed" or stay.outcome.startswith("exit:"):
                keys.append(f"step:{stay.step_id}:lost")
        if run.ended_at is None:
            keys += [f"step:{run.step_id}:entered", f"step:{run.step_id}:waiting"]
        return keys

    def _message(self, message: RehearsedMessage) -> list[str]:
        self.count("messages")
        self.count(f"verdict:{message.verdict}")
        keys = [f"step:{message.step_id}:{message.verdict}"]
        if message.sent_at:
            day = (message.sent_at.astimezone(self.timezone).date() - self.first_day).days
            self.days[min(max(day, 0), len(self.days) - 1)] += 1
        for code, words in _rules_of(message).items():
            self.count(f"held:{code}")
            self.words.setdefault(code, words)
            keys.append(f"held:{code}")
        return keys

    def _pressure(self, contact_id: UUID, sent: Sequence[datetime]) -> None:
        """Remember who would have been sent most within any seven days."""
        first = 0
        for number, moment in enumerate(sent):
            while moment - sent[first] >= WEEK:
                first += 1
            if number - first + 1 > self.week["most"]:
                self.week = {"most": number - first + 1, "contact": contact_id.hex}


def _rules_of(message: RehearsedMessage) -> dict[str, str]:
    """The rules that held it back, for a while or for good, in words."""
    held = {hold.code: hold.words for hold in message.holds}
    if message.reason and not message.sent_at:
        held.setdefault(message.reason, message.reason_words)
    return held


def _left(step_id: str, outcome: str) -> str:
    return f"step:{step_id}:left:{outcome}"


# --- reading what was written


def journey_numbers_of(written: Json) -> JourneyNumbers:
    """The figures as the report has them."""
    people: Mapping[str, int] = written.get("people", {})
    return JourneyNumbers(**{name: people.get(name, 0) for name in vars(JourneyNumbers())})


def step_numbers_of(written: Json) -> dict[str, StepNumbers]:
    """The figures of each step anybody would have come to, as the report has them."""
    found: dict[str, StepNumbers] = {}
    for key, people in written.get("people", {}).items():
        kind, _colon, rest = key.partition(":")
        if kind != "step":
            continue
        step_id, _colon, what = rest.partition(":")
        numbers = found.setdefault(step_id, StepNumbers())
        if what in ("entered", "waiting", "lost"):
            setattr(numbers, what, people)
        elif what.startswith("left:"):
            numbers.left[what.removeprefix("left:")] = people
    return found


def part(written: Mapping[str, int], prefix: str) -> dict[str, int]:
    """The figures whose keys begin with this, most first."""
    found = {
        key.removeprefix(prefix): count for key, count in written.items() if key.startswith(prefix)
    }
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def days_of(written: Json) -> list[tuple[date, int]]:
    """Messages per day of the workspace, without gaps; [] before the first slice."""
    if not written.get("first_day"):
        return []
    first = date.fromisoformat(written["first_day"])
    return [(first + timedelta(days=number), count) for number, count in enumerate(written["days"])]
