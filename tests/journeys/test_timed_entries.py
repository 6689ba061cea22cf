"""Time-born entries: everybody once, at their moment, however late and often it is asked."""

from datetime import timedelta

import pytest
import time_machine
from django import forms
from django.db import connection

from contacts.models import Contact
from events.drain import drain
from events.services import record
from journeys import services
from journeys.chance import fraction, fraction_sql
from journeys.contracts import TimedEntry, entries
from journeys.engine import next_due
from journeys.models import Enrolment, LiveEntry
from journeys.tasks import advance_runs
from journeys.timed import let_in_due
from tenants.models import Agenda
from tests.journeys.conftest import DAY, HOUR, definition, live, run_of, settle, step

WAIT = step("wait1", "wait", {"amount": 5, "unit": "days"})
EXIT = step("exit1", "exit")
ALWAYS = {"re_entry": "always"}
WELCOME_BACK = [{"kind": "probe", "config": {"hours": 1}}]


class ProbeForm(forms.Form):
    hours = forms.IntegerField(required=False)
    backlog = forms.BooleanField(required=False)


class Probe(TimedEntry):
    """So many hours after a contact was made; named by what is written behind their name."""

    key = "probe"
    label = "Probe"
    icon = "flask-conical"
    form = ProbeForm
    hears = frozenset({"page.viewed"})
    asked = 0

    def select(self, config, scope):
        self.asked += 1
        return (
            f"SELECT id, last_name, created_at + %(delay)s, jsonb_build_object('n', first_name)"
            f" FROM {Contact._meta.db_table} AS made WHERE created_at > %(since)s - %(delay)s",
            {"delay": timedelta(hours=config["hours"])},
        )

    def next_due(self, config, scope):
        later = Contact.objects.filter(created_at__gt=scope.now - HOUR).order_by("created_at")
        found = later.values_list("created_at", flat=True).first()
        return found + HOUR if found else None

    def heard(self, config, event):
        return event.occurred_at + timedelta(hours=config["hours"])


@pytest.fixture(autouse=True)
def probe(acme, monkeypatch):
    """The entry, registered for one test."""
    made = Probe()
    monkeypatch.setitem(entries._items, "probe", made)
    return made


def made_at(at, name="Ada", key=""):
    return Contact.objects.create(first_name=name, last_name=key, created_at=at)


def inside():
    """(name, key, started at) of every run, by start."""
    runs = Enrolment.objects.order_by("started_at", "contact__first_name")
    return list(runs.values_list("contact__first_name", "key", "started_at"))


def look(at, **options):
    """Ask until nothing is due; how many came in."""
    started = 0
    while found := let_in_due(now=at, **options):
        started += found.started
    return started


def test_those_whose_moment_has_come_are_let_in_with_their_data(now):
    # given a journey that counts from now on
    journey = live(now, WAIT, entries=WELCOME_BACK)
    ada = made_at(now - HOUR / 2, "Ada", "k1")
    made_at(now + HOUR, "Later")

    # when her hour is over
    assert look(now + HOUR / 2) == 1

    # then she is in, as by any entry
    run = run_of(ada)
    assert (run.journey_id, run.version_id) == (journey.pk, journey.live_version_id)
    assert (run.key, run.context, run.entry_kind) == ("k1", {"n": "Ada"}, "probe")
    assert (run.started_at, run.entered_step_at) == (now + HOUR / 2, now + HOUR / 2)
    assert (run.step_id, run.visit, run.status, run.holdout) == ("wait1", 1, "active", False)
    assert (run.id.version, run.due_at) == (7, now + HOUR / 2)
    assert Enrolment.objects.count() == 1


def test_nobody_whose_moment_was_before_publishing_comes_in(now):
    made_at(now - HOUR, "Just before")
    made_at(now - HOUR + timedelta(microseconds=1), "Just after")
    live(now, WAIT, entries=WELCOME_BACK)
    look(now + HOUR)
    assert [name for name, _key, _at in inside()] == ["Just after"]


def test_asking_twice_adds_nothing_even_where_people_may_come_again(now):
    journey = live(now, EXIT, entries=WELCOME_BACK, settings=ALWAYS)
    made_at(now)
    assert look(now + HOUR) == 1
    settle(now + HOUR)

    # when the same stretch is asked for again, and later ones
    LiveEntry.objects.update(ran_until=now, due_at=now)
    assert look(now + HOUR) == 0
    LiveEntry.objects.update(due_at=now)
    assert look(now + 2 * HOUR) == 0

    # then she was in once
    assert journey.enrolments.count() == 1


