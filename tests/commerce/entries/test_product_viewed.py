"""Products looked at and not bought: one a visit, as long as it can be had."""

from datetime import timedelta

from commerce.models import Product
from journeys.models import Enrolment, LiveEntry
from tests.commerce.entries.conftest import (
    cart,
    inside,
    journey,
    line,
    look,
    order,
    product,
    shelf,
    viewed,
)
from tests.journeys.conftest import DAY, HOUR

MINUTE = timedelta(minutes=1)


def test_a_day_after_the_view_with_the_product(now):
    journey(now, "product_viewed_not_bought", hours=24)
    viewed("ada", "loaf", now)
    assert look(now + DAY - MINUTE, force=True) == 0
    assert look(now + DAY, force=True) == 1
    run = Enrolment.objects.get()
    assert (run.key, run.started_at) == (str(product("loaf").pk), now + DAY)
    assert run.context == {
        "product_id": str(product("loaf").pk),
        "external_id": "loaf",
        "source": "api",
        "name": "Loaf",
        "url": "https://shop.example/loaf",
        "image_url": "",
        "price": "4.50",
        "currency": "EUR",
        "category_ids": sorted([shelf("rye"), shelf("bread")]),
    }


def test_what_was_bought_put_in_a_cart_or_sold_out_starts_nothing(now):
    # given people who viewed the loaf at noon
    journey(now, "product_viewed_not_bought", hours=24)
    people = ("bought", "before", "carted", "stocked")
    for number, who in enumerate(people):
        viewed(who, "loaf", now + number * MINUTE)

    # when one orders it afterwards, one had ordered it before, and one has it in a cart
    order("o1", "bought", now + HOUR, now=now + HOUR)
    order("o2", "before", now - HOUR, now=now)
    cart("c1", "carted", now - HOUR, line(), now=now)
    assert look(now + 2 * DAY, force=True) == 2

    # then only those who have no use for it stay out
    assert [name for name, _at in inside()] == ["Before", "Stocked"]


def test_a_product_that_cannot_be_had_starts_nothing(now):
    journey(now, "product_viewed_not_bought", hours=24)
    viewed("ada", "loaf", now)
    viewed("bob", "cake", now)
    Product.objects.filter(external_id="loaf").update(stock=0)
    Product.objects.filter(external_id="cake").update(is_on_sale=False)
    assert look(now + 2 * DAY, force=True) == 0


def test_of_one_visit_it_is_the_last_product(now):
    # given Ada who viewed the loaf, then the cake; and Bob who came back for the cake days later
    journey(now, "product_viewed_not_bought", hours=24, settings={"re_entry": "always"})
    viewed("ada", "loaf", now)
    viewed("ada", "cake", now + HOUR)
    viewed("bob", "loaf", now)
    look(now + 2 * DAY, force=True)
    viewed("bob", "cake", now + 2 * DAY)
    look(now + 4 * DAY, force=True)

    # then Ada has the cake, and Bob, who is still inside for the loaf, nothing else
    runs = Enrolment.objects.order_by("contact__first_name")
    assert list(runs.values_list("contact__first_name", "context__name")) == [
        ("Ada", "Cake"),
        ("Bob", "Loaf"),
    ]


def test_only_products_of_the_category_and_below_it_count(now):
    # given Ada, whose last product is of another shelf
    journey(now, "product_viewed_not_bought", hours=1, category=shelf("bread"))
    viewed("ada", "loaf", now)
    viewed("ada", "cake", now + MINUTE)
    viewed("bob", "cake", now)
    assert look(now + DAY, force=True) == 1
    assert Enrolment.objects.get().context["name"] == "Loaf"


def test_it_is_looked_for_views_every_five_minutes_at_most(now):
    journey(now, "product_viewed_not_bought", hours=1)
    viewed("ada", "loaf", now - HOUR + MINUTE)
    viewed("bob", "loaf", now)
    look(now)
    assert LiveEntry.objects.get().due_at == now + 5 * MINUTE
    look(now + 5 * MINUTE)
    assert LiveEntry.objects.get().due_at == now + HOUR
    look(now + HOUR)
    assert LiveEntry.objects.get().due_at is None
    assert inside() == [("Ada", now + MINUTE), ("Bob", now + HOUR)]
