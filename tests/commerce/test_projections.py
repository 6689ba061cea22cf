"""Looks at products, medians of the shop, and `order` in templates."""

from datetime import timedelta
from decimal import Decimal

from commerce.figures import compute_figures
from commerce.ingest import take_carts, take_orders, take_products
from commerce.merge_fields.order import sample, values
from commerce.models import Order, ProductView, ShopFigures
from contacts.contracts import MergeRequest
from contacts.models import Contact
from events.drain import drain
from events.services import NewEvent, record_many
from tenants.daily import daily_jobs
from tests.commerce.conftest import buyer, line, product


def view(who, at, **data):
    return NewEvent("product.viewed", at, contact_id=who.pk, data=data)


def test_looks_at_products_are_counted(contact, now):
    take_products(items=[product("7")], source="shop", now=now)
    take_products(items=[product("7")], source="other", now=now)
    ada, hour = contact("ada@example.com"), timedelta(hours=1)
    record_many(
        events=[
            view(ada, now - hour, product_id=7, source="shop"),
            view(ada, now - 3 * hour, product_id="7", source="shop"),
            view(ada, now, product_id="unknown"),
            view(ada, now, product_id=["7"]),
            view(ada, now),
        ],
        now=now,
    )
    drain(now=now)
    record_many(events=[view(ada, now, product_id="7", source="shop")], now=now)
    drain(now=now)
    seen = ProductView.objects.get()
    assert (seen.contact, seen.product.source, seen.times) == (ada, "shop", 3)
    assert (seen.first_viewed_at, seen.last_viewed_at) == (now - 3 * hour, now)


def test_the_medians_need_five_of_a_kind_and_leave_out_what_is_void(order, cart, now):
    def sell(number, total, **values):
        who = buyer(f"{number}@example.com")
        take_orders(items=[order(number, total=total, buyer=who, **values)], source="s", now=now)

    for number, total in enumerate(("10", "20", "30", "40")):
        sell(f"o{number}", total)
        take_carts(items=[cart(f"c{number}", total=total)], source="s", now=now)
    sell("void", "900", cancelled_at=now)
    sell("old", "900", days=400)
    compute_figures(now)
    few = ShopFigures.objects.get()
    assert (few.median_order_value, few.median_cart_value, few.median_interval) == (None,) * 3
    # one more of each
    sell("o4", "50")
    take_carts(items=[cart("c4", total="35")], source="s", now=now)
    for number in range(5):
        who = buyer(f"r{number}@example.com")
        repeats = [
            order(f"r{number}a", total="30", days=10 * (number + 1), buyer=who),
            order(f"r{number}b", total="30", buyer=who),
        ]
        take_orders(items=repeats, source="s", now=now)
    compute_figures(now)
    compute_figures(now)
    figures = ShopFigures.objects.get()
    assert (figures.median_order_value, figures.median_cart_value) == (Decimal(30), Decimal(30))
    assert (figures.median_interval, figures.computed_at) == (timedelta(days=30), now)


def test_the_medians_are_needed_only_where_there_is_a_shop(order, now):
    job = daily_jobs.get("commerce.figures")
    assert not job.is_needed()
    take_orders(items=[order()], source="s", now=now)
    assert job.is_needed()
    job.run(now)
    assert ShopFigures.objects.get().computed_at == now


def test_order_in_templates_is_the_runs_else_the_newest(order, contact, now):
    take_orders(
        items=[
            order("old", number="1", days=9, lines=(line("Jam", "4.50"),), total="4.50"),
            order("new", number="2"),
        ],
        source="s",
        now=now,
    )
    ada, di = Contact.objects.get(), contact("di@example.com")
    old = Order.objects.get(external_id="old")
    found = values(
        [
            MergeRequest(ada.pk),
            MergeRequest(ada.pk, context={"event": {"order_id": str(old.pk)}}, language="it"),
            MergeRequest(di.pk, context={"event": {"order_id": str(old.pk)}}),
            MergeRequest(None),
        ],
        now,
    )
    assert [each and each["number"] for each in found] == ["2", "1", None, None]
    assert found[1]["total"] == "4,50\u00a0€"
    assert found[1]["items"][0]["name"] == "Jam"
    assert found[1].keys() == sample().keys()
    assert found[1]["items"][0].keys() == sample()["items"][0].keys()
