"""An entry may be for some people only, whichever way they come."""

from datetime import timedelta

import pytest

from contacts.models import Contact
from contacts.saved_segments import create_segment, update_segment
from contacts.tags import add_tag
from events.drain import drain
from events.services import NewEvent, record_many
from journeys import services
from journeys.definition import as_json, parse
from journeys.enrolment import enrol
from journeys.models import Enrolment, LiveEntry
from journeys.timed import let_in_due
from journeys.tree import entry_words
from tests.journeys.conftest import definition, live, step

WAIT = step("wait1", "wait", {"amount": 5, "unit": "days"})
VIP = {"kind": "tag", "config": {"test": "has", "tag": "vip"}}
ORDERED = {"kind": "event_received", "config": {"event": "order.placed"}}
PAID = {"kind": "event_received", "config": {"event": "order.paid"}}
SEEN = {"kind": "not_seen", "config": {"days": 10, "at": "09:00:00"}}


@pytest.fixture
def vip(ada, bob, now):
    """Ada is a VIP, Bob is not."""
    add_tag(contact_ids=[ada.pk], name="VIP", now=now)
    return ada


@pytest.fixture
def happen(now):
    def make(*facts):
        record_many(
            events=[
                NewEvent(type=type, occurred_at=now, contact_id=contact.pk)
                for contact, type in facts
            ],
            now=now,
        )
        while drain(now=now).done:
            pass

    return make


def inside():
    return set(Enrolment.objects.values_list("contact__first_name", flat=True))


def test_an_event_lets_in_only_those_it_is_for(vip, ada, bob, now, happen):
    live(now, WAIT, entries=[{**ORDERED, "only": VIP}])
    happen((ada, "order.placed"), (bob, "order.placed"))
    assert inside() == {"Ada"}


def test_another_entry_may_still_let_them_in(vip, ada, bob, now, happen):
    live(now, WAIT, entries=[{**ORDERED, "only": VIP}, PAID])
    happen((bob, "order.placed"), (bob, "order.paid"), (ada, "order.placed"))
    assert inside() == {"Ada", "Bob"}


def test_of_two_entries_for_one_event_the_open_one_counts(vip, ada, bob, now, happen):
    live(now, WAIT, entries=[{**ORDERED, "only": VIP}, {**ORDERED, "only": {"not": VIP}}])
    happen((ada, "order.placed"), (bob, "order.placed"))
    assert inside() == {"Ada", "Bob"}
    assert Enrolment.objects.count() == 2


def test_a_saved_segment_is_asked_as_it_is_then(vip, ada, bob, now, happen):
    segment = create_segment(name="Some", tree=VIP, now=now)
    inner = {"kind": "in_segment", "config": {"segment": str(segment.pk)}}
    live(now, WAIT, entries=[{**ORDERED, "only": inner}])
    happen((bob, "order.placed"))
    assert inside() == set()
    update_segment(segment_id=segment.pk, changes={"tree": {"not": VIP}}, now=now)
    happen((ada, "order.placed"), (bob, "order.placed"))
    assert inside() == {"Bob"}


def test_time_lets_in_only_those_it_is_for(vip, ada, bob, now):
    Contact.objects.update(last_seen_at=now - timedelta(days=9))
    # a percent sign in a condition is no parameter of the statement around it
    named = {"kind": "profile", "config": {"field": "email", "test": "contains", "value": "a%"}}
    live(now, WAIT, entries=[{**SEEN, "only": {"all": [VIP, {"not": named}]}}])
    assert let_in_due(now=now + timedelta(days=3)).started == 1
    assert inside() == {"Ada"}


def test_time_with_a_segment_of_nobody_lets_nobody_in(vip, ada, now):
    Contact.objects.update(last_seen_at=now - timedelta(days=9))
    live(now, WAIT, entries=[{**SEEN, "only": {"not": {"all": []}}}])
    assert let_in_due(now=now + timedelta(days=3)).started == 0
    assert LiveEntry.objects.get().error == ""


def test_people_added_by_hand_are_told_why_not(vip, ada, bob, now):
    manual = {"kind": "manual", "config": {}, "only": VIP}
    journey = live(now, WAIT, entries=[manual])
    result = enrol(journey=journey, contact_ids=[ada.pk, bob.pk], now=now)
    assert set(result.enrolled) == {ada.pk}
    assert result.refused == {bob.pk: "not_in_audience"}
    assert inside() == {"Ada"}


def test_a_definition_keeps_whom_it_is_for_and_says_so(acme):
    raw = definition(WAIT, entries=[{**ORDERED, "only": VIP}, PAID])
    assert as_json(parse(raw))["entries"] == raw["entries"]
    assert entry_words(parse(raw))[0] == (
        "When this happens: Ordered (only: People with the tag “vip”)"
    )


@pytest.mark.parametrize(
    "only", [{"kind": "astrology"}, {"any": [VIP] * 61}, {"kind": "tag", "config": {"test": "has"}}]
)
def test_conditions_that_make_no_sense_stand_against_publishing(acme, now, only):
    raw = definition(WAIT, entries=[{**ORDERED, "only": only}])
    journey = services.create_journey(name="x", definition=raw, now=now)
    [problem] = services.draft_problems(journey)
    assert (problem.code, problem.field) == ("invalid_settings", "entry:0")


def test_the_draft_offers_it_on_every_entry(acme_client, acme, now):
    raw = definition(WAIT, entries=[ORDERED])
    journey = services.create_journey(name="x", definition=raw, now=now)
    draft = f"/journeys/{journey.pk}/draft/"
    assert "Only these people" in acme_client.get(f"{draft}?step=entry:0").content.decode()
    where = {"part": "entry:0", "field": "only"}
    opened = {"do": "keep", "open_how": "add", "open_place": "", "open_kind": "tag"}
    typed = {"condition-test": "has", "condition-tag": "vip"}

    def post(act, **sent):
        journey.refresh_from_db()
        acme_client.post(f"{draft}{act}/", {**sent, "revision": str(journey.draft_revision)})
        journey.refresh_from_db()

    post("condition", **where, **opened, **typed)
    post("save", **{"part": "entry:0", "set-event": "order.paid"})
    assert journey.draft["entries"] == [{**PAID, "only": VIP}]
    post("condition", **where, do="remove:0")
    assert journey.draft["entries"] == [PAID]