def test_a_late_look_catches_up_exactly(now):
    # given somebody every ten minutes, and nobody looking for six hours
    live(now, WAIT, entries=WELCOME_BACK)
    people = [now + timedelta(minutes=10 * n) for n in range(40)]
    for number, at in enumerate(people):
        made_at(at, f"{number:02}")

    # when it is looked at again
    assert look(now + 6 * HOUR) == 31

    # then each is in from their own moment on, the last one on the very moment
    assert [at for _name, _key, at in inside()] == [at + HOUR for at in people[:31]]

    # and the next look goes on where this one ended
    assert look(now + 7 * HOUR) == 6


def test_many_come_in_slices_one_moment_never_lost_between_two(now):
    # given a hundred people of whom thirty share one moment
    live(now, WAIT, entries=WELCOME_BACK)
    for number in range(100):
        made_at(now + timedelta(seconds=number if number < 40 else max(number, 69)), f"{number:03}")

    # when they come in by sevens
    seen = []
    while found := let_in_due(now=now + 2 * HOUR, limit=7):
        seen.append((found.started, found.seen))

    # then each is in once
    assert seen == [(7, 7)] * 14 + [(2, 2)]
    assert [name for name, _key, _at in inside()] == [f"{number:03}" for number in range(100)]
    assert LiveEntry.objects.get().ran_past == ""


def test_a_backlog_comes_once_and_counts_from_publishing(now):
    # given people whose moment was days ago, and an entry that includes them
    backlog = [{"kind": "probe", "config": {"hours": 1, "backlog": True}}]
    for days in range(1, 4):
        made_at(now - days * DAY, f"{days}")
    journey = live(now, WAIT, entries=backlog, settings=ALWAYS)
    made_at(now - HOUR / 2, "today")

    # when it is looked at, now and in an hour
    assert look(now, limit=2) == 3
    assert look(now + HOUR) == 1

    # then those of old count from publishing
    assert [(name, at) for name, _key, at in inside()] == [
        ("1", now),
        ("2", now),
        ("3", now),
        ("today", now + HOUR / 2),
    ]

    # and not once more when the journey is published anew with another filter
    Enrolment.objects.update(status="finished")
    wider = [{"kind": "probe", "config": {"hours": 2, "backlog": True}}]
    services.save_draft(journey=journey, definition=definition(WAIT, entries=wider), now=now)
    services.publish_journey(journey=journey, now=now + 3 * HOUR)
    assert look(now + 4 * HOUR) == 0


def test_publishing_other_steps_leaves_no_gap_and_looks_at_nothing_again(now):
    journey = live(now, WAIT, entries=WELCOME_BACK)
    made_at(now, "before")
    made_at(now + HOUR, "between")
    look(now + HOUR)
    shorter = step("wait2", "wait", {"amount": 1, "unit": "days"})
    services.save_draft(
        journey=journey, definition=definition(shorter, entries=WELCOME_BACK), now=now
    )

    # when it is published after a moment that nobody has looked at yet
    services.publish_journey(journey=journey, now=now + 3 * HOUR)
    look(now + 3 * HOUR)

    # then that one comes in by the new version
    assert [name for name, _key, _at in inside()] == ["before", "between"]
    runs = Enrolment.objects.order_by("started_at")
    assert list(runs.values_list("version__number", flat=True)) == [1, 2]


def test_nobody_comes_in_by_a_moment_during_a_pause(now):
    journey = live(now, WAIT, entries=WELCOME_BACK)
    for hours, name in enumerate(("before", "during", "after")):
        made_at(now + hours * HOUR, name)
    look(now + HOUR)
    services.pause_journey(journey=journey, now=now + HOUR)
    assert look(now + 2 * HOUR) == 0
    assert next_due() is None
    services.resume_journey(journey=journey, now=now + 2 * HOUR)
    assert look(now + 3 * HOUR) == 1
    assert [name for name, _key, _at in inside()] == ["before", "after"]


def test_the_rules_for_coming_again_hold_by_key(now):
    # given one person with a run of the key, and a rule of a week
    rules = {"re_entry": "after_days", "re_entry_days": 7}
    live(now, EXIT, entries=WELCOME_BACK, settings=rules)
    ada = made_at(now, "Ada", "cart")
    look(now + HOUR)
    settle(now + HOUR)

    # when her moment comes again: within the week, by another key, and after it
    counts = []
    for days, key in ((5, "cart"), (6, "other"), (8, "cart")):
        Contact.objects.filter(pk=ada.pk).update(created_at=now + days * DAY, last_name=key)
        LiveEntry.objects.update(due_at=now)
        look(now + days * DAY + HOUR)
        settle(now + days * DAY + HOUR)
        counts.append(Enrolment.objects.count())
    assert counts == [1, 2, 3]


