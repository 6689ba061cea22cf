"""Who has not ordered for longer than they use to: their own gap, the shop's, or so many days."""

from datetime import UTC, datetime, timedelta

import pytest

from commerce.models import CustomerStats, ShopFigures
from contacts.models import Contact
from journeys.models import Enrolment, LiveEntry
from tests.commerce.entries.conftest import inside, journey, look, order
from tests.journeys.conftest import DAY, HOUR

WIN_BACK = {"factor": "1.5", "days": 90, "at": "09:00"}
# Acme is in Rome: nine o'clock there is eight UTC in winter.
NINE = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def customer(name, *days_ago, now):
    """Somebody with orders so many days before `now`."""
    for days in days_ago:
        order(f"{name}{days}", name, now - days * DAY, now=now)


def test_the_own_gap_from_three_orders_on(now):
    # given Ada who orders every ten days, and Bob who ordered twice only
    journey(now, "since_last_order", **WIN_BACK)
    customer("ada", 34, 24, 14, now=now)
    customer("bob", 24, 14, now=now)

    # when fifteen days since her last order have passed, at noon
    assert look(NINE) == 0
    assert look(NINE + DAY) == 1

    # then it is nine o'clock of the next day, with what is known
    run = Enrolment.objects.get()
    last = run.contact.orders.get(number="#ada14")
    assert (run.key, run.started_at) == (f"last:{last.pk}", NINE + DAY)
    assert run.context["orders"] == 3
    assert run.context["order_id"] == str(last.pk)
    assert datetime.fromisoformat(run.context["last_order_at"]) == last.placed_at


def test_else_the_gap_in_the_middle_of_all_else_so_many_days(now):
    # given one order of Ada's, and of nobody a gap
    journey(now, "since_last_order", **WIN_BACK)
    customer("ada", 1, now=now)
    assert look(NINE + 88 * DAY) == 0
    assert look(NINE + 90 * DAY) == 1

    # when the night has found a median of twenty days, Bob is missed after thirty
    ShopFigures.objects.create(computed_at=now, median_interval=timedelta(days=20))
    customer("bob", 0, now=now + 91 * DAY)
    look(NINE + 119 * DAY)
    assert look(NINE + 120 * DAY) == 0
    assert look(NINE + 121 * DAY) == 1


def test_a_median_is_found_while_the_figures_are_not_there(now):
    # given twenty customers with gaps of 10 to 29 days, the middle one 19.5
    journey(now, "since_last_order", **WIN_BACK)
    people = Contact.objects.bulk_create(Contact(email=f"p{n}@example.com") for n in range(20))
    CustomerStats.objects.bulk_create(
        CustomerStats(contact=each, orders=2, interval=timedelta(days=10 + n))
        for n, each in enumerate(people)
    )
    customer("ada", 1, now=now)

    # then Ada is missed 29.25 days after yesterday's order
    assert look(NINE + 27 * DAY) == 0
    assert look(NINE + 28 * DAY) == 1


@pytest.mark.parametrize(("days_ago", "first"), [((0, 0, 0), 7), ((0, 1, 2), 7)])
def test_nobody_is_missed_within_a_week(now, days_ago, first):
    journey(now, "since_last_order", **WIN_BACK)
    for number, days in enumerate(days_ago):
        order(f"o{number}", "ada", now - days * DAY, now=now)
    look(NINE + (first - 1) * DAY)
    assert inside() == []
    look(NINE + first * DAY)
    assert inside() == [("Ada", NINE + first * DAY)]


def test_an_order_or_its_cancelling_moves_the_day(now):
    # given a last order in ten days
    journey(now, "since_last_order", **WIN_BACK)
    customer("ada", 34, 24, 14, now=now)
    order("late", "ada", now, now=now)
    assert look(NINE + 10 * DAY) == 0

    # when that one is cancelled after its time would have come
    order("late", "ada", now, now=now + 10 * DAY, cancelled_at=now + 10 * DAY)

    # then Ada is let in at the next look, once
    look(NINE + 11 * DAY)
    look(NINE + 12 * DAY)
    assert [name for name, _at in inside()] == ["Ada"]


def test_once_per_last_order_also_when_the_median_moves(now):
    journey(now, "since_last_order", **WIN_BACK, settings={"re_entry": "always"})
    ShopFigures.objects.create(computed_at=now, median_interval=timedelta(days=20))
    customer("ada", 0, now=now)
    customer("bob", 1, now=now)
    look(NINE + 29 * DAY)
    assert [name for name, _at in inside()] == ["Bob"]

    # when the median falls, Ada's moment was two days ago
    Enrolment.objects.update(status="finished")
    ShopFigures.objects.update(median_interval=timedelta(days=18))
    look(NINE + 29 * DAY + HOUR, force=True)
    look(NINE + 31 * DAY)

    # then she comes in once, from the last look on, and Bob not again
    assert inside() == [("Ada", NINE + 29 * DAY), ("Bob", NINE + 29 * DAY)]


def test_those_who_are_gone_already_come_in_once_when_they_are_to(now):
    customer("ada", 400, now=now)
    customer("bob", 100, now=now)
    customer("cleo", 10, now=now)
    journey(now, "since_last_order", **WIN_BACK)
    assert look(now + 6 * DAY) == 0
    journey(now, "since_last_order", **WIN_BACK, backlog=True)
    assert look(now + 6 * DAY, limit=1) == 2
    assert look(now + 7 * DAY, force=True) == 0
    assert inside() == [("Ada", now), ("Bob", now)]


def test_nine_o_clock_is_where_the_person_is(now):
    journey(now, "since_last_order", **WIN_BACK)
    customer("rome", 90, now=now)
    customer("tokyo", 90, now=now)
    Contact.objects.filter(first_name="Tokyo").update(timezone="Asia/Tokyo")
    look(now)
    assert LiveEntry.objects.get().due_at == datetime(2026, 11, 21, 0, tzinfo=UTC)
    look(NINE)
    assert inside() == [("Tokyo", datetime(2026, 11, 21, 0, tzinfo=UTC)), ("Rome", NINE)]
