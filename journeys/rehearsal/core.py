"""One person's way through a journey, by the engine's own code, without leaving a trace.

Time jumps from one moment at which something happens to the next. At each, what happens goes in
the order of life: events act, entries that time opens let in, runs move on, messages are settled;
and again, until nothing more is due at that moment.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import OperationalError, connection
from django.utils.translation import gettext as _

from contacts.models import Contact
from core.errors import Retryable
from events.contracts import consumers_in_order
from events.isolation import is_transient
from events.models import Event
from journeys import trees
from journeys.consumers import CONSUMER, act_on
from journeys.contracts.rehearsing import Casting, Outbox, RehearsedMessage, Standpoint, outboxes
from journeys.engine import advance
from journeys.enrolment import Candidate, insert_runs, refusals
from journeys.local_time import zone_named
from journeys.models import Enrolment, StepVisit
from journeys.programs import lent
from journeys.rehearsal.outcome import NotLetIn, Rehearsed, read_runs
from journeys.rehearsal.script import Script, Start, write_version
from journeys.rehearsal.stage import rehearsing
from journeys.trees import Question
from tenants.context import current_workspace

# Moments at which anything happens, and things that happen at one moment: whoever comes that far
# goes in circles.
MOMENTS = 2000
MOVES = 200
# How often a rehearsal begins anew that met somebody else's lock.
TRIES = 3

FORGET = f"""
    WITH gone AS (
        DELETE FROM {Enrolment._meta.db_table} WHERE contact_id = %s AND journey_id = %s
        RETURNING id
    )
    DELETE FROM {StepVisit._meta.db_table} WHERE enrolment_id IN (SELECT id FROM gone)"""
STANDING = f"""
    SELECT id, due_at, waits_for, step_id, visit FROM {Enrolment._meta.db_table}
     WHERE contact_id = %s AND journey_id = %s AND status = 'active' ORDER BY id"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A run that goes on: where it stands, until when, and for which event."""

    run: UUID
    due_at: datetime | None
    waits_for: str
    step_id: str
    visit: int


@dataclass(frozen=True)
class Standing:
    """What a behaviour is asked about: nothing more is due now, and this is what comes next."""

    now: datetime
    waiting: Sequence[Waiting]
    messages: Sequence[RehearsedMessage]
    # When something happens next by itself; None when nothing does.
    next_at: datetime | None
    # How often the behaviour was asked before.
    number: int
    standpoint: Callable[[datetime], Standpoint]


@dataclass(frozen=True)
class Pass:
    """Let time pass until something happens."""


@dataclass(frozen=True)
class Stop:
    """Go no further."""


@dataclass(frozen=True)
class Doing:
    """Do this at that moment, which is not later than the next one."""

    at: datetime
    act: Callable[[Standpoint], None]


Behave = Callable[[Standing], Pass | Stop | Doing]


def rehearse(
    *,
    script: Script,
    contact_id: UUID,
    begins: datetime,
    until: datetime,
    events: Sequence[Event] = (),
    starts: Sequence[Start] = (),
    behave: Behave | None = None,
    draws: bool = False,
    heeds_guards: bool = True,
    prelude: Callable[[], None] | None = None,
) -> Rehearsed:
    """What becomes of this contact from `begins` up to `until` if these events, which are in the
    log and about them, and these starts are all that happens.

    Their runs and messages of this journey are forgotten first. Nothing is kept. `prelude` writes
    what must be there before, inside the same transaction. Raises Retryable `busy` when others
    hold the contact.
    """
    for tries_left in reversed(range(TRIES)):
        try:
            with rehearsing() as noted, ExitStack() as stack:
                if prelude:
                    prelude()
                    noted.clear()
                stack.enter_context(lent(script.program))
                casting = Casting(
                    contact_id, script.program.journey_id, begins, draws, heeds_guards
                )
                rehearsal = _Rehearsal(script, casting, noted)
                return rehearsal.play(events, starts, until, behave)
        except OperationalError as error:
            if not is_transient(error):
                raise
            if not tries_left:
                raise Retryable(
                    "busy", _("Somebody is busy with this person just now. Try again.")
                ) from error
    raise AssertionError


