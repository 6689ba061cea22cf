"""Orders that come somewhere: by the event that says so, or some days after they arrived."""

from datetime import timedelta

import pytest

from commerce.models import Order
from contacts.models import Contact
from events.models import Event
from journeys.models import Enrolment, LiveEntry
from tests.commerce.entries.conftest import happen, inside, journey, line, look, order, shelf
from tests.journeys.conftest import DAY, HOUR

MONTHS = 120 * DAY


@pytest.mark.parametrize("status", ["placed", "paid", "fulfilled", "delivered"])
def test_the_event_of_the_moment_starts_it_with_the_order(now, status):
    journey(now, "order_status", status=status)
    moments = {} if status == "placed" else {f"{status}_at": now + HOUR}
    order("o1", "ada", now, now=now + HOUR, **moments)
    happen(now + HOUR)
    run = Enrolment.objects.get()
    assert (run.key, run.entry_kind) == (str(Order.objects.get().pk), "order_status")
    assert run.started_at == (now if status == "placed" else now + HOUR)
    assert (run.context["number"], run.context["is_first"]) == ("#o1", True)


def test_old_orders_that_come_in_now_start_nothing(now):
    journey(now, "order_status", status="placed")
    journey(now, "order_status", status="delivered_or_fulfilled", days=7)
    order("o1", "ada", now - MONTHS, now=now, delivered_at=now - MONTHS + DAY)
    # delivered just now, but of an order that is history
    order("o2", "bob", now - MONTHS, now=now, delivered_at=now)
    happen(now)
    assert look(now + 30 * DAY, force=True) == 0
    assert Enrolment.objects.count() == 0


def test_two_orders_are_two_runs_and_the_same_news_twice_is_one(now):
    journey(now, "order_status", status="placed")
    for number in ("o1", "o2", "o1"):
        order(number, "ada", now, now=now)
        happen(now)
    assert Enrolment.objects.count() == 2


def test_only_orders_worth_it_and_with_something_of_the_category(now):
    journey(now, "order_status", status="placed", min_value="20", category=shelf("bread"))
    order("o1", "small", now, line(), now=now)
    order("o2", "other", now, line("cake", "30"), now=now)
    order("o3", "ada", now, line("cake", "30"), line(), now=now)
    happen(now)
    assert [name for name, _at in inside()] == ["Ada"]


def test_an_amount_that_is_none_is_nothing(now):
    ada = Contact.objects.create(email="ada@example.com")
    journey(now, "order_status", status="placed", min_value="20")
    Event.objects.create(
        source="api",
        message_id="m1",
        type="order.placed",
        contact_id=ada.pk,
        occurred_at=now,
        received_at=now,
        data={"value": "NaN", "lines": "none"},
    )
    happen(now)
    assert Enrolment.objects.count() == 0
    assert Event.objects.get().state == Event.State.DONE


def review(now, **config):
    """A journey that asks for a review: seven days after delivery, else fourteen after sending."""
    return journey(
        now, "order_status", status="delivered_or_fulfilled", days=7, fallback_days=14, **config
    )


def test_seven_days_after_delivery_else_fourteen_after_sending(now):
    review(now)
    later = now + 2 * DAY
    order("o1", "ada", now, now=later, fulfilled_at=now, delivered_at=later)
    order("o2", "bob", now, now=later, fulfilled_at=now + DAY)
    order("o3", "cleo", now, now=later)
    look(now + 30 * DAY)
    assert inside() == [("Ada", now + 9 * DAY), ("Bob", now + 15 * DAY)]


def test_it_carries_what_the_event_carries(now):
    review(now)
    order("o0", "ada", now - DAY, line(), now=now)
    order("o1", "ada", now, line(), line("cake", "30.5"), now=now, delivered_at=now)
    happen(now)
    look(now + 7 * DAY)
    told = Event.objects.get(type="order.delivered").data
    assert Enrolment.objects.get().context == told
    assert told["is_first"] is False


def test_what_was_cancelled_refunded_or_deleted_meanwhile_starts_nothing(now):
    review(now)
    order("o1", "ada", now, now=now, delivered_at=now, cancelled_at=now + DAY)
    order("o2", "bob", now, now=now, delivered_at=now, is_deleted=True)
    order("o3", "cleo", now, now=now, delivered_at=now)
    look(now + 30 * DAY)
    assert [name for name, _at in inside()] == ["Cleo"]


def test_the_lane_wakes_for_each_and_news_of_a_delivery_wakes_it_sooner(now):
    # given an order on its way
    review(now)
    order("o1", "ada", now, now=now, fulfilled_at=now)
    look(now)
    assert LiveEntry.objects.get().due_at == now + 14 * DAY

    # when it arrives after two days
    order("o1", "ada", now, now=now + 2 * DAY, fulfilled_at=now, delivered_at=now + 2 * DAY)
    happen(now + 2 * DAY)
    assert LiveEntry.objects.get().due_at == now + 9 * DAY
    assert look(now + 9 * DAY) == 1
    assert LiveEntry.objects.get().due_at is None


def test_a_delivery_told_late_is_not_lost(now):
    review(now)
    order("o1", "ada", now, now=now)
    order("o2", "bob", now, now=now + 3 * DAY, delivered_at=now + 3 * DAY)
    look(now + 10 * DAY)
    order("o1", "ada", now, now=now + 10 * DAY, delivered_at=now + DAY)
    look(now + 10 * DAY + timedelta(minutes=1))
    assert inside() == [("Ada", now + 8 * DAY), ("Bob", now + 10 * DAY)]
