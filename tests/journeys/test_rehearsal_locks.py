"""A rehearsal gives way to the live product, and the live product does not wait for it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from contacts.models import Contact
from contacts.tags import ensure_tags
from core.errors import Retryable
from events.drain import drain
from events.services import record
from journeys.engine import advance
from journeys.enrolment import enrol
from journeys.models import Enrolment
from journeys.rehearsal import Pass, Start
from tenants.models import Agenda
from tests.journeys.conftest import DAY, live, step
from tests.journeys.rehearsing import rehearsed

STEPS = (
    step("tag1", "add_tag", {"tag": "seen"}),
    step("wait1", "wait", {"amount": 1, "unit": "days"}),
)


def beside(workspace: Any, work: Any) -> Any:
    """What `work` gives on another connection, which waits for nobody."""

    def one() -> Any:
        try:
            connection.set_tenant(workspace)
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '100ms'")
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(one).result(30)


def test_whoever_holds_the_contact_goes_first(committed, now):
    # given a contact that somebody is changing
    journey = live(now, *STEPS)
    ada = Contact.objects.create(email="ada@example.com")
    with transaction.atomic():
        Contact.objects.select_for_update().get(pk=ada.pk)

        # when a rehearsal wants it
        def work():
            with pytest.raises(Retryable) as refused:
                rehearsed(journey, ada, now, starts=[Start(0, now)])
            return refused.value.code

        # then it says so, within a second or two
        assert beside(committed, work) == "busy"

    # and goes its way once the contact is free
    assert rehearsed(journey, ada, now, starts=[Start(0, now)]).runs[0].visits


def test_life_goes_on_beside_a_rehearsal(committed, now):
    # given Ada and Bob in the same journey, and Ada in another
    journey = live(now, *STEPS, entries=[{"kind": "event_received", "config": {"event": "e.one"}}])
    other = live(now, *STEPS, name="Other")
    ada = Contact.objects.create(email="ada@example.com")
    bob = Contact.objects.create(email="bob@example.com")
    enrol(journey=other, contact_ids=[bob.pk], now=now)
    Agenda.objects.filter(workspace=committed).delete()
    ensure_tags(names=["seen"], now=now)
    lived: list[Any] = []

    # when, in the middle of Ada's rehearsal, an event lets Bob in, and runs move on
    def work() -> Any:
        record(type="e.one", contact_id=bob.pk, now=now)
        done = drain(now=now).done
        return done, advance(now=now).claimed

    def behave(_standing: Any) -> Pass:
        if not lived:
            lived.append(beside(committed, work))
        return Pass()

    found = rehearsed(journey, ada, now, starts=[Start(0, now)], behave=behave)

    # then nobody waited, and the rehearsal saw none of it
    [(done, claimed)] = lived
    assert done >= 1
    assert claimed == 2
    assert len(found.runs) == 1
    assert set(Enrolment.objects.values_list("contact", "journey")) == {
        (bob.pk, journey.pk),
        (bob.pk, other.pk),
    }
    lane = Agenda.objects.get(workspace=committed, lane="journeys")
    assert lane.due_at is not None
    assert lane.due_at <= now + DAY
