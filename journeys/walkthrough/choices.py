"""What the person does at each point of a walk, as the reader of the page chose it.

A point is where they have come to rest, after each message and after each thing they did.
Choices stand in order; a point without one is passed by, or the walk stops there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from journeys.contracts import behaviours
from journeys.rehearsal import Doing, Pass, Standing, Stop

NOTHING = "nothing"
# Choices one walk may have; a person who does more than that is no test.
MOST = 60
# People do things some time after they could; when the next thing comes sooner, half way there.
HESITATION = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing they could do at a point."""

    token: str
    label: str
    icon: str


@dataclass(frozen=True)
class Point:
    """Where they stand and could do something; `done` is what they do, None for nothing."""

    number: int
    run: UUID
    visit: int
    now: datetime
    acts_at: datetime
    offers: Sequence[Offer]
    done: Offer | None = None
    # The walk waits here for a choice.
    is_open: bool = False
    # What was chosen is not to be done here.
    is_lost: bool = False


@dataclass
class Chooser:
    """Answers for the person; afterwards `points` tells where they could have done what."""

    chosen: Sequence[str] = ()
    pauses: bool = False
    points: list[Point] = field(default_factory=list)

    def __call__(self, standing: Standing) -> Pass | Stop | Doing:
        if standing.number == 0:
            # Begun anew, when others held the contact.
            self.points.clear()
            self._seen: object = None
            self._acts = 0
        sent = sum(1 for each in standing.messages if each.sent_at)
        stands = (tuple((each.run, each.visit) for each in standing.waiting), sent, self._acts)
        if not standing.waiting or stands == self._seen or len(self.points) >= MOST:
            return Pass()
        self._seen = stands
        return self._choose(standing)

    def _choose(self, standing: Standing) -> Pass | Stop | Doing:
        number = len(self.points)
        token = self.chosen[number] if number < len(self.chosen) else ""
        at = acts_at(standing.now, standing.next_at)
        offers = _offers(standing, at)
        done = next((each for each in offers if each.token == token), None)
        is_open = not token and self.pauses
        self.points.append(
            Point(
                number=number,
                run=standing.waiting[0].run,
                visit=standing.waiting[0].visit,
                now=standing.now,
                acts_at=at,
                offers=offers,
                done=done,
                is_open=is_open,
                is_lost=bool(token) and token != NOTHING and done is None,
            )
        )
        if is_open:
            return Stop()
        if done is None:
            return Pass()
        self._acts += 1
        key, _colon, value = token.partition(":")
        return Doing(at, partial(behaviours.get(key).act, value=value))


def acts_at(now: datetime, next_at: datetime | None) -> datetime:
    """When somebody who stands there from `now` on does what they do."""
    return now + min(HESITATION, (next_at - now) / 2) if next_at else now + HESITATION


def _offers(standing: Standing, at: datetime) -> list[Offer]:
    standpoint = standing.standpoint(at)
    return [
        Offer(_token(each.key, option.value), str(option.label), each.icon)
        for each in sorted(behaviours, key=lambda each: (each.order, each.key))
        for option in each.options(standpoint)
    ]


def _token(key: str, value: str) -> str:
    return f"{key}:{value}" if value else key


def changed(chosen: Sequence[str], number: int, token: str) -> list[str]:
    """The choices with another one at that point; those after it stay at their points.

    Whoever does something comes to rest once more, so that there is one point more after it.
    """
    padded = [*chosen[:number], *[NOTHING] * (number - len(chosen))]
    was = chosen[number] if number < len(chosen) else NOTHING
    later = list(chosen[number + 1 :])
    if later and was == NOTHING and token != NOTHING:
        later.insert(0, NOTHING)
    elif later and was != NOTHING and token == NOTHING and later[0] == NOTHING:
        later.pop(0)
    return [*padded, token, *later][:MOST]
