"""Shop data by API: taken in whole or refused by the item, read again in stable pages."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from commerce.models import Cart, Category, Order, OrderLine, Product
from contacts.models import Contact

LINE = {"name": "Rye loaf", "product_external_id": "rye", "quantity": 2, "unit_price": "5.90"}
ORDER = {
    "external_id": "8812",
    "number": "#8812",
    "currency": "EUR",
    "total": 16.7,
    "shipping": "4.90",
    "placed_at": "2026-11-20T12:00:00Z",
    "customer": {"email": "Ada@Example.com", "first_name": "Ada"},
    "lines": [LINE],
}
CART = {"external_id": "c1", "currency": "EUR", "total": "11.80", "lines": [LINE]}
PRODUCT = {"external_id": "rye", "name": "Rye loaf", "price": "5.90", "currency": "eur"}


def refusal(response):
    body = response.json()
    [error] = body["errors"]
    return response.status_code, error["code"], error.get("field")


def test_an_order_is_created_then_updated(api):
    created = api.post("/orders", ORDER)
    again = api.post("/orders", {**ORDER, "external_id": 8812, "paid_at": "2026-11-20T12:05:00Z"})

    assert (created.status_code, again.status_code) == (201, 200)
    shown = again.json()
    order = Order.objects.get()
    assert (shown["id"], shown["status"], shown["source"]) == (str(order.pk), "paid", "api")
    assert (shown["total"], shown["value"], shown["shipping"]) == ("16.70", "16.70", "4.90")
    assert shown["contact_id"] == str(Contact.objects.get(email="ada@example.com").pk)
    [line] = shown["lines"]
    assert (line["quantity"], line["unit_price"], line["total"]) == ("2", "5.90", "11.80")
    assert api.get(f"/orders/{order.pk}").json() == shown


def test_news_of_an_order_needs_nothing_else(api):
    api.post("/orders", ORDER)

    told = api.post("/orders", {"external_id": "8812", "delivered_at": "2026-11-21T09:00:00+01:00"})

    assert (told.status_code, told.json()["status"]) == (200, "delivered")
    assert told.json()["delivered_at"] == "2026-11-21T08:00:00Z"
    assert OrderLine.objects.get().total == Decimal("11.80")


def test_news_of_an_unknown_order_is_refused(api):
    told = api.post("/orders", {"external_id": "1", "delivered_at": "2026-11-21T09:00:00Z"})

    assert refusal(told) == (400, "unknown_order", "external_id")
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"currency": "XXX"}, "unknown_currency", "currency"),
        ({"total": "-1"}, "negative_amount", "total"),
        ({"total": "many"}, "bad_amount", "total"),
        ({"total": True}, "bad_amount", "total"),
        ({"total": "1" * 12}, "amount_too_large", "total"),
        ({"placed_at": "yesterday"}, "bad_timestamp", "placed_at"),
        ({"placed_at": "2999-01-01T00:00:00Z"}, "date_in_future", "placed_at"),
        ({"lines": [{**LINE, "name": ""}]}, "blank", "lines.0.name"),
        ({"lines": [{**LINE, "colour": "red"}]}, "unknown_field", "lines.0.colour"),
        ({"lines": [{**LINE, "quantity": -1}]}, "bad_quantity", "lines.0.quantity"),
        ({"lines": "none"}, "not_a_list", "lines"),
        ({"external_id": " "}, "blank", "external_id"),
        ({"colour": "red"}, "unknown_field", "colour"),
    ],
)
def test_a_bad_order_is_refused_in_words_and_changes_nothing(api, change, code, field):
    assert refusal(api.post("/orders", ORDER | change)) == (400, code, field)
    assert not Order.objects.exists()
    assert not Contact.objects.exists()


@pytest.mark.parametrize("missing", ["currency", "total", "placed_at", "lines"])
def test_half_an_order_is_refused(api, missing):
    half = {name: value for name, value in ORDER.items() if name != missing}
    assert refusal(api.post("/orders", half)) == (400, "required", missing)
    assert not Order.objects.exists()


def test_in_a_batch_each_item_has_its_own_answer(api):
    api.post("/orders", ORDER)
    answer = api.post(
        "/orders/bulk",
        {
            "orders": [
                {**ORDER, "external_id": "1", "customer": {"email": "no address"}},
                {"external_id": "8812", "paid_at": "2026-11-20T12:05:00Z"},
                {**ORDER, "external_id": "2", "currency": "XXX"},
                "an order",
                {**ORDER, "external_id": "3", "total": float(10**300)},
            ]
        },
    ).json()
    assert answer["counts"] == {"created": 1, "updated": 1, "refused": 3}
    codes = [[error["code"] for error in each["errors"]] for each in answer["results"]]
    assert codes == [["note"], [], ["unknown_currency"], ["invalid"], ["amount_too_large"]]
    assert Order.objects.get(external_id="1").contact is None
    assert Order.objects.count() == 2


@pytest.mark.parametrize("path", ["products", "categories", "orders", "carts"])
def test_more_than_a_thousand_items_are_refused(api, path):
    answer = api.post(f"/{path}/bulk", {path: [{}] * 1001})
    assert refusal(answer) == (400, "too_many_items", path)


@pytest.mark.parametrize("path", ["products", "categories", "orders", "carts"])
def test_ten_megabytes_are_refused(api, path):
    answer = api.post(f"/{path}/bulk", b" " * 10_000_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("path", ["products", "categories", "orders", "carts"])
def test_a_key_for_reading_writes_nothing(integrator, acme, key_of, path):
    reader = integrator(acme, key_of(acme, "commerce:read")[1])
    assert reader.get(f"/{path}").status_code == 200
    assert reader.post(f"/{path}", {}).json()["code"] == "missing_scope"
    assert reader.post(f"/{path}/bulk", {}).json()["code"] == "missing_scope"


def test_products_and_categories_come_in_any_order(api):
    loaf = api.post("/products", {**PRODUCT, "category_external_ids": ["bread"], "stock": 3})
    shelf = api.post("/categories", {"external_id": "bread", "name": "Bread"})
    assert (loaf.status_code, shelf.status_code) == (201, 201)
    assert Product.objects.get().categories.get() == Category.objects.get()
    assert loaf.json()["category_external_ids"] == ["bread"]
    assert (loaf.json()["price"], loaf.json()["stock"], loaf.json()["currency"]) == (
        "5.90",
        3,
        "EUR",
    )
    again = api.post("/products", {**PRODUCT, "variants": [{"external_id": "s", "price": "3"}]})
    assert again.json()["variants"] == [
        {"external_id": "s", "name": "", "sku": "", "price": "3.00", "stock": None}
    ]


def test_a_cart_is_filled_emptied_and_ordered(api):
    api.post("/carts", CART)
    emptied = api.post("/carts", {**CART, "lines": [], "total": "0"})
    assert emptied.json()["status"] == "emptied"
    api.post("/orders", {**ORDER, "cart_external_id": "c1"})
    shown = api.get(f"/carts/{Cart.objects.get().pk}").json()
    assert (shown["status"], shown["order_id"]) == ("converted", str(Order.objects.get().pk))


def test_orders_are_listed_newest_first_and_narrowed(api, now):
    for number in range(3):
        placed = (now - timedelta(days=number)).isoformat()
        api.post("/orders", {**ORDER, "external_id": str(number), "placed_at": placed})
    api.post("/orders", {"external_id": "1", "cancelled_at": now.isoformat()})

    first = api.get("/orders?limit=2").json()
    rest = api.get(f"/orders?limit=2&cursor={first['next_cursor']}").json()

    assert [each["external_id"] for each in first["results"] + rest["results"]] == ["0", "1", "2"]
    assert rest["next_cursor"] is None
    cancelled = api.get("/orders?status=cancelled").json()["results"]
    assert [each["external_id"] for each in cancelled] == ["1"]
    ada = Contact.objects.get().pk
    assert len(api.get(f"/orders?contact_id={ada}&source=api").json()["results"]) == 3


def test_a_page_of_orders_takes_two_statements_for_its_rows(api, django_assert_max_num_queries):
    api.post("/orders/bulk", {"orders": [{**ORDER, "external_id": str(n)} for n in range(30)]})
    with django_assert_max_num_queries(12):
        assert len(api.get("/orders").json()["results"]) == 30


def test_globex_does_not_see_what_acme_sold(api, integrator, globex, key_of):
    api.post("/orders", ORDER)
    order = Order.objects.get().pk
    connection.set_tenant(globex)
    stranger = integrator(globex, key_of(globex)[1])
    assert stranger.get(f"/orders/{order}").status_code == 404
    assert stranger.get("/orders").json()["results"] == []


@pytest.mark.parametrize("moment", ["0184-03-10T09:06:30-23:35", "2026-11-20T12:00:00-23:59"])
def test_a_moment_far_from_utc_is_understood(api, moment):
    assert api.get("/orders", QUERY_STRING=f"placed_after={moment}").status_code == 200
