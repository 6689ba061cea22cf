"""People move when they are due, as far as they get, and never twice."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact, ContactTag
from contacts.tags import add_tag, ensure_tags
from core.errors import Permanent
from journeys import contracts, engine, programs
from journeys.contracts import Next, Step, steps
from journeys.engine import advance
from journeys.enrolment import enrol
from journeys.models import Enrolment, StepVisit
from tests.journeys.conftest import DAY, HOUR, live, path_of, run_of, settle, step

WAIT = {"amount": 2, "unit": "days"}


def test_a_run_waits_from_when_it_entered_the_step(ada, now):
    # given a journey that waits two days, then tags
    journey = live(now, step("wait1", "wait", WAIT), step("tag1", "add_tag", {"tag": "old"}))
    enrol(journey=journey, contact_ids=[ada.pk], now=now)

    # when it is advanced at once, and an hour late two days after
    assert advance(now=now).claimed == 1
    assert run_of(ada).due_at == now + 2 * DAY
    assert advance(now=now + 2 * DAY - timedelta(seconds=1)).claimed == 0
    assert advance(now=now + 2 * DAY + HOUR).claimed == 1

    # then it waited from the entering, walked on in the same batch, and ended
    run = run_of(ada)
    assert (run.status, run.due_at, run.ended_at) == ("finished", None, now + 2 * DAY + HOUR)
    assert path_of(ada) == [("wait1", "next"), ("tag1", "next")]
    assert ContactTag.objects.filter(contact=ada, tag__name="old").count() == 1


def test_everyone_goes_where_the_condition_says(ada, bob, now):
    # given a split by a tag that only Ada has
    condition = {"kind": "tag", "config": {"test": "has", "tag": "vip"}}
    journey = live(
        now,
        step("tagged", "add_tag", {"tag": "seen"}),
        step(
            "split1",
            "if_else",
            {"condition": condition},
            [step("yes1", "add_tag", {"tag": "yes"})],
            [step("no1", "exit", {"reason": "No VIP"})],
        ),
        step("end1", "add_tag", {"tag": "end"}),
    )
    add_tag(contact_ids=[ada.pk], name="VIP", now=now)

    # when both walk
    enrol(journey=journey, contact_ids=[ada.pk, bob.pk], now=now)
    settle(now)

    # then Ada came to the end and Bob left, both with their reasons
    assert path_of(ada) == [
        ("tagged", "next"),
        ("split1", "branch:0"),
        ("yes1", "next"),
        ("end1", "next"),
    ]
    assert path_of(bob) == [("tagged", "next"), ("split1", "branch:1"), ("no1", "exit:No VIP")]
    assert (run_of(ada).status, run_of(bob).status) == ("finished", "exited")
    assert run_of(bob).exit_reason == "No VIP"


def test_a_condition_sees_what_a_step_before_it_wrote(ada, now):
    condition = {"kind": "tag", "config": {"test": "has", "tag": "fresh"}}
    journey = live(
        now,
        step("tag1", "add_tag", {"tag": "fresh"}),
        step("split1", "if_else", {"condition": condition}, [], []),
    )
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now)
    assert path_of(ada)[1] == ("split1", "branch:0")


def test_an_empty_lane_goes_on_below_the_split(ada, now):
    journey = live(
        now,
        step("split1", "percentage_split", {"shares": [50, 50]}, [], []),
        step("tag1", "add_tag", {"tag": "end"}),
    )
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now)
    assert [each for each, _outcome in path_of(ada)] == ["split1", "tag1"]


def test_a_split_gives_everyone_the_same_lane_every_time(now, acme):
    # given two thousand people in a split of 20 and 80
    people = Contact.objects.bulk_create(Contact(email=f"p{n}@example.com") for n in range(2000))
    journey = live(
        now,
        step("split1", "percentage_split", {"shares": [20, 80]}, [], []),
        settings={"re_entry": "always"},
    )

    # when they walk through twice
    lanes = []
    for day in range(2):
        at = now + day * DAY
        enrol(journey=journey, contact_ids=[each.pk for each in people], now=at)
        settle(at)
        visits = StepVisit.objects.filter(left_at=at, outcome="branch:0")
        lanes.append(set(visits.values_list("enrolment__contact_id", flat=True)))

    # then the shares are near, and the same people are in them
    assert lanes[0] == lanes[1]
    assert 330 < len(lanes[0]) < 470


class Grumpy(Step):
    """Raises for whoever has the name."""

    key = "grumpy"
    label = "Grumpy"
    family = "data"
    icon = "frown"
    error: type[Exception] = ValueError

    def run(self, batch):
        return [Next()] * len(batch.runs)

    def act(self, batch):
        for contact in batch.contacts().values():
            if contact.first_name == "Poison":
                raise self.error("no such thing")
        Contact.objects.filter(pk__in=batch.contact_ids).update(source="done")


@pytest.fixture
def grumpy():
    plugin = contracts.steps.register(Grumpy())
    yield plugin
    del contracts.steps._items["grumpy"]


def test_a_step_that_raises_stops_only_the_run_to_blame(grumpy, now, acme):
    # given thirty people of whom one makes a step raise
    people = Contact.objects.bulk_create(
        Contact(email=f"p{n}@example.com", first_name="Poison" if n == 13 else "Pat")
        for n in range(30)
    )
    journey = live(now, step("tag1", "add_tag", {"tag": "in"}), step("grumpy1", "grumpy"))
    enrol(journey=journey, contact_ids=[each.pk for each in people], now=now)

    # when everybody is due
    result = advance(now=now)

    # then all others are through, and the one stands at the step that failed, to be tried again
    assert result.failed == 1
    assert Enrolment.objects.filter(status="finished").count() == 29
    assert Contact.objects.filter(source="done").count() == 29
    poison = run_of(people[13])
    assert (poison.status, poison.step_id, poison.attempts) == ("active", "grumpy1", 1)
    assert poison.due_at == now + timedelta(minutes=1)
    assert "no such thing" in poison.error
    assert ContactTag.objects.filter(contact=people[13]).count() == 1

    # when it fails again and again
    at = now
    for pause in engine.BACK_OFF:
        at += pause
        assert advance(now=at).failed == 1

    # then it is marked failed, with the error in words
    poison.refresh_from_db()
    assert (poison.status, poison.due_at) == ("failed", None)
    assert path_of(people[13]) == [("tag1", "next"), ("grumpy1", "failed")]
    assert advance(now=at + 7 * DAY).claimed == 0


def test_a_permanent_error_is_not_tried_again(grumpy, ada, now):
    class Refused(Permanent):
        def __init__(self, text: str) -> None:
            super().__init__("refused", "This field is gone.")

    grumpy.error = Refused
    Contact.objects.filter(pk=ada.pk).update(first_name="Poison")
    journey = live(now, step("grumpy1", "grumpy"))
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    advance(now=now)
    assert (run_of(ada).status, run_of(ada).error) == ("failed", "This field is gone.")


def test_a_failing_run_recovers_when_the_fault_is_gone(grumpy, ada, now):
    Contact.objects.filter(pk=ada.pk).update(first_name="Poison")
    journey = live(now, step("grumpy1", "grumpy"))
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    advance(now=now)
    Contact.objects.filter(pk=ada.pk).update(first_name="Ada")

    advance(now=now + timedelta(minutes=1))

    run = run_of(ada)
    assert (run.status, run.attempts, run.error) == ("finished", 0, "")


def test_an_unknown_kind_of_step_fails_in_words(grumpy, ada, now):
    journey = live(now, step("grumpy1", "grumpy"))
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    programs._cache.clear()
    held = contracts.steps._items.pop("grumpy")
    try:
        advance(now=now)
    finally:
        contracts.steps._items["grumpy"] = held
        programs._cache.clear()
    assert run_of(ada).error == "No part of this installation knows the step “grumpy”."


def test_a_batch_costs_a_dozen_statements_whatever_its_size(now, acme):
    # given four journeys of wait, condition, split and an action, 250 people in each
    condition = {"kind": "tag", "config": {"test": "has", "tag": "vip"}}
    people = Contact.objects.bulk_create(Contact(email=f"p{n}@example.com") for n in range(250))
    for number in range(4):
        journey = live(
            now,
            step("wait1", "wait", WAIT),
            step(
                "if1",
                "if_else",
                {"condition": condition},
                [],
                [step("split1", "percentage_split", {"shares": [50, 50]}, [], [])],
            ),
            step("tag1", "add_tag", {"tag": f"t{number}"}),
            step("wait2", "wait", WAIT),
            name=f"J{number}",
        )
        enrol(journey=journey, contact_ids=[each.pk for each in people], now=now)
    settle(now)
    ensure_tags(names=["t0", "t1", "t2", "t3"], now=now)

    # when all thousand are due
    with CaptureQueriesContext(connection) as queries:
        result = advance(now=now + 2 * DAY)

    # then everybody made three or four steps, by a dozen statements; setting the path and the
    # savepoint of the test's own transaction aside
    assert result.claimed == 1000
    assert result.visits == 4000
    aside = ("SAVEPOINT", "RELEASE", "SET search_path")
    statements = [q["sql"] for q in queries if not q["sql"].startswith(aside)]
    assert len(statements) <= 12, "\n".join(each[:100] for each in statements)


class Astray(Step):
    """Sends people into a lane that its split does not have."""

    key = "astray"
    label = "Astray"
    family = "logic"
    icon = "compass"

    def run(self, batch):
        return [contracts.Branch(7)] * len(batch.runs)


def test_a_branch_that_does_not_exist_is_an_exit(ada, now):
    contracts.steps.register(Astray())
    try:
        journey = live(now, step("astray1", "astray"))
        enrol(journey=journey, contact_ids=[ada.pk], now=now)
        settle(now)
    finally:
        del contracts.steps._items["astray"]
    assert path_of(ada) == [("astray1", "exit:no_branch_matched")]
    assert run_of(ada).exit_reason == "no_branch_matched"


def test_a_definition_without_its_step_fails_in_words(ada, now):
    journey = live(now, step("wait1", "wait", WAIT))
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    Enrolment.objects.update(step_id="gone")
    advance(now=now)
    assert run_of(ada).error == "The step this person stood at is not in the journey."


def test_what_comes_after_a_wait_was_reached_when_the_wait_was_over(ada, now, monkeypatch):
    # given Ada who waits an hour, then goes through a split to a step that writes
    seen = []
    tagging = steps.get("add_tag")
    monkeypatch.setattr(
        tagging, "act_many", lambda batches: seen.extend(r for b in batches for r in b.runs)
    )
    journey = live(
        now,
        step("tag0", "add_tag", {"tag": "first"}),
        step("wait1", "wait", {"amount": 1, "unit": "hours"}),
        step("split1", "percentage_split", {"shares": [50, 50]}, [], []),
        step("tag1", "add_tag", {"tag": "late"}),
        step("wait2", "wait", {"amount": 1, "unit": "hours"}),
        step("tag2", "add_tag", {"tag": "later"}),
    )
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now)

    # when nobody looks for six hours, and then comes in time
    settle(now + 7 * HOUR)
    settle(now + 8 * HOUR)

    # then she should have come there when her hour was over, and the next hour counts from then on
    assert [run.reached_at for run in seen] == [now, now + HOUR, now + 8 * HOUR]
    assert [visit.left_at for visit in StepVisit.objects.filter(step_id__startswith="wait")] == [
        now + 7 * HOUR,
        now + 8 * HOUR,
    ]
