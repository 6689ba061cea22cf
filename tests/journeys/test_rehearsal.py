"""Trying a journey out on one person goes their way and leaves no trace."""

import pytest

from contacts.models import ContactTag
from events.services import record
from journeys.definition import parse
from journeys.enrolment import enrol
from journeys.models import Enrolment
from journeys.rehearsal import Doing, Pass, Start, Stop, prepare, rehearse, rehearsing
from journeys.services import create_journey
from tenants import agenda
from tenants.models import Agenda
from tests.journeys.conftest import DAY, HOUR, definition, live, settle, step
from tests.journeys.rehearsing import every_row, happened, path, rehearsed

ORDERS = [{"kind": "event_received", "config": {"event": "order.placed"}}]
TWO_DAYS = step("wait1", "wait", {"amount": 2, "unit": "days"})
HAS_VIP = {"kind": "tag", "config": {"test": "has", "tag": "vip"}}


def draft(now, *steps, **rules):
    return create_journey(name="Draft", definition=definition(*steps, **rules), now=now)


def test_a_draft_is_walked_from_a_start_to_its_end(ada, now):
    # given a draft that tags, waits two days and asks for the tag
    journey = draft(
        now,
        step("tag1", "add_tag", {"tag": "vip"}),
        TWO_DAYS,
        step("if1", "if_else", {"condition": HAS_VIP}, [step("exit1", "exit")], []),
    )

    # when it is rehearsed from now on
    before = every_row()
    found = rehearsed(journey, ada, now, starts=[Start(0, now, context={"total": 5})])

    # then Ada went all the way, two days later
    [run] = found.runs
    assert path(run) == [
        ("tag1", "next"),
        ("wait1", "next"),
        ("if1", "branch:0"),
        ("exit1", "exit:exit_step"),
    ]
    assert (run.started_at, run.ended_at, run.entry_kind) == (now, now + 2 * DAY, "manual")
    assert (run.visits[1].entered_at, run.visits[1].left_at) == (now, now + 2 * DAY)
    assert (run.context, run.status, run.is_inside) == ({"total": 5}, "exited", False)
    assert not found.is_cut
    # and nothing is left of it
    assert every_row() == before


def test_events_start_wake_and_end_at_their_exact_times(ada, now):
    wait = {"event": "page.viewed", "amount": 3, "unit": "days"}
    journey = draft(
        now,
        step("wait1", "wait_for_event", wait, [TWO_DAYS | {"id": "wait2"}], []),
        entries=ORDERS,
        exits=[{"event": "order.refunded", "reason": "Refunded"}],
        settings={"re_entry": "always"},
    )
    found = rehearsed(
        journey,
        ada,
        now,
        events=[
            happened(ada, "order.placed", now + HOUR, total=3),
            happened(ada, "page.viewed", now + DAY),
            happened(ada, "order.refunded", now + 2 * DAY),
            happened(ada, "order.placed", now + 5 * DAY),
        ],
    )
    first, second = found.runs
    assert (first.started_at, first.context) == (now + HOUR, {"total": 3})
    assert path(first) == [("wait1", "branch:0"), ("wait2", "exit:Refunded")]
    assert (first.ended_at, first.exit_reason) == (now + 2 * DAY, "Refunded")
    # the second waits in vain, and its time is over at the very moment
    assert path(second) == [("wait1", "branch:1")]
    assert (second.ended_at, second.status) == (now + 8 * DAY, "finished")


def test_what_a_step_does_is_an_event_for_the_journey(ada, now):
    # given a journey that ends for whoever gets the tag it puts on itself
    journey = draft(
        now,
        step("tag1", "add_tag", {"tag": "vip"}),
        TWO_DAYS,
        exits=[{"event": "contact.tagged", "reason": "Tagged"}],
    )
    [run] = rehearsed(journey, ada, now, starts=[Start(0, now)]).runs
    assert (run.exit_reason, run.ended_at) == ("Tagged", now)


def test_their_own_runs_are_forgotten_and_no_other_journey_takes_notice(ada, now):
    # given Ada once inside for real, and another journey that starts with the tag
    journey = live(now, step("tag1", "add_tag", {"tag": "vip"}))
    enrol(journey=journey, contact_ids=[ada.pk], now=now - DAY)
    settle(now - DAY)
    ContactTag.objects.all().delete()
    other = live(
        now, TWO_DAYS, name="Other", entries=[{"kind": "tag_added", "config": {"tag": "vip"}}]
    )
    before = every_row()

    # when
    inside = []

    def look(standing):
        inside.extend(Enrolment.objects.filter(journey=other))
        return Pass()

    found = rehearsed(journey, ada, now, starts=[Start(0, now)], behave=look)

    # then she came in again, and only in this one
    assert [run.started_at for run in found.runs] == [now]
    assert (inside, found.not_let_in) == ([], [])
    assert every_row() == before


