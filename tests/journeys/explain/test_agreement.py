"""Explaining agrees with the engine: whatever happens, who came in is told so, and nobody else."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import Contact
from contacts.tags import add_tag, remove_tag
from events.services import record
from journeys import services
from journeys.enrolment import remove
from journeys.models import Enrolment, Journey
from tests.journeys.conftest import HOUR
from tests.journeys.explain.conftest import VIP, asked, listen, ordering

# What may happen in an hour: an order of so much, the tag on or off, out, a pause or its end.
HOURS = st.lists(
    st.sampled_from([10, 60, 60, 60, "tag", "untag", "out", "pause", "resume"]),
    min_size=1,
    max_size=8,
)
RE_ENTRY = st.sampled_from(
    [
        {"re_entry": "never"},
        {"re_entry": "always"},
        {"re_entry": "after_days", "re_entry_days": 1},
        {"re_entry": "always", "holdout": 50},
    ]
)


@pytest.fixture
def people(acme):
    return [Contact.objects.create(email=f"p{number}@example.com") for number in range(12)]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(hours=HOURS, rules=RE_ENTRY, number=st.integers(0, 11), only=st.sampled_from([None, VIP]))
def test_who_came_in_is_told_so_and_nobody_else(people, now, hours, rules, number, only):
    # What one example wrote is gone before the next one.
    with transaction.atomic():
        _live_and_tell(people[number], now, hours, rules, only)
        transaction.set_rollback(True)


def _live_and_tell(person, now, hours, rules, only):
    # given a person and some hours
    journey = ordering(now, settings=rules, only=only)
    began = {}
    for hour, what in enumerate(hours):
        before = set(Enrolment.objects.values_list("pk", flat=True))
        _happen(what, person, journey, now + hour * HOUR)
        new = set(Enrolment.objects.values_list("pk", flat=True)) - before
        if isinstance(what, int):
            began[now + hour * HOUR] = next(iter(new), None)
    # when each order is explained
    told = {each.at: each for each in asked(journey, person, now + 9 * HOUR).ways[0].attempts}
    # then exactly those that began a run are told to have let them in, with that run
    assert {at: each.run and each.run.pk for at, each in told.items()} == began
    assert {at: each.let_in for at, each in told.items()} == {
        at: run is not None for at, run in began.items()
    }


def _happen(what, person, journey, at):
    if isinstance(what, int):
        record(type="order.placed", contact_id=person.pk, now=at, data={"total": what})
        listen(at)
    elif what == "tag":
        add_tag(contact_ids=[person.pk], name="vip", now=at)
    elif what == "untag":
        remove_tag(contact_ids=[person.pk], name="vip", now=at)
    elif what == "out":
        if runs := set(Enrolment.objects.filter(contact=person).values_list("pk", flat=True)):
            remove(enrolment_ids=runs, now=at)
    else:
        journey.refresh_from_db()
        if what == "pause" and journey.status == Journey.Status.LIVE:
            services.pause_journey(journey=journey, now=at)
        elif what == "resume" and journey.status == Journey.Status.PAUSED:
            services.resume_journey(journey=journey, now=at)