class _Rehearsal:
    def __init__(self, script: Script, casting: Casting, noted: list[int]) -> None:
        self.script = script
        self.casting = casting
        self.noted = noted
        self.ids = [casting.contact_id, casting.journey_id]
        self.zone = zone_named(current_workspace("A rehearsal").timezone) or ZoneInfo("UTC")
        self.opens_on = script.opens_on()
        self.hears_all = "*" in script.listens
        self.positions: dict[UUID, int] = {}
        self.not_let_in: list[NotLetIn] = []
        self.standing: list[Waiting] | None = None
        self.asked = 0
        self.acts = 0
        self.now = casting.begins
        self._set_up()

    def _set_up(self) -> None:
        with connection.cursor() as cursor:
            # First of all rows, so that whoever holds the contact is met before anything is held.
            cursor.execute(
                f"SELECT 1 FROM {Contact._meta.db_table} WHERE id = %s FOR NO KEY UPDATE",
                [self.casting.contact_id],
            )
            cursor.execute(FORGET, self.ids)
        write_version(self.script, now=self.casting.begins)
        self.outboxes: list[Outbox] = [kind.open(self.casting) for kind in outboxes]

    # --- time

    def play(
        self,
        events: Sequence[Event],
        starts: Sequence[Start],
        until: datetime,
        behave: Behave | None,
    ) -> Rehearsed:
        self.events = self._by_moment(events)
        self.starts = sorted(starts, key=lambda start: start.moment, reverse=True)
        self.doing: list[Doing] = []
        is_cut = True
        for _moment in range(MOMENTS):
            moment = self._next_moment()
            if moment is None or moment > until:
                self.now, is_cut = until, False
                break
            self.now = max(self.now, moment)
            for outbox in self.outboxes:
                outbox.come_to(self.now)
            if not self._live_through():
                break
            if behave and not self._ask(behave):
                is_cut = False
                break
        return self._told(is_cut)

    def _by_moment(self, events: Sequence[Event]) -> list[tuple[datetime, list[Event]]]:
        """The last first, each moment's together, as one batch; nothing is before the beginning."""

        def moment_of(event: Event) -> datetime:
            return max(event.occurred_at, self.casting.begins)

        ordered = sorted(events, key=lambda event: (moment_of(event), event.pk))
        found = [(moment, list(batch)) for moment, batch in groupby(ordered, key=moment_of)]
        return found[::-1]

    def _next_moment(self) -> datetime | None:
        waiting = self._waiting()
        moments = [each.due_at for each in waiting]
        moments += [outbox.next_due() for outbox in self.outboxes]
        moments += [each.at for each in self.doing]
        if self.starts:
            moments.append(self.starts[-1].moment)
        first = min((each for each in moments if each), default=None)
        return self._next_heard(first, {each.waits_for for each in waiting}) or first

    def _next_heard(self, first: datetime | None, awaited: set[str]) -> datetime | None:
        """The moment of the next events that concern anything; None when something else is first.

        Those before that moment are passed over: nobody waits for them.
        """
        while self.events:
            moment, batch = self.events[-1]
            if first and moment > first:
                return None
            if any(self._is_of_interest(event, awaited) for event in batch):
                return moment
            self.events.pop()
        return None

    def _is_of_interest(self, event: Event, awaited: set[str]) -> bool:
        return (
            self.hears_all
            or event.type in self.opens_on
            or event.type in awaited
            or event.type in self.script.listens
        )

    def _waiting(self) -> list[Waiting]:
        """The runs that go on, read anew only after something may have moved them."""
        if self.standing is None:
            with connection.cursor() as cursor:
                cursor.execute(STANDING, self.ids)
                self.standing = [Waiting(*row) for row in cursor.fetchall()]
        return self.standing

    # --- one moment

    def _live_through(self) -> bool:
        """Do all there is to do now; False when it does not come to an end."""
        for _move in range(MOVES):
            if self._hear() or self._let_in() or self._move_on():
                self.standing = None
            elif not self._settle():
                return True
        return False

    def _hear(self) -> bool:
        """One batch of events: those told, or what the last move or deed itself brought."""
        if self.events and self.events[-1][0] <= self.now:
            self._follow(self.events.pop()[1])
            return True
        if self.doing and self.doing[-1].at <= self.now:
            self.acts += 1
            self.doing.pop().act(self._standpoint(self.now))
            return True
        if not self.noted:
            return False
        new = list(Event.objects.filter(pk__in=self.noted).order_by("pk"))
        self.noted.clear()
        self._process(new)
        return True

    def _process(self, events: Sequence[Event]) -> None:
        """As the drain does, but that no other journey takes notice."""
        for consumer in consumers_in_order():
            if consumer.key == CONSUMER:
                self._follow([e for e in events if e.contact_id == self.casting.contact_id])
            else:
                consumer.consume(events, self.now)
        ids = [event.pk for event in events]
        Event.objects.filter(pk__in=ids).update(state=Event.State.DONE)

    def _follow(self, events: Sequence[Event]) -> None:
        if not events:
            return
        arrivals = act_on(
            events,
            now=self.now,
            zone=self.zone,
            ways_for=self.script.ways_for,
            # Of those that have ended the goal still counts.
            only=list(self.positions),
        )
        self._note(arrivals.candidates, set(arrivals.started))
        self.positions |= {run: each.position for run, each in arrivals.started.items()}
        for each in arrivals.unwelcome:
            self._refuse(each, "not_in_audience")

    def _let_in(self) -> bool:
        """Somebody's moment came, or they are put in by hand."""
        if not (self.starts and self.starts[-1].moment <= self.now):
            return False
        start = self.starts.pop()
        way = self.script.ways.get(start.entry)
        candidate = Candidate(
            self.script.program,
            self.casting.contact_id,
            min(start.moment, self.now),
            start.key,
            way.entry.key if way else "manual",
            start.context,
            start.entry,
        )
        if way and way.only and not self._holds(way.only):
            self._refuse(candidate, "not_in_audience")
            if not start.is_sure:
                return True
        started = insert_runs(candidates=[candidate], now=self.now)
        self._note([candidate], set(started))
        self.positions |= dict.fromkeys(started, start.entry)
        return True

    def _holds(self, tree: dict[str, object]) -> bool:
        asked = Question([self.casting.contact_id], tree, self.casting.journey_id)
        return bool(trees.matching([asked], now=self.now, timezone=self.zone)[0])

    def _note(self, candidates: Sequence[Candidate], started: set[UUID]) -> None:
        """Note whom the rules kept out."""
        if len(started) == len(candidates):
            return
        begun = set(Enrolment.objects.filter(pk__in=started).values_list("key", flat=True))
        for each in candidates:
            if each.key[:128] in begun or not each.program.first:
                continue
            found = refusals(self.casting.journey_id, [each.contact_id], each.key)
            self._refuse(each, found[each.contact_id])

    def _refuse(self, candidate: Candidate, reason: str) -> None:
        self.not_let_in.append(NotLetIn(self.now, candidate.position, reason, candidate.key))

    def _move_on(self) -> bool:
        due = [each.run for each in self._waiting() if each.due_at and each.due_at <= self.now]
        return bool(due and advance(now=self.now, ids=due).claimed)

    def _settle(self) -> bool:
        return sum(outbox.settle(self.now) for outbox in self.outboxes) > 0

    # --- what the person does

    def _ask(self, behave: Behave) -> bool:
        """Ask what they do next; False when it goes no further."""
        waiting = self._waiting()
        next_at = self._next_moment()
        standing = Standing(
            self.now, waiting, self._messages(), next_at, self.asked, self._standpoint
        )
        answer = behave(standing)
        self.asked += 1
        if isinstance(answer, Doing):
            self.doing.append(answer)
        return not isinstance(answer, Stop)

    def _standpoint(self, at: datetime) -> Standpoint:
        runs = Enrolment.objects.filter(
            contact_id=self.casting.contact_id, journey_id=self.casting.journey_id
        )
        context = runs.order_by("-started_at").values_list("context", flat=True).first()
        contact_id, journey_id = self.ids
        return Standpoint(contact_id, journey_id, at, self._messages(), context or {}, self.acts)

    # --- the end

    def _messages(self) -> list[RehearsedMessage]:
        found = [message for outbox in self.outboxes for message in outbox.messages()]
        return sorted(found, key=lambda message: (message.queued_at, message.id))

    def _told(self, is_cut: bool) -> Rehearsed:
        runs = read_runs(
            contact_id=self.casting.contact_id,
            journey_id=self.casting.journey_id,
            positions=self.positions,
        )
        return Rehearsed(runs, self._messages(), self.not_let_in, self.now, is_cut)
