"""Orders from a shop: what is kept, what is told, and that nothing is lost or doubled."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commerce.ingest import take_orders, take_products
from commerce.models import Currency, CustomerProfile, CustomerStats, Order, OrderLine
from commerce.shapes import Buyer, OrderNews
from contacts.consent import record_consent
from contacts.erasure import erase_contact
from contacts.models import Contact
from contacts.rows import ContactRow
from events.models import Event
from journeys.contracts import entries
from tests.commerce.conftest import buyer, line, product


def take(now, *items, source="shop"):
    return take_orders(items=items, source=source, now=now)


def rows():
    """All that is kept of orders, but for ids of our own and the moments of arrival."""
    orders = Order.objects.order_by("external_id").values_list(
        "external_id", "status", "total", "value", "refunded", "number", "contact__email",
        "paid_at", "fulfilled_at", "delivered_at", "cancelled_at", "refunded_at", "changed_at",
        "is_deleted",
    )  # fmt: skip
    lines = OrderLine.objects.order_by("order__external_id", "position").values_list(
        "position", "name", "quantity", "total", "value", "contact__email", "placed_at", "counts"
    )
    return list(orders), list(lines)


def test_a_new_order_is_kept_and_told_with_what_is_in_it(order, now, events_of):
    # given a product the catalogue knows and one it does not
    take_products(items=[product("rye", image_url="https://s.example/rye.png")], source="shop",
                  now=now)  # fmt: skip
    # when an order of both comes
    item = order(
        number="1001", total="59.90", coupon_codes=("welcome10",), paid_at=now,
        lines=(
            line("Rye loaf", "19.90", "rye", quantity=Decimal(2), unit_price=Decimal("9.95")),
            line("Old jam", "40", "jam", url="https://s.example/jam"),
        ),
    )  # fmt: skip
    [taken] = take(now, item)
    # then it is there, with its lines and its buyer
    kept = Order.objects.get()
    assert (taken.id, taken.created, taken.code) == (str(kept.pk), True, "")
    assert (kept.status, kept.total, kept.value) == ("paid", Decimal("59.9"), Decimal("59.9"))
    ada = Contact.objects.get(email="ada@example.com")
    assert (kept.contact, ada.email_consent, ada.source) == (ada, "none", "shop")
    rye, jam = kept.lines.order_by("position")
    assert (rye.product.external_id, jam.product, jam.name) == ("rye", None, "Old jam")
    # and its moments are told once each
    told = events_of("order.")
    assert [kind for kind, _data in told] == ["order.placed", "order.paid"]
    assert told[0][1] == {
        "order_id": str(kept.pk), "external_id": "1", "source": "shop", "number": "1001",
        "status": "paid", "currency": "EUR", "total": "59.90", "value": "59.90",
        "coupon_codes": ["WELCOME10"], "cart_id": "", "is_first": True,
        "lines": [
            {"line_id": str(rye.pk), "product_id": str(rye.product_id), "name": "Rye loaf",
             "variant": "", "sku": "", "quantity": "2", "unit_price": "9.95", "total": "19.90",
             "value": "19.90", "url": "", "image_url": "https://s.example/rye.png",
             "category_ids": []},
            {"line_id": str(jam.pk), "product_id": "", "name": "Old jam", "variant": "",
             "sku": "", "quantity": "1", "unit_price": "40.00", "total": "40.00",
             "value": "40.00", "url": "https://s.example/jam", "image_url": "",
             "category_ids": []},
        ],
    }  # fmt: skip
    event = Event.objects.get(type="order.placed")
    assert (event.contact_id, event.occurred_at, event.source) == (ada.pk, now, "shop")


def news_of_one_order(order, now):
    """Five states of one order, each as the shop told it."""

    def at(hours):
        return now - timedelta(hours=hours)

    base = order(placed_at=at(9), changed_at=at(9))
    paid = replace(base, changed_at=at(8), paid_at=at(8), number="1001")
    grown = replace(
        paid, changed_at=at(7), total=Decimal(30), lines=(line("A", "10"), line("B", "20"))
    )
    sent = replace(paid, changed_at=at(6), fulfilled_at=at(6), number="1002")
    delivered = OrderNews("1", delivered_at=at(2), changed_at=at(2))
    return [base, paid, grown, sent, delivered]


def test_any_order_of_arrival_ends_in_the_same_rows(order, now, events_of):
    base, *others = news_of_one_order(order, now)
    outcomes = []
    for arrangement in permutations(others):
        Order.objects.all().delete()
        Event.objects.all().delete()
        # given the order is known, when its news comes in any order, ten times
        take(now, base)
        for item in [*arrangement, *reversed(arrangement), base, *arrangement * 7]:
            assert take(now, item)[0].code == ""
        outcomes.append(rows())
        kinds = sorted(kind for kind, _data in events_of("order."))
        assert kinds == ["order.delivered", "order.fulfilled", "order.paid", "order.placed"]
    # then the rows are always the same
    assert all(outcome == outcomes[0] for outcome in outcomes)
    (kept,), (only_line,) = outcomes[0]
    assert kept[1:6] == ("delivered", Decimal(10), Decimal(10), Decimal(0), "1002")
    assert only_line[1] == "Rye loaf"


def test_in_one_batch_the_shops_clock_decides(order, now):
    items = news_of_one_order(order, now)
    take(now, *items)
    one_by_one = rows()
    Order.objects.all().delete()
    answers = take(now, *reversed(items))
    assert rows() == one_by_one
    assert sum(answer.created for answer in answers) == 1


def test_saying_it_again_changes_nothing(order, now):
    item = order(paid_at=now)
    take(now, item)
    before = rows(), Event.objects.count()
    [again] = take(now + timedelta(seconds=5), replace(item, changed_at=now))
    assert (again.created, again.changed) == (False, False)
    assert (rows(), Event.objects.count()) == before


@pytest.mark.parametrize(
    ("moments", "status"),
    [
        ((), "placed"),
        (("paid_at",), "paid"),
        (("paid_at", "fulfilled_at"), "fulfilled"),
        (("delivered_at",), "delivered"),
        (("delivered_at", "cancelled_at"), "cancelled"),
        (("delivered_at", "cancelled_at", "refunded_at"), "refunded"),
    ],
)
def test_the_status_follows_from_the_moments(order, now, moments, status):
    take(now, order(**dict.fromkeys(moments, now)))
    assert Order.objects.get().status == status


def test_a_part_refund_lowers_the_spend_and_a_full_one_takes_the_order_out(order, now, events_of):
    take(now, order(total="50.00"))
    ada = Contact.objects.get()
    # when a part is given back
    take(now, OrderNews("1", refunded=Decimal("20"), refunded_at=now))
    # then the order still counts, for the rest
    assert Order.objects.get().status == "placed"
    assert (ada.customer_stats.orders, ada.customer_stats.spend) == (1, Decimal(30))
    # when all of it is
    take(now, OrderNews("1", refunded=Decimal("50"), changed_at=now))
    # then it counts no more, nor do its lines
    stats = CustomerStats.objects.get()
    assert (stats.orders, stats.spend, stats.last_order_at) == (0, Decimal(0), None)
    assert [each.counts for each in OrderLine.objects.all()] == [False]
    assert [kind for kind, _data in events_of("order.")] == ["order.placed", "order.refunded"]


def test_an_order_keeps_the_rate_of_its_day(order, now):
    dollar = Currency.objects.create(code="USD", rate=Decimal("0.9"))
    take(now, order(total="100.00", currency="USD"))
    dollar.rate = Decimal("0.5")
    dollar.save()
    take(now, order(total="120.00", currency="USD"))
    assert Order.objects.get().value == Decimal("108")
    assert OrderLine.objects.get().value == Decimal("108")


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"currency": "XXX1"}, "unknown_currency", "currency"),
        ({"total": "-1"}, "negative_amount", "total"),
        ({"total": "NaN"}, "bad_amount", "total"),
        ({"total": "1e99"}, "amount_too_large", "total"),
        ({"lines": (line(" "),)}, "line_without_product", "lines.0"),
        ({"lines": (line(quantity=Decimal(-1)),)}, "bad_quantity", "lines.0"),
        ({"lines": (line(),) * 501}, "too_many_lines", "lines"),
        ({"days": -2}, "date_in_future", "placed_at"),
        ({"external_id": "\x00 "}, "blank", "external_id"),
        ({"external_id": "x" * 129}, "field_too_long", "external_id"),
    ],
)
def test_a_bad_item_is_refused_in_words_and_stops_nobody(order, now, change, code, field):
    if "total" in change:
        change["lines"] = ()
    bad, good = take(now, order(**{"external_id": "bad"} | change), order("good"))
    assert (bad.code, bad.field_name, bad.id) == (code, field, "")
    assert bad.message
    assert good.created
    assert Order.objects.get().external_id == "good"


def test_news_of_an_order_nobody_sent_is_refused(now):
    [taken] = take(now, OrderNews("1", delivered_at=now))
    assert (taken.code, taken.field_name) == ("unknown_order", "external_id")
    assert not Order.objects.exists()


def test_an_order_resubscribes_nobody_and_overwrites_no_name(order, now, contact):
    ada = contact("ada@example.com", first_name="Ada")
    record_consent(contact_ids=[ada.pk], action="unsubscribed", source="preferences", now=now)
    take(now, order(buyer=buyer(first_name="Countess", last_name="Lovelace")))
    ada.refresh_from_db()
    assert (ada.email_consent, ada.first_name, ada.last_name) == (
        "unsubscribed",
        "Ada",
        "Lovelace",
    )


def test_a_bad_address_is_left_out_and_the_id_still_names_the_buyer(order, now):
    [taken] = take(now, order(buyer=buyer("not an address", external_id="7")))
    assert Order.objects.get().contact.external_id == "7"
    assert len(taken.notes) == 1


@pytest.mark.parametrize("row", [ContactRow(), ContactRow(email="no"), ContactRow(phone="x")])
def test_an_order_of_nobody_is_kept_and_says_so(order, now, row):
    [taken] = take(now, order(buyer=Buyer(row)))
    assert (taken.code, len(taken.notes)) == ("", 1)
    assert Order.objects.get().contact is None
    assert not Contact.objects.exists()


def test_an_address_and_an_id_of_two_people_end_with_the_id(order, now, contact):
    contact("ada@example.com")
    bo = contact(None, external_id="7")
    [taken] = take(now, order(buyer=buyer("ada@example.com", external_id="7")))
    assert Order.objects.get().contact == bo
    assert len(taken.notes) == 1


def test_a_buyer_known_later_gets_the_order_told(order, now):
    take(now, order(buyer=None))
    assert list(Event.objects.values_list("contact_id", flat=True)) == [None]
    take(now, order())
    ada = Contact.objects.get()
    told = Event.objects.filter(contact_id=ada.pk, type="order.placed")
    assert told.count() == 1
    assert CustomerStats.objects.get(contact=ada).orders == 1


def test_a_business_is_known_by_what_its_order_says(order, now):
    acme_ltd = Buyer(ContactRow(email="a@b.example"), company="Looms Ltd", vat_number="IT123")
    take(now, order(buyer=acme_ltd))
    take(now, order("2", buyer=Buyer(ContactRow(email="a@b.example"))))
    profile = CustomerProfile.objects.get()
    assert (profile.kind, profile.company, profile.vat_number) == (
        "business",
        "Looms Ltd",
        "IT123",
    )


def test_history_is_told_as_history(order, now, events_of):
    take(now, order("old", days=31, delivered_at=now - timedelta(days=1)), order("new", days=29))
    flags = {
        (kind, data["external_id"]): data.get("historical", False)
        for kind, data in events_of("order.")
    }
    assert flags == {
        ("order.placed", "old"): True,
        ("order.delivered", "old"): True,
        ("order.placed", "new"): False,
    }
    # and what becomes of an old order from now on is news
    take(now, OrderNews("old", refunded_at=now))
    assert "historical" not in dict(events_of("order.refunded"))["order.refunded"]


def test_history_starts_no_journey(order, now):
    take(now, order("old", days=31), order("new"))
    entry, config = entries.get("event_received"), {"event": "order.placed"}
    placed = Event.objects.filter(type="order.placed")
    starts = {event.data["external_id"] for event in placed if entry.matches(config, event)}
    assert starts == {"new"}


def test_the_first_order_says_so(order, now, events_of):
    take(now, order("a", days=5), order("b", days=3))
    take(now, order("c", days=1))
    first = {data["external_id"]: data["is_first"] for _kind, data in events_of("order.placed")}
    assert first == {"a": True, "b": False, "c": False}


def test_sums_follow_the_orders(order, now):
    take(now, order("a", days=40, total="10"), order("b", days=20, total="20"))
    take(now, order("c", days=0, total="30"), order("d", days=9, total="99", cancelled_at=now))
    stats = CustomerStats.objects.get()
    assert (stats.orders, stats.spend, stats.interval) == (3, Decimal(60), timedelta(days=20))
    assert (stats.first_order_at, stats.last_order_at) == (now - timedelta(days=40), now)


def test_an_order_that_moves_to_another_buyer_leaves_the_first(order, now):
    take(now, order())
    take(now, order(buyer=buyer("bo@example.com")))
    sums = dict(CustomerStats.objects.values_list("contact__email", "orders"))
    assert sums == {"ada@example.com": 0, "bo@example.com": 1}
    assert OrderLine.objects.get().contact.email == "bo@example.com"


def test_a_deleted_order_stays_out_of_everything(order, now):
    take(now, order(changed_at=now - timedelta(hours=2)))
    take(now, OrderNews("1", is_deleted=True))
    assert Order.objects.get().is_deleted
    assert CustomerStats.objects.get().orders == 0
    # older news does not bring it back
    take(now, order(changed_at=now - timedelta(hours=1)))
    assert Order.objects.get().is_deleted


def test_two_shops_may_use_the_same_number(order, now):
    take(now, order())
    take(now, order(), source="other")
    assert Order.objects.count() == 2
    assert CustomerStats.objects.get().orders == 2


def test_erasure_leaves_the_order_without_the_person(order, now, cart):
    from commerce.ingest import take_carts
    from commerce.models import Cart

    take(now, order(total="50.00"))
    take_carts(items=[cart()], source="shop", now=now)
    erase_contact(contact_id=Contact.objects.get().pk, now=now)
    assert (Order.objects.get().contact, OrderLine.objects.get().contact) == (None, None)
    assert Order.objects.get().total == Decimal(50)
    assert not Cart.objects.exists()
    assert not CustomerStats.objects.exists()
    # and its shop saying it again brings nobody back
    [taken] = take(now, order(paid_at=now))
    assert len(taken.notes) == 1
    assert not Contact.objects.exists()
    assert Order.objects.get().contact is None


def test_five_hundred_orders_take_as_many_statements_as_five(order, now):
    counts = []
    for start, many in ((0, 5), (5, 500)):
        items = [
            order(
                str(number), days=number % 20, cart_external_id=f"c{number}", paid_at=now,
                buyer=buyer(f"{number % 300}@example.com"),
                lines=(line("A", product=f"p{number % 50}"), line("B")),
            )
            for number in range(start, start + many)
        ]  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            taken = take(now, *items)
        assert all(each.created for each in taken)
        counts.append(sum(not q["sql"].startswith("SET search_path") for q in queries))
    assert counts[1] <= counts[0]
    assert counts[1] <= 30
    assert OrderLine.objects.count() == 1010
