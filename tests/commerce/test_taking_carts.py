"""Carts: changed, emptied, ordered; and that an order ends them whichever comes first."""

from datetime import timedelta
from decimal import Decimal

import pytest

from commerce.ingest import take_carts, take_orders
from commerce.models import Cart, CartLine, Order
from events.models import Event
from tests.commerce.conftest import buyer, line


def carts(now, *items, source="shop"):
    return take_carts(items=items, source=source, now=now)


def orders(now, *items, source="shop"):
    return take_orders(items=items, source=source, now=now)


def test_a_cart_is_kept_and_each_change_told(cart, now, events_of):
    # given a cart that grows
    hour = timedelta(hours=1)
    carts(now, cart(total="10.00", changed_at=now - hour * 3, restore_url="https://s.example/c1"))
    grown = cart(
        total="30.00", changed_at=now - hour * 2,
        lines=(line(product="rye"), line("Jam", "20.00", "jam")),
    )  # fmt: skip
    carts(now, grown)
    # and is sent once more without a change
    [again] = carts(now, grown)
    # then it is as last seen, and told twice
    kept = Cart.objects.get()
    assert (kept.status, kept.total, kept.started_at) == ("open", Decimal(30), now - hour * 3)
    assert (kept.contact.email, kept.lines.count()) == ("ada@example.com", 2)
    assert not again.changed
    told = events_of("cart.")
    assert [(kind, data["total"], len(data["lines"])) for kind, data in told] == [
        ("cart.updated", "10.00", 1),
        ("cart.updated", "30.00", 2),
    ]
    assert told[1][1]["cart_id"] == str(kept.pk)
    assert told[1][1]["restore_url"] == "https://s.example/c1"
    assert told[1][1]["lines"][1]["value"] == "20.00"


def test_older_news_changes_nothing(cart, now, events_of):
    started = now - timedelta(hours=2)
    carts(now, cart(total="30.00", started_at=started))
    earlier = now - timedelta(hours=1)
    [old] = carts(now, cart(total="10.00", started_at=started, changed_at=earlier))
    assert not old.changed
    assert Cart.objects.get().total == Decimal(30)
    assert len(events_of("cart.")) == 1


def test_an_emptied_cart_says_so_once_and_may_be_filled_again(cart, now, events_of):
    minutes = [now - timedelta(minutes=left) for left in (30, 20, 10)]
    carts(now, cart(changed_at=minutes[0]))
    for _twice in range(2):
        carts(now, cart(changed_at=minutes[1], lines=(), total="0"))
    emptied = Cart.objects.get()
    assert (emptied.status, emptied.ended_at, emptied.total) == ("emptied", minutes[1], 0)
    assert not CartLine.objects.exists()
    carts(now, cart(changed_at=minutes[2]))
    filled = Cart.objects.get()
    assert (filled.status, filled.ended_at) == ("open", None)
    kinds = [kind for kind, _data in events_of("cart.")]
    assert kinds == ["cart.updated", "cart.emptied", "cart.updated"]


def test_a_cart_emptied_before_it_was_seen_stays_emptied(cart, now):
    carts(now, cart(lines=(), total="0"))
    carts(now, cart(changed_at=now - timedelta(hours=1)))
    assert (Cart.objects.get().status, CartLine.objects.count()) == ("emptied", 0)


@pytest.mark.parametrize("order_first", [False, True])
def test_the_order_ends_its_cart_whichever_comes_first(cart, order, now, events_of, order_first):
    given = cart(changed_at=now - timedelta(hours=1))
    bought = order(cart_external_id="c1")
    if order_first:
        orders(now, bought)
        carts(now, given)
    else:
        carts(now, given)
        orders(now, bought)
    kept = Cart.objects.get()
    assert (kept.status, kept.order, kept.ended_at) == ("converted", Order.objects.get(), now)
    assert (kept.total, kept.lines.count()) == (Decimal(10), 1)
    assert [data["order_id"] for _k, data in events_of("cart.converted")] == [str(kept.order_id)]
    # and what its shop says of the cart afterwards changes nothing
    later = now + timedelta(minutes=5)
    [after] = carts(later, cart(changed_at=later, lines=(), total="0"))
    assert not after.changed
    assert (Cart.objects.get().status, CartLine.objects.count()) == ("converted", 1)
    assert [kind for kind, _data in events_of("cart.emptied")] == []


def test_news_from_before_the_order_still_counts_when_it_comes_after(cart, order, now, events_of):
    carts(now, cart(total="10.00", changed_at=now - timedelta(hours=2)))
    orders(now, order(cart_external_id="c1"))
    carts(now, cart(total="20.00", changed_at=now - timedelta(hours=1)))
    kept = Cart.objects.get()
    assert (kept.status, kept.total) == ("converted", Decimal(20))
    assert [kind for kind, _d in events_of("cart.")] == ["cart.updated", "cart.converted"]


@pytest.mark.parametrize("order_first", [False, True])
def test_without_cart_ids_an_order_of_the_same_things_ends_the_cart(cart, order, now, order_first):
    given = cart(changed_at=now - timedelta(hours=1))
    bought = order(lines=(line(product="rye"),))
    steps = [lambda: carts(now, given), lambda: orders(now, bought)]
    for step in reversed(steps) if order_first else steps:
        step()
    assert Cart.objects.get().status == "converted"


@pytest.mark.parametrize(
    "change",
    [
        {"lines": (line(product="jam"),)},
        {"lines": (line(),)},
        {"buyer": buyer("bo@example.com")},
        {"days": 1},
        {"cart_external_id": "another"},
    ],
)
def test_another_order_leaves_the_cart_open(cart, order, now, change):
    carts(now, cart(changed_at=now - timedelta(hours=1)))
    orders(now, order(**{"lines": (line(product="rye"),)} | change))
    assert Cart.objects.get().status == "open"


def test_a_cart_of_another_shop_stays_open(cart, order, now):
    carts(now, cart(), source="other")
    orders(now, order(cart_external_id="c1"))
    assert Cart.objects.get().status == "open"


def test_a_cart_nobody_is_behind_gets_its_owner_when_known(cart, now):
    carts(now, cart(buyer=None))
    assert Cart.objects.get().contact is None
    carts(now, cart())
    assert Cart.objects.get().contact.email == "ada@example.com"


def test_a_bad_cart_is_refused_and_stops_nobody(cart, now):
    bad, good = carts(now, cart("bad", currency="XXX"), cart("good"))
    assert (bad.code, good.created) == ("unknown_currency", True)
    assert Cart.objects.get().external_id == "good"


def test_an_old_cart_is_history(cart, now, events_of):
    carts(now, cart(changed_at=now - timedelta(days=31)))
    assert events_of("cart.")[0][1]["historical"] is True


def test_carts_take_a_fixed_number_of_statements(cart, now, statements):
    def many(start, count):
        items = [cart(str(n), buyer=buyer(f"{n}@example.com")) for n in range(start, start + count)]
        return statements(lambda: carts(now, *items))

    few = many(0, 5)
    assert many(5, 200) <= few <= 30
    assert Event.objects.filter(type="cart.updated").count() == 205
