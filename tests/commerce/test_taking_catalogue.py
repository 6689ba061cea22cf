"""Products and categories, in any order, and the lines that waited for them."""

from datetime import timedelta
from decimal import Decimal

from commerce.ingest import take_carts, take_categories, take_orders, take_products
from commerce.models import CartLine, Category, CustomerStats, OrderLine, Product, Variant
from commerce.shapes import NewVariant
from tests.commerce.conftest import category, line, product


def products(now, *items, source="shop"):
    return take_products(items=items, source=source, now=now)


def categories(now, *items, source="shop"):
    return take_categories(items=items, source=source, now=now)


def paths():
    names = dict(Category.objects.values_list("pk", "external_id"))
    return {
        row.external_id: "/".join(names[pk] for pk in row.path) for row in Category.objects.all()
    }


def test_a_product_is_kept_with_its_variants_and_shelves(now):
    categories(now, category("bread"), category("rye", "bread"))
    item = product(
        stock=3, category_external_ids=("rye", "cake"),
        variants=(NewVariant("s", "Small", price=Decimal(5)), NewVariant("l", "Large")),
    )  # fmt: skip
    [taken] = products(now, item)
    kept = Product.objects.get()
    assert (taken.id, taken.created) == (str(kept.pk), True)
    assert [row.external_id for row in kept.categories.all()] == ["rye"]
    # when it comes again with one variant less and another price
    [taken] = products(
        now + timedelta(seconds=1),
        product(price="12", category_external_ids=("rye",), variants=(NewVariant("l", "Big"),)),
    )
    kept.refresh_from_db()
    assert (taken.created, taken.changed, kept.price, kept.stock) == (False, True, 12, None)
    assert list(Variant.objects.values_list("external_id", "name")) == [("l", "Big")]


def test_older_news_of_a_product_changes_nothing(now):
    products(now, product(price="12"))
    [taken] = products(now, product(price="10", changed_at=now - timedelta(hours=1)))
    assert (taken.changed, Product.objects.get().price) == (False, 12)


def test_the_newest_of_a_batch_counts(now):
    answers = products(
        now,
        product(price="12", changed_at=now),
        product(price="10", changed_at=now - timedelta(hours=1)),
    )
    assert [answer.created for answer in answers] == [True, False]
    assert Product.objects.get().price == 12


def test_a_bad_product_is_refused_and_stops_nobody(now):
    answers = products(
        now, product("a", name=""), product("b", price="-1"), product("c", currency="XXX"),
        product("d", url="javascript:alert(1)"),
    )  # fmt: skip
    codes = [answer.code for answer in answers]
    assert codes == ["blank", "negative_amount", "unknown_currency", ""]
    assert Product.objects.get().url == ""


def test_lines_that_waited_for_a_product_are_tied_to_it(order, cart, now):
    # given an order and a cart of something unknown, and the same name in another shop
    take_orders(items=[order(lines=(line(product="rye"),))], source="shop", now=now)
    take_orders(items=[order(lines=(line(product="rye"),))], source="other", now=now)
    take_carts(items=[cart()], source="shop", now=now)
    categories(now, category("bread"), category("dark", "bread"))
    # when the product comes
    products(now, product("rye", category_external_ids=("dark",)))
    # then the lines of its own shop point at it
    known = Product.objects.get()
    tied = dict(OrderLine.objects.values_list("order__source", "product"))
    assert tied == {"shop": known.pk, "other": None}
    assert CartLine.objects.get().product == known
    # and the person is known to buy from its shelf and all it stands in
    ids = set(Category.objects.values_list("pk", flat=True))
    assert set(CustomerStats.objects.get().category_ids) == ids


def test_children_may_come_before_their_parents(now):
    categories(now, category("rye", "bread"))
    assert paths() == {"rye": "rye"}
    categories(now, category("bread", "food"), category("food"))
    assert paths() == {"rye": "food/bread/rye", "bread": "food/bread", "food": "food"}
    assert Category.objects.get(external_id="rye").parent.external_id == "bread"


def test_categories_in_a_circle_stand_in_nothing(now):
    categories(now, category("a", "b"), category("b", "a"), category("c", "c"), category("d", "c"))
    assert paths() == {"a": "a", "b": "b", "c": "c", "d": "d"}


def test_a_category_that_comes_after_its_products_gets_them(order, now):
    products(now, product("rye", category_external_ids=("bread",)))
    take_orders(items=[order(lines=(line(product="rye"),))], source="shop", now=now)
    assert CustomerStats.objects.get().category_ids == []
    categories(now, category("bread"))
    assert Product.objects.get().categories.get().external_id == "bread"
    assert CustomerStats.objects.get().category_ids == [Category.objects.get().pk]


def test_moving_a_category_moves_what_people_bought(order, now):
    categories(now, category("bread"), category("food"))
    products(now, product("rye", category_external_ids=("bread",)))
    take_orders(items=[order(lines=(line(product="rye"),))], source="shop", now=now)
    categories(now, category("bread", "food"))
    assert len(CustomerStats.objects.get().category_ids) == 2


def test_products_take_a_fixed_number_of_statements(now, statements):
    def many(start, count):
        items = [product(str(n), variants=(NewVariant("s"),)) for n in range(start, start + count)]
        return statements(lambda: products(now, *items))

    few = many(0, 5)
    assert many(5, 300) <= few <= 15
