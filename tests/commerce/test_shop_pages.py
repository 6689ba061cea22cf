"""The pages of orders, products, carts and currencies."""

from decimal import Decimal

import pytest
from django.db import connection

from commerce import listing
from commerce.ingest import take_carts, take_orders, take_products
from commerce.models import Cart, Currency, Order, Product
from commerce.shapes import NewVariant
from contacts.models import Contact
from tenants.models import AuditEntry, Membership, User
from tests.commerce.conftest import buyer, line, product


@pytest.fixture
def shop(order, cart, now):
    """Two orders, two products and two carts."""
    take_products(
        items=[
            product("rye", stock=0, sku="R-1", variants=(NewVariant("s", "Small"),)),
            product("jam", name="Plum jam", is_on_sale=False),
        ],
        source="shop",
        now=now,
    )
    take_orders(
        items=[
            order("1", number="1001", total="59.90", coupon_codes=("TEN",), paid_at=now,
                  lines=(line("Rye loaf", "59.90", "rye"),),
                  buyer=buyer(first_name="Ada", last_name="Lovelace")),
            order("2", number="1002", days=2, buyer=buyer("bo@example.com"), cancelled_at=now),
        ],
        source="shop",
        now=now,
    )  # fmt: skip
    wanted = cart("c1", lines=(line(product="jam"),))
    take_carts(items=[wanted, cart("c2", lines=(), total="0")], source="shop", now=now)


def page(client, path):
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/orders/", "No order yet"),
        ("/products/", "No product yet"),
        ("/carts/", "No cart yet"),
    ],
)
def test_an_empty_list_says_how_to_fill_it(acme_client, path, words):
    html = page(acme_client, path)
    assert words in html
    assert "/api/docs" in html


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"1001", "1002"}),
        ("?status=paid", {"1001"}),
        ("?status=cancelled", {"1002"}),
        ("?status=astray", {"1001", "1002"}),
        ("?q=1002", {"1002"}),
        ("?q=lovelace", {"1001"}),
        ("?q=bo%40example.com", {"1002"}),
        ("?q=nobody", set()),
        ("?after=garbage", {"1001", "1002"}),
        ("?q=%00", {"1001", "1002"}),
    ],
)
def test_orders_are_found(acme_client, shop, query, expected):
    html = page(acme_client, f"/orders/{query}")
    assert {number for number in ("1001", "1002") if number in html} == expected
    assert ("No order like this" in html) == (not expected)


def test_a_long_list_goes_on_behind_its_cursor(acme_client, order, now, monkeypatch):
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    take_orders(
        items=[order(str(n), number=f"N{n}", days=n // 2) for n in range(5)], source="s", now=now
    )
    seen, path = [], "/orders/"
    while path:
        response = acme_client.get(path)
        seen += [each.number for each in response.context["rows"]]
        path = response.context["next_url"] and f"/orders/{response.context['next_url']}"
    assert sorted(seen) == ["N0", "N1", "N2", "N3", "N4"]
    days = [Order.objects.get(number=number).placed_at for number in seen]
    assert days == sorted(days, reverse=True)


@pytest.mark.parametrize("name", ["products", "carts"])
def test_the_other_lists_go_on_too(acme_client, cart, now, monkeypatch, name):
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    take_products(items=[product(str(n), name="Same") for n in range(5)], source="s", now=now)
    take_carts(items=[cart(str(n)) for n in range(5)], source="s", now=now)
    seen, path = [], f"/{name}/"
    while path:
        response = acme_client.get(path)
        seen += [each.external_id for each in response.context["rows"]]
        path = response.context["next_url"] and f"/{name}/{response.context['next_url']}"
    assert sorted(seen) == ["0", "1", "2", "3", "4"]


def test_an_order_shows_what_is_in_it_and_what_became_of_it(acme_client, shop):
    html = page(acme_client, f"/orders/{Order.objects.get(number='1001').pk}/")
    for words in ("Rye loaf", "€59.90", "Lovelace", "TEN", "Paid"):
        assert words in html
    assert "Cancelled" not in html


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"Plum jam", "Rye loaf"}),
        ("?q=plum", {"Plum jam"}),
        ("?q=r-1", {"Rye loaf"}),
        ("?stock=out", {"Rye loaf"}),
        ("?stock=off", {"Plum jam"}),
    ],
)
def test_products_are_found(acme_client, shop, query, expected):
    html = page(acme_client, f"/products/{query}")
    assert {name for name in ("Plum jam", "Rye loaf") if name in html} == expected


def test_a_product_shows_its_variants(acme_client, shop):
    html = page(acme_client, f"/products/{Product.objects.get(external_id='rye').pk}/")
    assert "Small" in html
    assert "Sold out" in html


