"""Carts that lie still: whose, when, what they carry, and what ends it at once."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commerce.ingest.cart_events import cart_data
from commerce.models import Cart
from contacts.models import Contact
from journeys.engine import next_due
from journeys.models import Enrolment, LiveEntry
from journeys.timed import let_in_due
from tenants.models import Agenda
from tests.commerce.entries.conftest import (
    cart,
    happen,
    inside,
    journey,
    line,
    look,
    order,
)
from tests.journeys.conftest import DAY, HOUR, step

MINUTE = timedelta(minutes=1)
EXIT = step("exit1", "exit")


def test_a_cart_of_somebody_known_starts_when_its_hour_is_over(now):
    # given a cart with a loaf and a cake
    journey(now, "cart_abandoned", idle_minutes=60)
    cart("c1", "ada", now, line(quantity=3, total="13.50"), line("cake", "30.005"), now=now)

    # when an hour has passed, and not before
    assert look(now + HOUR - MINUTE) == 0
    assert look(now + HOUR) == 1

    # then the run is the cart's and carries what events about carts carry
    run = Enrolment.objects.get()
    found = Cart.objects.get()
    assert (run.key, run.started_at) == (str(found.pk), now + HOUR)
    assert run.context == cart_data(cart_ids=[found.pk])[found.pk]
    assert run.context["lines"][0]["quantity"] == "3"
    assert run.context["value"] == "43.505"


def test_carts_that_start_nothing(now):
    journey(now, "cart_abandoned", idle_minutes=60, min_value="10.00")
    cart("nobody", "", now, line("cake", "30"), now=now)
    cart("small", "bob", now, line(total="9.99"), now=now)
    cart("ordered", "cleo", now, line("cake", "30"), now=now)
    order("o1", "cleo", now + MINUTE, line("cake", "30"), now=now + MINUTE)
    cart("emptied", "dan", now, line("cake", "30"), now=now)
    cart("emptied", "dan", now + MINUTE, now=now + MINUTE)
    cart("unreachable", "eve", now, line("cake", "30"), now=now)
    Contact.objects.filter(email="eve@example.com").update(email=None)
    cart("just enough", "ada", now, line(total="10.00"), now=now)
    look(now + 3 * HOUR)
    assert inside() == [("Ada", now + HOUR)]


def test_a_change_puts_the_hour_off(now):
    journey(now, "cart_abandoned", idle_minutes=60)
    cart("c1", "ada", now, line(), now=now)
    cart("c1", "ada", now + HOUR / 2, line(), line("cake", "30"), now=now + HOUR / 2)
    assert look(now + HOUR) == 0
    assert look(now + 1.5 * HOUR) == 1


def test_two_carts_of_one_person_are_two_runs(now):
    journey(now, "cart_abandoned", idle_minutes=60)
    cart("c1", "ada", now, line(), now=now)
    cart("c2", "ada", now, line("cake", "30"), now=now)
    assert look(now + HOUR) == 2


def test_a_cart_that_changes_again_starts_no_second_run_while_one_is_active(now):
    journey(now, "cart_abandoned", idle_minutes=60, settings={"re_entry": "always"})
    cart("c1", "ada", now, line(), now=now)
    look(now + HOUR)
    cart("c1", "ada", now + 2 * HOUR, line(), line(), now=now + 2 * HOUR)
    assert look(now + 3 * HOUR) == 0


@pytest.mark.parametrize(("rule", "runs"), [("never", 1), ("always", 2)])
def test_a_finished_run_starts_again_as_the_rules_allow(now, rule, runs):
    journey(now, "cart_abandoned", EXIT, idle_minutes=60, settings={"re_entry": rule})
    cart("c1", "ada", now, line(), now=now)
    look(now + HOUR)
    cart("c1", "ada", now + 2 * HOUR, line(), line(), now=now + 2 * HOUR)
    look(now + 3 * HOUR)
    assert Enrolment.objects.count() == runs
    assert look(now + 4 * HOUR, force=True) == 0


def test_the_lane_wakes_for_the_next_cart_and_a_new_one_wakes_it_sooner(now):
    # given two carts, and one of nobody
    journey(now, "cart_abandoned", idle_minutes=60)
    cart("c1", "ada", now + 10 * MINUTE, line(), now=now + 10 * MINUTE)
    cart("c2", "bob", now + 30 * MINUTE, line(), now=now + 30 * MINUTE)
    cart("c0", "", now + 5 * MINUTE, line(), now=now + 30 * MINUTE)
    happen(now + 30 * MINUTE)

    # then it is due with the first, then with the second, then never
    look(now + 30 * MINUTE)
    assert LiveEntry.objects.get().due_at == now + 70 * MINUTE
    look(now + 70 * MINUTE)
    assert LiveEntry.objects.get().due_at == now + 90 * MINUTE
    look(now + 90 * MINUTE)
    assert LiveEntry.objects.get().due_at is None

    # and the event of another cart lowers the lane to its hour
    Agenda.objects.filter(workspace__slug="acme", lane="journeys").update(due_at=None)
    cart("c3", "cleo", now + 2 * HOUR, line(), now=now + 2 * HOUR)
    happen(now + 2 * HOUR)
    assert LiveEntry.objects.get().due_at == now + 3 * HOUR
    assert Agenda.objects.get(workspace__slug="acme", lane="journeys").due_at == now + 3 * HOUR
    assert next_due() == now + 3 * HOUR


def test_a_cart_told_late_is_not_lost(now):
    # given a look at two o'clock
    journey(now, "cart_abandoned", idle_minutes=60)
    cart("c1", "ada", now + HOUR, line(), now=now + HOUR)
    look(now + 2 * HOUR)

    # when the shop tells only then of a cart from half past twelve
    cart("c2", "bob", now + HOUR / 2, line(), now=now + 2 * HOUR)
    assert look(now + 2 * HOUR) == 1

    # then his hour counts from the change, and nobody else came in again
    assert inside() == [("Bob", now + 1.5 * HOUR), ("Ada", now + 2 * HOUR)]


def test_carts_from_before_the_journey_start_nothing(now):
    cart("c1", "ada", now - 2 * HOUR, line(), now=now - 2 * HOUR)
    journey(now, "cart_abandoned", idle_minutes=60)
    assert look(now + DAY) == 0


def test_hundreds_of_carts_are_one_statement(now):
    journey(now, "cart_abandoned", idle_minutes=60)

    def statements(names, at):
        for name in names:
            cart(name, name, at, line(), now=at)
        happen(at)
        LiveEntry.objects.update(due_at=at)
        with CaptureQueriesContext(connection) as queries:
            found = let_in_due(now=at + HOUR)
        assert found.started == len(names)
        return len(queries)

    few = statements(["a"], now)
    assert statements([f"p{number}" for number in range(20)], now + HOUR) <= few


def test_carts_of_globex_stay_there(now, acme, globex):
    journey(now, "cart_abandoned", idle_minutes=60)
    connection.set_tenant(globex)
    cart("c1", "ada", now, line(), now=now)
    happen(now)
    assert look(now + HOUR) == 0
    connection.set_tenant(acme)
    assert look(now + HOUR) == 0
    assert Enrolment.objects.count() == 0