def test_the_rules_keep_them_out_and_say_why(ada, now):
    journey = draft(
        now,
        TWO_DAYS,
        entries=[*ORDERS, {"kind": "manual", "config": {}, "only": HAS_VIP}],
    )
    found = rehearsed(
        journey,
        ada,
        now,
        events=[happened(ada, "order.placed", now + n * DAY) for n in (0, 1, 5)],
        starts=[Start(1, now)],
    )
    assert [(each.moment, each.entry, each.reason) for each in found.not_let_in] == [
        (now, 1, "not_in_audience"),
        (now + DAY, 0, "already_inside"),
        (now + 5 * DAY, 0, "entered_before"),
    ]
    assert [run.entry for run in found.runs] == [0]


def test_whoever_is_put_in_all_the_same_comes_in(ada, now):
    entries = [{"kind": "manual", "config": {}, "only": HAS_VIP}]
    journey = draft(now, TWO_DAYS, entries=entries)
    found = rehearsed(journey, ada, now, starts=[Start(0, now, is_sure=True)])
    assert len(found.runs) == 1
    assert [each.reason for each in found.not_let_in] == ["not_in_audience"]


def test_somebody_held_out_gets_nothing_and_may_be_let_walk(ada, now):
    journey = draft(now, TWO_DAYS, settings={"holdout": 50})
    script = prepare(journey=journey, definition=parse(journey.draft), holds_out=False)
    walked = rehearse(
        script=script,
        contact_id=ada.pk,
        begins=now,
        until=now + 50 * DAY,
        starts=[Start(0, now)],
    )
    assert not walked.runs[0].held_out
    assert path(walked.runs[0]) == [("wait1", "next")]


def test_a_step_with_a_problem_fails_in_words_and_the_rest_is_walked(ada, now):
    journey = draft(now, TWO_DAYS, step("odd1", "wait", {"amount": 0}), step("none1", "no_such"))
    [run] = rehearsed(journey, ada, now, starts=[Start(0, now)]).runs
    assert [(v.step_id, v.outcome) for v in run.visits] == [("wait1", "next"), ("odd1", "failed")]
    assert (run.status, run.ended_at) == ("failed", now + 2 * DAY)
    assert "“Wait”" in run.error


def test_a_journey_that_goes_in_circles_is_cut_by_its_own_guard(ada, now):
    # given a journey that starts itself again for ever
    journey = draft(
        now,
        step("off1", "remove_tag", {"tag": "ping"}),
        step("on1", "add_tag", {"tag": "ping"}),
        entries=[{"kind": "tag_added", "config": {"tag": "ping"}}],
        settings={"re_entry": "always"},
    )
    found = rehearsed(journey, ada, now, events=[happened(ada, "contact.tagged", now, tag="ping")])
    assert (len(found.runs), found.runs[-1].exit_reason) == (26, "loop_guard")


def test_they_do_what_is_chosen_when_it_is_chosen(ada, now):
    # given somebody who orders an hour after each stop, once
    journey = draft(now, TWO_DAYS, goal={"event": "order.placed"})
    seen = []

    def behave(standing):
        seen.append((standing.number, standing.now, [w.step_id for w in standing.waiting]))
        if standing.number:
            return Stop()

        def order(at):
            record(type="order.placed", contact_id=at.contact_id, now=at.now)

        return Doing(standing.now + HOUR, order)

    found = rehearsed(journey, ada, now, starts=[Start(0, now)], behave=behave)
    assert seen == [(0, now, ["wait1"]), (1, now + HOUR, [])]
    [run] = found.runs
    assert (run.exit_reason, run.converted_at) == ("goal", now + HOUR)


@pytest.mark.parametrize("fails", [False, True])
def test_nothing_is_woken_within_and_all_is_as_before_after(ada, now, fails):
    Agenda.objects.all().delete()
    try:
        with rehearsing() as noted:
            assert not agenda.lower(lane="journeys", due_at=now, now=now)
            assert not agenda.send_hint("journeys", "acme")
            happened(ada, "order.placed", now)
            assert noted == []
            if fails:
                raise ValueError
    except ValueError:
        pass
    assert not Agenda.objects.exists()
    assert agenda.lower(lane="journeys", due_at=now, now=now)
    assert Agenda.objects.count() == 1