def test_carts_are_told_apart(acme_client, shop):
    assert "Rye loaf" in page(acme_client, "/carts/?status=open")
    assert "Rye loaf" not in page(acme_client, "/carts/?status=emptied")
    assert "No cart like this" in page(acme_client, "/carts/?status=converted")


@pytest.mark.parametrize("path", ["/orders/", "/products/", "/carts/"])
def test_a_list_takes_few_queries(acme_client, order, cart, now, path, statements):
    take_products(items=[product(str(n)) for n in range(20)], source="s", now=now)
    for name in ("a", "b", "c"):
        take_orders(items=[order(name, buyer=buyer(f"{name}@x.example"))], source="s", now=now)
        take_carts(items=[cart(name, buyer=buyer(f"{name}@x.example"))], source="s", now=now)
    acme_client.get(path)
    assert statements(lambda: acme_client.get(path)) <= 12


def test_the_contact_page_tells_of_orders(acme_client, shop, contact):
    ada = Contact.objects.get(email="ada@example.com")
    html = page(acme_client, f"/contacts/{ada.pk}/panels/orders/")
    assert "1001" in html
    assert "€59.90" in html
    stranger = contact("di@example.com")
    assert "1001" not in acme_client.get(f"/contacts/{stranger.pk}/panels/orders/").content.decode()


def test_globex_does_not_see_what_acme_sold(globex_client, shop):
    order = Order.objects.get(number="1001").pk
    assert globex_client.get(f"/orders/{order}/").status_code == 404
    assert "1001" not in page(globex_client, "/orders/")


def test_a_currency_is_added_and_its_rate_changed_without_touching_orders(acme_client, order, now):
    added = acme_client.post("/settings/currencies/", {"code": "usd", "rate": "0.9"})
    assert added.status_code == 302
    take_orders(items=[order(total="10", currency="USD")], source="s", now=now)
    acme_client.post("/settings/currencies/", {"code": "USD", "rate": "0.5"})
    assert Currency.objects.get(pk="USD").rate == Decimal("0.5")
    assert Order.objects.get().value == Decimal(9)
    assert AuditEntry.objects.filter(action="currency.saved", target="USD").count() == 2
    assert "0.5 EUR" in page(acme_client, "/settings/currencies/")


@pytest.mark.parametrize(
    "typed",
    [
        {"code": "US", "rate": "1"},
        {"code": "USD", "rate": "0"},
        {"code": "USD", "rate": "-1"},
        {"code": "USD", "rate": "1e12"},
        {"code": "USD", "rate": "NaN"},
        {"code": "EUR", "rate": "2"},
        {},
    ],
)
def test_a_bad_currency_is_refused_in_words(acme_client, typed):
    assert acme_client.post("/settings/currencies/", typed).status_code == 422
    assert list(Currency.objects.values_list("code", "rate")) == [("EUR", 1)]


def test_the_main_currency_changes_only_before_there_are_values(acme_client, order, now):
    acme_client.post("/settings/currencies/", {"code": "GBP", "rate": "1.2"})
    acme_client.post("/settings/currencies/GBP/main/")
    main = Currency.objects.get(is_main=True)
    assert (main.code, main.rate) == ("GBP", 1)
    take_orders(items=[order()], source="s", now=now)
    acme_client.post("/settings/currencies/EUR/main/")
    assert Currency.objects.get(is_main=True).code == "GBP"


def test_the_main_currency_cannot_be_removed_and_another_can(acme_client):
    acme_client.post("/settings/currencies/", {"code": "GBP", "rate": "1.2"})
    acme_client.post("/settings/currencies/EUR/remove/")
    acme_client.post("/settings/currencies/GBP/remove/")
    assert list(Currency.objects.values_list("code", flat=True)) == ["EUR"]


def test_currencies_are_for_admins(acme, client_of):
    connection.set_schema_to_public()
    editor = User.objects.create_user("editor@acme.example", "correct horse battery", name="Ed")
    Membership.objects.create(workspace=acme, user=editor, role=Membership.Role.EDITOR)
    connection.set_tenant(acme)
    client = client_of(acme, editor)
    assert client.get("/settings/currencies/").status_code == 403
    assert client.post("/settings/currencies/", {"code": "USD", "rate": "1"}).status_code == 403
    assert not Currency.objects.filter(pk="USD").exists()


def test_the_timeline_tells_of_orders_and_carts(acme_client, shop):
    ada = Contact.objects.get(email="ada@example.com")
    html = page(acme_client, f"/contacts/{ada.pk}/")
    assert "Ordered: 1001, €59.90" in html
    assert "Cart changed: 1 product, €10.00" in html
    assert Cart.objects.count() == 2
