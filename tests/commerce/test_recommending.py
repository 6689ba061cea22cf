"""Each night: what is bought together more often than by chance, and what sells."""

from collections import Counter
from itertools import permutations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commerce.daily.recommendations import has_news
from commerce.models import Order, OrderLine, Product, ProductPair, ProductRank
from commerce.recommending import compute_pairs, compute_ranks
from contacts.models import Contact
from tenants.daily import daily_jobs
from tests.commerce.offers import DAY, order, person, product


class Undone(Exception):
    """Ends an example and takes its rows with it."""


def pairs():
    rows = ProductPair.objects.order_by("product__name", "rank")
    return list(rows.values_list("product__name", "other__name", "together", "rank"))


def sold(now, *baskets):
    """One buyer per basket of names; the products by name."""
    names = sorted({name for basket in baskets for name in basket})
    made = {name: product(name) for name in names}
    for number, basket in enumerate(baskets):
        buyer = person(f"b{number}@example.com")
        for name in basket:
            order(buyer, now, made[name])
    return made


def test_what_the_same_people_bought_in_whatever_orders(acme, now):
    # given bread and butter together three times, jam alone
    sold(now, "ab", "ab", "ab", "j", "j", "j", "j")

    assert compute_pairs(now) == 2

    assert pairs() == [("a", "b", 3, 1), ("b", "a", 3, 1)]
    # 3 of 7 have both, 3 of 7 each: (3/7) / (3/7 x 3/7)
    assert ProductPair.objects.first().lift == pytest.approx(7 / 3)


def test_two_people_are_not_enough_and_chance_is_no_reason(acme, now):
    # a and b by two only; c by everybody, so that it says nothing
    sold(now, "abc", "abc", "c", "c", "ac", "bc")
    assert compute_pairs(now) == 0


def test_orders_that_do_not_count_do_not(acme, now):
    sold(now, "ab", "ab", "ab", "j", "j", "j", "j")
    OrderLine.objects.filter(product__name="b", contact__email="b0@example.com").update(
        counts=False
    )
    assert compute_pairs(now) == 0


def test_computed_again_it_is_the_same(acme, now):
    sold(now, "ab", "ab", "ab", "j")
    compute_pairs(now)
    before = pairs()
    assert compute_pairs(now) == 2
    assert pairs() == before


def naive(baskets):
    """The same by plain Python: {(product, other): (together, lift)}."""
    buyers = Counter(name for basket in baskets for name in basket)
    both = Counter(pair for basket in baskets for pair in permutations(sorted(basket), 2))
    total = sum(1 for basket in baskets if basket)
    found = {
        (a, b): (count, count * total / (buyers[a] * buyers[b]))
        for (a, b), count in both.items()
        if count >= 3
    }
    return {pair: value for pair, value in found.items() if value[1] > 1 + 1e-12}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.frozensets(st.sampled_from("abcde")), min_size=3, max_size=14))
def test_lift_is_what_plain_python_says(acme, now, baskets):
    try:
        with transaction.atomic():
            made = {name: product(name) for name in "abcde"}
            people = Contact.objects.bulk_create(Contact() for _basket in baskets)
            orders = Order.objects.bulk_create(
                Order(
                    contact=one, external_id=f"h{n}", status="paid", currency="EUR", total=1,
                    value=1, placed_at=now,
                )
                for n, one in enumerate(people)
            )  # fmt: skip
            OrderLine.objects.bulk_create(
                OrderLine(
                    order=each, position=n, product=made[name], name=name, unit_price=1, total=1,
                    value=1, contact=each.contact, placed_at=now,
                )
                for each, basket in zip(orders, baskets, strict=True)
                for n, name in enumerate(sorted(basket))
            )  # fmt: skip
            compute_pairs(now)
            rows = ProductPair.objects.values_list(
                "product__name", "other__name", "together", "lift"
            )
            found = {(a, b): (together, lift) for a, b, together, lift in rows if lift > 1 + 1e-12}
            expected = naive(baskets)
            assert found.keys() == expected.keys()
            for pair, (together, lift) in found.items():
                assert (together, lift) == (expected[pair][0], pytest.approx(expected[pair][1]))
            raise Undone
    except Undone:
        pass


def test_only_the_best_twelve_are_kept(acme, now):
    names = "abcdefghijklmno"
    sold(now, *[names] * 3, "z", "z")
    compute_pairs(now)
    for name in names:
        ranks = list(
            ProductPair.objects.filter(product__name=name).order_by("rank")
            .values_list("rank", flat=True)
        )  # fmt: skip
        assert ranks == list(range(1, 13))


def test_what_sells_now_goes_first(acme, now):
    made = sold(now - 100 * DAY, "a", "a", "a", "b")
    order(person("new@example.com"), now - DAY, made["b"])
    product("c")
    assert compute_ranks(now) == 3
    ranks = ProductRank.objects.order_by("rank")
    assert list(ranks.values_list("product__name", "recent_buyers", "buyers")) == [
        ("b", 1, 2), ("a", 0, 3), ("c", 0, 0),
    ]  # fmt: skip
    assert compute_ranks(now) == 0


def test_there_is_news_while_something_sells_or_is_new(acme, now):
    assert not has_news()
    made = product("a")
    assert has_news()
    daily_jobs.get("commerce.recommendations").run(now)
    assert not has_news()
    order(person("ada@example.com"), now, made)
    assert has_news()
    OrderLine.objects.update(placed_at=now - 200 * DAY)
    assert not has_news()
    assert Product.objects.count() == ProductRank.objects.count() == 1