def test_who_is_inside_by_the_same_key_does_not_start_again(now):
    live(now, WAIT, entries=WELCOME_BACK, settings=ALWAYS)
    ada = made_at(now)
    look(now + HOUR)
    Contact.objects.filter(pk=ada.pk).update(created_at=now + HOUR)
    LiveEntry.objects.update(due_at=now)
    assert look(now + 2 * HOUR) == 0


def test_chance_is_the_same_in_the_database(acme, now):
    cases = [("holdout", "7f3c", f"contact-{n}") for n in range(200)] + [("è", "€", "🙂")]
    sql = fraction_sql("a", "b", "c")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {sql} FROM unnest(%s::text[], %s::text[], %s::text[]) AS given (a, b, c)",
            [list(column) for column in zip(*cases, strict=True)],
        )
        assert [row[0] for row in cursor.fetchall()] == [fraction(*case) for case in cases]


def test_the_same_people_are_held_out_as_by_any_entry(now):
    # given half of sixty people held out, and a goal watched for three days
    goal = {"event": "order.placed", "within_days": 3}
    journey = live(now, WAIT, entries=WELCOME_BACK, settings={"holdout": 50}, goal=goal)
    people = [made_at(now, f"{number}") for number in range(60)]
    look(now + 2 * HOUR)

    # then those whom the hash names, looked at once more when the goal can count no longer
    held = {each.pk for each in people if fraction("holdout", journey.pk, each.pk) < 0.5}
    assert 15 < len(held) < 45
    assert set(Enrolment.objects.filter(holdout=True).values_list("contact", flat=True)) == held
    dues = set(Enrolment.objects.values_list("holdout", "due_at"))
    assert dues == {(True, now + HOUR + 3 * DAY), (False, now + 2 * HOUR)}


def test_a_person_in_circles_is_stopped(now):
    live(now, EXIT, entries=WELCOME_BACK, settings=ALWAYS)
    ada = made_at(now)
    for minute in range(30):
        Contact.objects.filter(pk=ada.pk).update(created_at=now + timedelta(minutes=minute))
        LiveEntry.objects.update(due_at=now)
        look(now + HOUR + timedelta(minutes=minute))
        settle(now + HOUR + timedelta(minutes=minute))
    reasons = list(Enrolment.objects.order_by("started_at").values_list("exit_reason", flat=True))
    assert reasons == ["exit_step"] * 25 + ["loop_guard"]


# --- waking up


def agenda_due():
    return Agenda.objects.get(workspace__slug="acme", lane="journeys").due_at


def test_the_lane_wakes_when_the_entry_says_and_then_they_walk_on(now, monkeypatch):
    monkeypatch.setattr(advance_runs, "apply_async", lambda *args, **kw: None)
    live(now, WAIT, entries=WELCOME_BACK)
    ada = made_at(now)
    with time_machine.travel(now, tick=False):
        advance_runs()
    assert agenda_due() == now + HOUR
    with time_machine.travel(now + HOUR, tick=False):
        advance_runs()
    assert run_of(ada).due_at == now + HOUR + 5 * DAY
    assert agenda_due() == now + HOUR + 5 * DAY


def test_without_a_live_timed_entry_the_lane_sleeps(now, probe, monkeypatch):
    monkeypatch.setattr(advance_runs, "apply_async", lambda *args, **kw: None)
    live(now, WAIT, entries=[{"kind": "event_received", "config": {"event": "order.placed"}}])
    made_at(now)
    with time_machine.travel(now, tick=False):
        advance_runs()
    assert (agenda_due(), probe.asked) == (None, 0)


def heard(contact, at, now):
    record(type="page.viewed", contact_id=contact.pk, occurred_at=at, now=now)
    while drain(now=now).done:
        pass


def test_an_event_it_hears_brings_the_next_look_forward(ada, now):
    # given nobody whose moment is known to come
    live(now, WAIT, entries=WELCOME_BACK)
    Contact.objects.update(created_at=now - 2 * DAY)
    with time_machine.travel(now, tick=False):
        advance_runs()
    assert next_due() is None

    # when something happens
    heard(ada, now + HOUR, now + HOUR)

    # then the lane is due when its hour is over
    assert next_due() == agenda_due() == now + 2 * HOUR


