"""A replay: exact figures of a small history, equal to life, resumed, stopped, without a trace."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from campaigns.models import Message
from contacts.erasure import erase_contact
from contacts.models import Contact
from core.errors import Invalid
from journeys.models import Enrolment, Journey, Replay, StepVisit
from journeys.numbers import journey_numbers, step_numbers
from journeys.replaying import history, running, slices
from journeys.replaying.asking import cancel_replay, request_replay
from journeys.replaying.running import continue_replay
from journeys.replaying.tally import journey_numbers_of, step_numbers_of
from journeys.services import create_journey, publish_journey, save_draft
from tests.journeys.conftest import DAY, HOUR, definition, live, step
from tests.journeys.rehearsing import every_row
from tests.journeys.replaying import (
    ORDERS,
    after_an_order,
    drafted,
    finish,
    happens,
    live_through,
    person,
    replayed,
    shop_history,
)

WAIT = step("wait1", "wait", {"amount": 5, "unit": "days"})


def names(replay: Replay, key: str, side: str = "draft") -> list[str]:
    """First names of the people kept of a figure."""
    ids = [UUID(each) for each in replay.samples[side].get(key, ())]
    known = Contact.objects.in_bulk(ids)
    return sorted(known[each].first_name for each in ids)


def test_a_history_gives_exact_figures(acme: Any, now: Any) -> None:
    # given four who ordered in the last ninety days, one who ordered before, one who only looked
    shop_history(now)
    journey = drafted(now, settings={"re_entry": "never"})

    # when the draft is replayed
    replay = replayed(journey, now)

    # then everybody is where the rules put them
    draft = replay.result["draft"]
    assert (replay.status, replay.done, replay.total) == ("done", 6, 6)
    assert replay.result["concerned"] == 4
    numbers = journey_numbers_of(draft)
    assert (numbers.started, numbers.completed) == (4, 2)
    assert (numbers.exited_early, numbers.in_progress, numbers.converted) == (1, 1, 1)
    assert names(replay, "completed") == ["Ada", "Dora"]
    assert names(replay, "converted") == ["Ada"]
    assert names(replay, "in_progress") == ["Emil"]
    assert names(replay, "ending:Refunded") == ["Bob"]
    steps = step_numbers_of(draft)
    assert (steps["mail1"].entered, steps["mail1"].left) == (4, {"next": 4})
    assert (steps["wait1"].entered, steps["wait1"].waiting) == (4, 1)
    assert steps["wait1"].left == {"next": 2, "exit:Refunded": 1}
    assert steps["split1"].left == {"branch:0": 1, "branch:1": 1}
    assert names(replay, "step:split1:left:branch:0") == ["Ada"]
    # and Bob's second order was not let in
    assert draft["counts"]["refused:entered_before"] == 1
    assert names(replay, "refused:entered_before") == ["Bob"]


def test_messages_are_counted_by_day_and_rule(acme: Any, now: Any) -> None:
    shop_history(now)
    replay = replayed(drafted(now, settings={"re_entry": "never"}), now)

    # then three mails would have gone out, each on the day of its order
    draft = replay.result["draft"]
    sent = {number: count for number, count in enumerate(draft["days"]) if count}
    assert sent == {50: 1, 70: 1, 89: 1}
    assert draft["first_day"] == (now - 90 * DAY).date().isoformat()
    assert (draft["counts"]["verdict:send"], draft["people"]["mailed"]) == (3, 3)
    # and Dora never agreed
    assert draft["counts"]["verdict:skipped"] == 1
    held = {key: count for key, count in draft["counts"].items() if key.startswith("held:")}
    assert held == {"held:no_consent": 1}
    assert names(replay, "held:no_consent") == ["Dora"]
    assert draft["words"]["no_consent"]
    assert draft["week"]["most"] == 1


def test_the_most_to_one_person_in_a_week(acme: Any, now: Any) -> None:
    # given Bob, who orders on three days of one week and once later, and whoever comes may return
    bob = person("bob", now)
    for days in (40, 38, 34, 20):
        happens(bob, "order.placed", now - days * DAY, order_id=str(days))
    journey = create_journey(
        name="Thanks",
        definition=after_an_order(now, settings={"re_entry": "always"})
        | {"steps": [after_an_order(now)["steps"][0]]},
        now=now,
    )

    replay = replayed(journey, now)

    # then the same words are not sent to him again within thirty days
    draft = replay.result["draft"]
    assert (draft["counts"]["runs"], draft["people"]["started"]) == (4, 1)
    assert (draft["week"]["most"], draft["counts"]["verdict:send"]) == (1, 1)
    assert draft["counts"]["held:same_content"] == 3


def test_the_draft_and_what_is_live_see_the_same_history(acme: Any, now: Any) -> None:
    # given a live journey for every order, and a draft for large ones
    shop_history(now)
    journey = drafted(now)
    publish_journey(journey=journey, now=now)
    happens(person("gus", now), "order.placed", now - DAY, total=80)
    large = {"event": "order.placed", "property": "total", "operator": "at_least", "value": "50"}
    changed = after_an_order(now, entries=[{"kind": "event_received", "config": large}])
    save_draft(journey=journey, definition=changed, now=now)

    replay = replayed(journey, now)

    assert replay.live_version_id == journey.live_version_id
    assert names(replay, "started") == ["Gus"]
    assert names(replay, "started", "live") == ["Ada", "Bob", "Dora", "Emil", "Gus"]
    # and the draft's entry saw the orders that did not pass its filter
    counts = replay.result["draft"]["counts"]
    assert (counts["entry:0:events"], counts["entry:0:matched"]) == (6, 1)


def test_a_draft_that_is_live_is_rehearsed_once(acme: Any, now: Any) -> None:
    shop_history(now)
    journey = drafted(now)
    publish_journey(journey=journey, now=now)

    replay = replayed(journey, now)

    assert replay.live_version_id is None
    assert set(replay.result) == {"draft", "concerned"}


def test_a_replay_equals_what_the_live_engine_did(acme: Any, now: Any) -> None:
    # given a journey that was live for sixty days while things happened
    start = now - 60 * DAY
    people = [
        person(name, now, tag=tag) for name, tag in (("ada", "vip"), ("bob", ""), ("cleo", ""))
    ]
    journey = drafted(start, settings={"re_entry": "after_days", "re_entry_days": 7})
    publish_journey(journey=journey, now=start)
    at = start
    for days, who, type in (
        (1, 0, "order.placed"),
        (2, 1, "order.placed"),
        (2.5, 1, "order.refunded"),
        (3, 0, "page.viewed"),
        (4, 0, "order.placed"),
        (20, 1, "order.placed"),
        (30, 0, "order.placed"),
        (31, 2, "page.viewed"),
        (59, 2, "order.placed"),
    ):
        live_through(at, start + days * DAY)
        at = start + days * DAY
        happens(people[who], type, at)
    live_through(at, now)
    lived = journey_numbers([journey.pk])[journey.pk]
    stays = step_numbers(journey)
    ways = _ways()
    mails = Message.objects.filter(journey_id=journey.pk).count()

    # when the same version is replayed over the same days
    replay = replayed(journey, now)

    # then the same people took the same steps, and the same messages were queued
    draft = replay.result["draft"]
    assert lived.started == 3
    assert journey_numbers_of(draft) == lived
    assert step_numbers_of(draft) == stays
    assert draft["counts"]["messages"] == mails == 5
    assert draft["counts"]["runs"] == Enrolment.objects.count() == 5
    assert _ways() == ways


def _ways() -> list[Any]:
    visits = StepVisit.objects.order_by("enrolment", "visit")
    return list(visits.values_list("enrolment", "step_id", "outcome", "entered_at", "left_at"))


def test_a_replay_writes_nothing_but_its_own_row(acme: Any, now: Any) -> None:
    # given a journey with a step that tags people, and a coupon of history
    shop_history(now)
    journey = drafted(now)
    publish_journey(journey=journey, now=now)
    save_draft(
        journey=journey, definition=after_an_order(now, settings={"re_entry": "always"}), now=now
    )
    request_replay(journey=journey, days=90, now=now)
    before = every_row()

    finish(now)

    # then no other table has changed
    after = every_row()
    changed = {table for table in after if after[table] != before[table]}
    assert {table.rpartition(".")[2] for table in changed} == {"journeys_replay"}
    assert after.keys() == before.keys()


def test_time_brings_people_in_at_their_moment(acme: Any, now: Any) -> None:
    # given one last seen 70 days ago, one 30 days ago, and a journey for whom nobody saw for 60
    for name, days in (("ada", 70), ("bob", 30)):
        person(name, now)
        Contact.objects.filter(first_name=name.title()).update(last_seen_at=now - days * DAY)
    entry = {"kind": "not_seen", "config": {"days": 60, "at": "09:00:00"}}
    journey = create_journey(name="Back", definition=definition(WAIT, entries=[entry]), now=now)

    replay = replayed(journey, now, days=30)

    # then Ada's moment came, the others' did not
    assert names(replay, "started") == ["Ada"]
    assert replay.result["draft"]["counts"]["entry:0:runs"] == 1
    assert replay.result["concerned"] == 1


def test_an_entry_for_some_people_keeps_the_others_out(acme: Any, now: Any) -> None:
    shop_history(now)
    vips = {"kind": "tag", "config": {"test": "has", "tag": "vip"}}
    journey = drafted(now, entries=[{**ORDERS[0], "only": vips}])

    replay = replayed(journey, now)

    assert names(replay, "started") == ["Ada"]
    assert names(replay, "refused:not_in_audience") == ["Bob", "Dora", "Emil"]


def test_those_who_were_in_another_live_journey_meanwhile(acme: Any, now: Any) -> None:
    # given Ada inside another live journey now, and Emil who left it long ago
    people = shop_history(now)
    other = live(now, WAIT, name="Other", entries=ORDERS)
    for name, since, until in (("ada", 50, 39), ("emil", 50, 30)):
        Enrolment.objects.create(
            journey=other, version=other.live_version, contact=people[name], step_id="wait1",
            entered_step_at=now - since * DAY, started_at=now - since * DAY,
            ended_at=now - until * DAY, status="finished",
        )  # fmt: skip

    replay = replayed(drafted(now), now)

    assert names(replay, "shared") == ["Ada"]
    assert names(replay, f"shared:{other.pk}") == ["Ada"]


def test_held_out_people_are_counted_apart(acme: Any, now: Any) -> None:
    for number in range(20):
        happens(person(f"p{number:02}", now), "order.placed", now - 3 * DAY)
    replay = replayed(drafted(now, settings={"holdout": 50}), now)

    numbers = journey_numbers_of(replay.result["draft"])
    assert numbers.started + numbers.held_out == 20
    assert numbers.held_out == len(replay.samples["draft"]["held_out"])
    assert 0 < numbers.held_out < 20


# --- the job


def test_slices_come_to_the_same_as_one(acme: Any, now: Any) -> None:
    shop_history(now)
    journey = drafted(now)
    whole = replayed(journey, now)

    pieces = replayed(journey, now, limit=2)

    assert (pieces.result, pieces.samples) == (whole.result, whole.samples)
    assert (pieces.status, pieces.done, pieces.finished_at) == ("done", 6, now)


def test_time_that_is_over_ends_a_slice_after_one_person(acme: Any, now: Any) -> None:
    shop_history(now)
    replay = request_replay(journey=drafted(now), days=90, now=now)

    continue_replay(now, seconds=0)

    replay.refresh_from_db()
    assert (replay.status, replay.result["concerned"], replay.attempts) == ("running", 1, 0)
    assert 0 < replay.done < 6


def test_a_kill_in_the_middle_loses_and_doubles_nobody(
    acme: Any, now: Any, monkeypatch: Any
) -> None:
    # given a replay whose worker is killed while it rehearses the third person
    shop_history(now)
    journey = drafted(now)
    whole = replayed(journey, now)
    replay = request_replay(journey=journey, days=90, now=now)
    rehearsals = []

    def killed(**asked: Any) -> Any:
        rehearsals.append(asked["contact_id"])
        if len(rehearsals) == 3:
            raise SystemExit
        return real(**asked)

    real = slices.rehearse
    monkeypatch.setattr(slices, "rehearse", killed)
    with pytest.raises(SystemExit):
        continue_replay(now)
    replay.refresh_from_db()
    assert (replay.status, replay.done, replay.attempts) == ("running", 0, 1)

    # when the next worker takes it up
    monkeypatch.setattr(slices, "rehearse", real)
    finish(now)

    # then the result is the same
    replay.refresh_from_db()
    assert (replay.status, replay.result, replay.samples) == ("done", whole.result, whole.samples)


def test_what_kills_its_worker_every_time_ends_as_failed(
    acme: Any, now: Any, monkeypatch: Any
) -> None:
    shop_history(now)
    replay = request_replay(journey=drafted(now), days=90, now=now)
    monkeypatch.setattr(running.Slice, "work", lambda self: (_ for _ in ()).throw(SystemExit))
    for _turn in range(running.TRIES):
        with pytest.raises(SystemExit):
            continue_replay(now)

    continue_replay(now)

    replay.refresh_from_db()
    assert (replay.status, replay.finished_at) == ("failed", now)
    assert replay.error
    assert not running.has_open_replay()


def test_somebody_who_cannot_be_rehearsed_keeps_nobody_waiting(
    acme: Any, now: Any, monkeypatch: Any
) -> None:
    people = shop_history(now)
    real = slices.rehearse

    def broken(**asked: Any) -> Any:
        if asked["contact_id"] == people["bob"].pk:
            raise ValueError("no such thing")
        return real(**asked)

    monkeypatch.setattr(slices, "rehearse", broken)

    replay = replayed(drafted(now), now)

    assert names(replay, "broken") == ["Bob"]
    assert names(replay, "started") == ["Ada", "Dora", "Emil"]
    assert "no such thing" in replay.result["draft"]["words"]["broken"]


def test_a_cancelled_replay_keeps_what_it_has_and_stops(acme: Any, now: Any) -> None:
    shop_history(now)
    replay = request_replay(journey=drafted(now), days=90, now=now)
    continue_replay(now, limit=3)
    replay.refresh_from_db()
    counted = replay.result

    # when it is cancelled
    assert cancel_replay(replay=replay, now=now + HOUR)
    continue_replay(now + HOUR)

    # then nothing more is counted, and cancelling again changes nothing
    replay.refresh_from_db()
    assert (replay.status, replay.done, replay.finished_at) == ("cancelled", 3, now + HOUR)
    assert replay.result == counted
    assert not cancel_replay(replay=replay, now=now + DAY)
    replay.refresh_from_db()
    assert replay.finished_at == now + HOUR


def test_the_last_five_are_kept(acme: Any, now: Any) -> None:
    journey = drafted(now)
    made = [replayed(journey, now + number * HOUR).pk for number in range(7)]

    kept = Replay.objects.order_by("asked_at").values_list("pk", flat=True)

    assert list(kept) == made[2:]


def test_what_came_in_after_it_was_asked_for_is_not_part_of_it(acme: Any, now: Any) -> None:
    shop_history(now)
    journey = drafted(now)
    replay = request_replay(journey=journey, days=90, now=now)
    happens(Contact.objects.get(first_name="Carl"), "order.placed", now + HOUR)

    finish(now + HOUR)

    replay.refresh_from_db()
    assert replay.result["draft"]["people"]["started"] == 4


# --- bounds


def test_never_more_rows_at_once_than_the_bounds_allow(
    acme: Any, now: Any, monkeypatch: Any
) -> None:
    # given five people with seven orders each, of whom a replay looks at two at a time
    monkeypatch.setattr(history, "GROUP", 2)
    monkeypatch.setattr(history, "MOST_EVENTS", 3)
    monkeypatch.setattr(history, "HAPPENED", history.HAPPENED.replace("LIMIT 1001", "LIMIT 4"))
    for name in ("ada", "bob", "cleo", "dora", "emil"):
        for hours in range(7):
            record_at(person_once(name, now), now - DAY + hours * HOUR)
    journey = drafted(now, settings={"re_entry": "always"})
    asked = request_replay(journey=journey, days=30, now=now)
    past = slices.Slice(asked, limit=500, seconds=60).history
    ids = history.next_contacts(after=None, until=now, limit=500)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        read = [(len(each.events), each.is_cut) for each in past.people(ids)]

    # then of nobody more is read than is looked at, in three statements of two people at most
    assert read == [(3, True)] * 5
    assert len([each for each in queries if "happened" in each["sql"]]) == 3
    finish(now)
    asked.refresh_from_db()
    assert asked.result["draft"]["people"]["long"] == 5


def test_only_so_many_people_are_kept_by_name(acme: Any, now: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("journeys.replaying.tally.SAMPLE", 2)
    shop_history(now)

    replay = replayed(drafted(now), now)

    assert max(len(ids) for ids in replay.samples["draft"].values()) == 2
    assert replay.result["draft"]["people"]["started"] == 4


# --- refusals


@pytest.mark.parametrize("days", [0, 7, 91])
def test_other_days_are_refused(acme: Any, now: Any, days: int) -> None:
    with pytest.raises(Invalid) as refusal:
        request_replay(journey=drafted(now), days=days, now=now)

    assert refusal.value.code == "bad_days"
    assert not Replay.objects.exists()


def test_a_draft_with_problems_is_refused_with_all_of_them(acme: Any, now: Any) -> None:
    journey = create_journey(
        name="Half", definition={"entries": ORDERS, "steps": [step("wait1", "wait")]}, now=now
    )

    with pytest.raises(Invalid) as refusal:
        request_replay(journey=journey, days=30, now=now)

    assert refusal.value.code == "cannot_replay"
    assert [problem.field for problem in refusal.value.problems] == ["wait1", "wait1"]
    assert not Replay.objects.exists()


def test_a_journey_started_by_hand_has_no_history(acme: Any, now: Any) -> None:
    journey = create_journey(name="By hand", definition=definition(WAIT), now=now)

    with pytest.raises(Invalid) as refusal:
        request_replay(journey=journey, days=30, now=now)

    assert refusal.value.code == "no_history"
    assert not Replay.objects.exists()


def test_one_at_a_time(acme: Any, now: Any) -> None:
    journey = drafted(now)
    first = request_replay(journey=journey, days=30, now=now)

    with pytest.raises(Invalid) as refusal:
        request_replay(journey=journey, days=90, now=now)

    assert refusal.value.code == "replay_open"
    assert list(Replay.objects.values_list("pk", flat=True)) == [first.pk]


# --- whose


def test_another_workspace_is_never_looked_at(acme: Any, globex: Any, now: Any) -> None:
    with tenant_context(globex):
        shop_history(now)
        assert Contact.objects.count() == 6
    happens(person("zoe", now), "order.placed", now - DAY)

    replay = replayed(drafted(now), now)

    assert (replay.total, names(replay, "started")) == (1, ["Zoe"])
    with tenant_context(globex):
        assert not Replay.objects.exists()
        assert not Journey.objects.exists()


def test_an_erased_person_is_in_no_list(acme: Any, owner: Any, now: Any) -> None:
    people = shop_history(now)
    replay = replayed(drafted(now), now)
    ada = people["ada"].pk
    assert ada.hex in str(replay.samples)

    erase_contact(contact_id=people["ada"].pk, now=now)

    replay.refresh_from_db()
    assert ada.hex not in f"{replay.samples} {replay.result}"
    assert replay.result["draft"]["people"]["started"] == 4


def person_once(name: str, now: Any) -> Contact:
    """That person, made at the first call."""
    return Contact.objects.filter(first_name=name.title()).first() or person(name, now)


def record_at(contact: Contact, at: Any) -> None:
    happens(contact, "order.placed", at)
