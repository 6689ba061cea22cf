"""The engine in life and the engine in a rehearsal give the same path for the same history.

Random journeys, random histories: once lived through on a clock that is moved, by the doors and
drains of life, and once rehearsed.
"""

from dataclasses import astuple
from datetime import timedelta

from django.db import transaction
from hypothesis import HealthCheck, Phase, assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as some

from contacts.models import Contact
from contacts.tags import add_tag
from events.drain import drain
from events.models import Event
from events.services import NewEvent, record_many
from journeys import services
from journeys.definition import parse
from journeys.engine import advance
from journeys.models import Enrolment
from journeys.rehearsal.outcome import read_runs
from journeys.validation import validate
from tests.conftest import NOON
from tests.journeys.conftest import DAY, HOUR, definition, step
from tests.journeys.rehearsing import rehearsed

TYPES = ["page.viewed", "order.placed", "order.refunded"]
TAGS = ["vip", "new"]
UNTIL = NOON + timedelta(days=12)

tags = some.sampled_from(TAGS)
types = some.sampled_from(TYPES)
conditions = tags.map(lambda tag: {"kind": "tag", "config": {"test": "has", "tag": tag}})


tagging = some.fixed_dictionaries({"tag": tags})
waiting = some.fixed_dictionaries({"amount": some.integers(1, 40), "unit": some.just("hours")})
# What each kind of step is set to.
PLAIN = {
    "wait": waiting,
    "add_tag": tagging,
    "remove_tag": tagging,
    "exit": some.just({}),
    "goal": some.just({}),
}
SPLITS = {
    "wait_for_event": some.builds(lambda wait, event: {**wait, "event": event}, waiting, types),
    "if_else": some.fixed_dictionaries({"condition": conditions}),
    "percentage_split": some.just({"shares": [30, 70]}),
}


@some.composite
def sequences(draw, depth=0):
    """Up to four steps; ids are given later."""
    kinds = PLAIN | SPLITS if depth < 2 else PLAIN
    found = []
    for kind in draw(some.lists(some.sampled_from(sorted(kinds)), max_size=4 - depth)):
        lanes = [draw(sequences(depth + 1)) for _lane in range(2 if kind in SPLITS else 0)]
        found.append(step("", kind, draw(kinds[kind]), *lanes))
        if kind == "exit":
            break
    return found


def named(nodes, taken):
    """With ids, and one goal step at most; what nobody can reach is left out elsewhere."""
    for node in list(nodes):
        if node["kind"] == "goal" and "goal1" in taken:
            nodes.remove(node)
            continue
        node["id"] = "goal1" if node["kind"] == "goal" else f"s{len(taken):03}"
        taken.add(node["id"])
        for branch in node.get("branches", ()):
            named(branch["steps"], taken)


@some.composite
def journeys(draw):
    body = [step("", "wait", {"amount": draw(some.integers(1, 5)), "unit": "hours"})]
    body += draw(sequences())
    taken: set[str] = set()
    named(body, taken)
    rules = {}
    if draw(some.booleans()):
        then = draw(some.sampled_from(["exit", "stay", *(["jump"] if "goal1" in taken else [])]))
        rules["goal"] = {"event": draw(types), "then": then, "within_days": 5}
    if draw(some.booleans()):
        rules["exits"] = [{"event": draw(types), "condition": draw(conditions), "reason": "Left"}]
    re_entry = draw(some.sampled_from(["never", "always", "after_days"]))
    rules["settings"] = {"re_entry": re_entry, "re_entry_days": 1, "holdout": 0}
    ways = [{"kind": "event_received", "config": {"event": draw(types)}}]
    ways.append({"kind": "tag_added", "config": {"tag": draw(tags)}})
    if draw(some.booleans()):
        config = {"event": draw(types)}
        ways.append({"kind": "event_received", "config": config, "only": draw(conditions)})
    return definition(*body, entries=ways, **rules)


# Hours since the beginning, so that many come at the very moment at which a wait is over.
histories = some.lists(some.tuples(some.integers(0, 100), types), min_size=1, max_size=8)


def live_through(journey, contact, history):
    """Life: at each moment events come in by the door and are drained, then runs move on."""
    at = NOON
    told = sorted(history, key=lambda each: each[0])
    while at <= UNTIL:
        happening = [(n, kind) for n, (hour, kind) in enumerate(told) if NOON + hour * HOUR == at]
        record_many(events=[new_event(contact, n, kind, at) for n, kind in happening], now=at)
        while drain(now=at).done or advance(now=at).claimed:
            pass
        dues = Enrolment.objects.active().filter(due_at__gt=at).values_list("due_at", flat=True)
        comings = [NOON + hour * HOUR for hour, _kind in told if NOON + hour * HOUR > at]
        at = min([*dues, *comings], default=UNTIL + DAY)


def new_event(contact, number, kind, at):
    return NewEvent(
        type=kind, occurred_at=at, contact_id=contact.pk, message_id=f"told:{number}", data={}
    )


def tell(contact, history):
    """The same history as it stands in the log."""
    events = [
        new_event(contact, number, kind, NOON + hour * HOUR)
        for number, (hour, kind) in enumerate(sorted(history, key=lambda each: each[0]))
    ]
    record_many(events=events, now=NOON)
    Event.objects.update(state=Event.State.DONE)
    return list(Event.objects.filter(contact_id=contact.pk, message_id__startswith="told:"))


def told_of(runs):
    return [
        (
            run.entry_kind,
            run.key,
            run.context,
            run.started_at,
            run.ended_at,
            run.status,
            run.exit_reason,
            run.converted_at,
            run.step_id,
            run.due_at,
            run.waits_for,
            run.visit,
            [astuple(visit) for visit in run.visits],
        )
        for run in runs
    ]


@hypothesis_settings(
    max_examples=40,
    # Each example is a life of its own: making a failing one smaller takes minutes.
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(raw=journeys(), history=histories, has_tag=some.booleans())
def test_life_and_rehearsal_give_the_same_path(acme, raw, history, has_tag):
    assume(not validate(parse(raw)))
    with transaction.atomic():
        # given a journey and somebody, who may have a tag already
        ada = Contact.objects.create(email="ada@example.com")
        journey = services.create_journey(name="Same", definition=raw, now=NOON)
        if has_tag:
            add_tag(contact_ids=[ada.pk], name="vip", now=NOON - DAY)
            Event.objects.update(state=Event.State.DONE)

        # when the history is rehearsed
        with transaction.atomic():
            events = tell(ada, history)
            found = rehearsed(journey, ada, NOON, events=events, until=UNTIL)
            transaction.set_rollback(True)

        # and lived through
        services.publish_journey(journey=journey, now=NOON)
        live_through(journey, ada, history)
        lived = read_runs(contact_id=ada.pk, journey_id=journey.pk, positions={})

        # then it is the same
        assert told_of(found.runs) == told_of(lived)
        transaction.set_rollback(True)