def test_late_news_is_looked_at_again_and_lets_nobody_in_twice(ada, now):
    # given two people already let in, and all of three hours looked at
    live(now, EXIT, entries=WELCOME_BACK, settings=ALWAYS)
    Contact.objects.update(created_at=now)
    made_at(now + HOUR, "Bob")
    look(now + 3 * HOUR)
    settle(now + 3 * HOUR)

    # when news of the first hour comes in the third
    made_at(now + HOUR / 2, "Cleo")
    heard(ada, now + HOUR / 2, now + 3 * HOUR)
    assert look(now + 3 * HOUR) == 1
    settle(now + 3 * HOUR)

    # then just she comes in, from her own moment on
    assert [(name, at) for name, _key, at in inside()] == [
        ("Ada", now + HOUR),
        ("Cleo", now + 1.5 * HOUR),
        ("Bob", now + 2 * HOUR),
    ]

    # and news from before the journey began brings nobody
    made_at(now - DAY, "Dan")
    heard(ada, now - DAY, now + 3 * HOUR)
    assert look(now + 4 * HOUR) == 0


def test_old_news_in_the_midst_of_a_backlog_loses_nobody(ada, now):
    # given ten people of one moment, of whom three are in
    backlog = [{"kind": "probe", "config": {"hours": 1, "backlog": True}}]
    for number in range(9):
        made_at(now - 2 * DAY, f"{number}")
    Contact.objects.filter(pk=ada.pk).update(created_at=now - 2 * DAY)
    live(now, WAIT, entries=backlog)
    assert let_in_due(now=now, limit=3).started == 3

    # when something is heard of long ago
    heard(ada, now - 3 * DAY, now)

    # then the others come in all the same
    assert look(now, limit=3) == 7


def test_who_slips_behind_the_mark_is_let_in_late_and_once(now, probe):
    # given an entry whose moments may move a day, and all looked at until three
    probe.looks_back = DAY
    live(now, EXIT, entries=WELCOME_BACK, settings=ALWAYS)
    bob = made_at(now + 4 * HOUR, "Bob")
    made_at(now + HOUR, "Ada")
    old = made_at(now + 5 * HOUR, "Old")
    look(now + 3 * HOUR)
    settle(now + 3 * HOUR)

    # when Bob's moment turns out to have been at one, and another's before it all began
    Contact.objects.filter(pk=bob.pk).update(created_at=now)
    Contact.objects.filter(pk=old.pk).update(created_at=now - 2 * HOUR)
    LiveEntry.objects.update(due_at=now)
    assert look(now + 4 * HOUR, limit=1) == 1
    settle(now + 4 * HOUR)
    LiveEntry.objects.update(due_at=now)
    assert look(now + 5 * HOUR) == 0

    # then he comes in from the last look on, and nobody twice
    assert [(name, at) for name, _key, at in inside()] == [
        ("Ada", now + 2 * HOUR),
        ("Bob", now + 3 * HOUR),
    ]


def test_an_entry_that_fails_is_put_off_and_stops_nobody_else(ada, now, probe, monkeypatch):
    # given two journeys, of which one cannot be asked
    live(now, WAIT, entries=[{"kind": "probe", "config": {}}], name="broken")
    live(now, WAIT, entries=WELCOME_BACK, name="sound")
    Contact.objects.update(created_at=now)

    # when both are due
    assert look(now + HOUR) == 1

    # then one let her in, the other says what is wrong, and is asked again later
    broken = LiveEntry.objects.get(journey__name="broken")
    assert (broken.ran_until, broken.due_at) == (now, now + HOUR + timedelta(minutes=10))
    assert broken.error == "Something went wrong on our side (KeyError: 'hours')."

    # and when it can, it catches up
    LiveEntry.objects.filter(pk=broken.pk).update(config={"hours": 1})
    assert look(now + 2 * HOUR) == 1
    assert LiveEntry.objects.get(pk=broken.pk).error == ""


def test_people_of_globex_stay_there(now, acme, globex):
    live(now, WAIT, entries=WELCOME_BACK)
    connection.set_tenant(globex)
    made_at(now)
    assert look(now + HOUR) == 0
    connection.set_tenant(acme)
    assert look(now + HOUR) == 0
    assert Enrolment.objects.count() == 0
