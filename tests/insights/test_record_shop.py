"""The record shop: real orders moved to the present, and its days played by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.test import Client

from campaigns.models import Message
from commerce.models import Order
from core.money import money
from events.models import Event
from insights.earnings import counting
from insights.record_shop.building import FLOWS, QUARTER, fill_shop
from insights.record_shop.cdnow import customers_of, purchases
from insights.record_shop.playing import Play
from insights.record_shop.selling import order_of
from journeys.figures import earned_totals, sent_totals
from journeys.models import Journey
from journeys.numbers import journey_numbers
from tenants.models import Workspace
from tests.campaigns.conftest import Office, office

__all__ = ["office"]

TODAY = date(2026, 11, 20)
ROME = ZoneInfo("Europe/Rome")


def test_the_sample_is_whole_and_ends_today():
    # given the real orders
    every = list(purchases(today=TODAY, zone=ROME))
    # then none is missing, the money is theirs, and the last were placed today
    assert len(every) == 6919
    assert sorted({each.customer for each in every}) == customers_of()
    assert (len(customers_of()), customers_of(3)) == (2357, [1, 2, 3])
    assert sum(each.dollars for each in every) == Decimal("244091.94")
    assert every[-1].at.date() == TODAY
    # and they are the same at every run
    assert every == list(purchases(today=TODAY, zone=ROME))


def test_an_order_costs_what_was_paid():
    until = datetime(2026, 11, 20, 23, tzinfo=UTC)
    for purchase in purchases(today=TODAY, zone=ROME, customers=120):
        order = order_of(purchase, until=until)
        assert sum(line.total for line in order.lines) == order.total == purchase.dollars
        assert sum(line.quantity for line in order.lines) == purchase.quantity


def test_three_days_of_it_and_every_figure_is_its_rows(
    acme: Any, office: Office, acme_client: Client, now: Any
):
    # given a small shop with all its journeys live
    acme.postal_address = "Via Roma 1"
    acme.save()
    start = now - timedelta(days=3)
    coming = fill_shop(workspace=acme, start=start, today=now.date(), customers=150)
    assert Journey.objects.filter(status="live").count() == len(FLOWS)
    # and people who agreed in the quarter before, each three days before they bought
    joined = Event.objects.filter(type="consent.confirmed", occurred_at__gt=start - QUARTER)
    agreed = dict(joined.values_list("contact_id", "occurred_at"))
    orders = Order.objects.filter(contact_id__in=agreed).values_list("contact_id", "placed_at")
    bought = {(contact_id, placed_at - timedelta(days=3)) for contact_id, placed_at in orders}
    assert len(agreed) >= 5
    assert set(agreed.items()) <= bought
    before = Order.objects.count()
    # when three days are played
    Play(acme, start, now, coming, customers_of(150)).run()
    # then the shop sold, people came in, mails left, and the workers may take over
    assert Order.objects.count() > before
    assert Workspace.objects.get(pk=acme.pk).held_until is None
    journeys = list(Journey.objects.all())
    ids = [each.pk for each in journeys]
    sent, earned, numbers = sent_totals(ids), earned_totals(ids), journey_numbers(ids)
    assert sum(sent.values()) > 10
    assert len(office.taken) == Message.objects.filter(sent_at__isnull=False).count()
    # and each figure of the list is its rows
    page = acme_client.get("/journeys/").content.decode()
    for journey in journeys:
        mails = Message.objects.filter(journey_id=journey.pk, sent_at__isnull=False)
        assert sent.get(journey.pk, 0) == mails.count()
        people = journey.enrolments.values("contact").distinct().count()
        assert numbers[journey.pk].started == people
        orders = counting().filter(journey_id=journey.pk).select_related("order")
        value = sum((each.order.value for each in orders), Decimal(0))
        if orders:
            assert earned[journey.pk].orders == len(orders)
            assert earned[journey.pk].text == money(value, "USD")
            assert earned[journey.pk].text in page
