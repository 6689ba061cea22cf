"""Past orders from a file: grouped by order, shops' exports known, no line lost."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from commerce import order_files
from commerce.ingest import take_products
from commerce.models import Currency, Order
from contacts.models import Contact
from tests.commerce.conftest import product

OURS = """\
order_id,date,email,product,quantity,price,status
1,03/04/2026 9:05,ada@example.com,Rye loaf,2,5.90,paid
1,,,Plum jam,1,"4,50",
2,31/12/2025,bo@example.com,Rye loaf,1,5.90,cancelled
"""
SHOPIFY = """\
Name,Email,Financial Status,Paid at,Fulfilled at,Currency,Shipping,Total,Discount Code,Created at,\
Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Id,Refunded Amount
#1001,ada@example.com,paid,2026-11-01 10:00:00 +0100,2026-11-02 10:00:00 +0100,EUR,4.90,16.70,TEN,\
2026-11-01 09:00:00 +0100,2,Rye loaf,5.90,R-1,7001,0.00
#1001,ada@example.com,,,,,,,,,1,Plum jam,0.00,J-1,,
"""
WOOCOMMERCE = """\
"Order Number";"Order Status";"Order Date";"First Name (Billing)";"Company (Billing)";\
"Email (Billing)";"Order Total Amount";"Item Name";"Quantity";"Item Cost";"Coupon Code"
77;Completed;2026-11-01 09:00;Ada;Looms Ltd;ada@example.com;11.80;Rye loaf;2;5.90;
"""


def send(client, text, **changed):
    raw = text if isinstance(text, bytes) else text.encode()
    form = {"date_order": "dmy", "currency": "EUR", "source": "csv"} | changed
    return client.post("/orders/import/", {"file": SimpleUploadedFile("o.csv", raw)} | form)


def counts(response):
    assert response.status_code == 200
    result = response.context["result"]
    return result.created, result.updated, result.unchanged


def test_the_page_asks_for_a_file(acme_client):
    assert acme_client.get("/orders/import/").status_code == 200
    assert acme_client.post("/orders/import/", {}).status_code == 422


def test_rows_of_one_order_become_one_order(acme_client):
    assert counts(send(acme_client, OURS)) == (2, 0, 0)
    first, second = Order.objects.order_by("external_id")
    # half past nine in Rome, day first
    assert first.placed_at == datetime(2026, 4, 3, 7, 5, tzinfo=UTC)
    assert (first.status, first.total, first.contact.email) == (
        "paid",
        Decimal("16.30"),
        "ada@example.com",
    )
    assert list(first.lines.order_by("position").values_list("name", "total")) == [
        ("Rye loaf", Decimal("11.80")),
        ("Plum jam", Decimal("4.50")),
    ]
    assert (second.status, second.source) == ("cancelled", "csv")
    # and the same file once more changes nothing
    assert counts(send(acme_client, OURS))[0] == 0
    assert Order.objects.count() == 2


def test_an_export_of_shopify_is_recognised(acme_client, now):
    take_products(items=[product("501", sku="R-1")], source="csv", now=now)
    assert counts(send(acme_client, SHOPIFY, date_order="ymd")) == (1, 0, 0)
    order = Order.objects.get()
    assert (order.external_id, order.number, order.status) == ("7001", "#1001", "fulfilled")
    assert (order.total, order.shipping, order.coupon_codes) == (
        Decimal("16.70"),
        Decimal("4.90"),
        ["TEN"],
    )
    assert order.placed_at == datetime(2026, 11, 1, 8, tzinfo=UTC)
    rye, jam = order.lines.order_by("position")
    assert (rye.product.external_id, jam.product) == ("501", None)


def test_an_export_of_woocommerce_is_recognised(acme_client):
    assert counts(send(acme_client, WOOCOMMERCE)) == (1, 0, 0)
    order = Order.objects.get()
    assert (order.external_id, order.status, order.total) == ("77", "fulfilled", Decimal("11.80"))
    assert order.contact.customer_profile.company == "Looms Ltd"


def test_a_bad_line_is_told_and_stops_nobody(acme_client):
    text = OURS + (
        "3,32/13/2026,x@example.com,Loaf,1,1,\n"
        "4,01/02/2026,not an address,Loaf,1,1,\n"
        "5,01/02/2026,y@example.com,Loaf,many,1,\n"
        ",01/02/2026,y@example.com,Loaf,1,1,\n"
        "6,01/02/2026,z@example.com,Loaf,-1,1,\n"
    )
    response = send(acme_client, text)
    assert counts(response) == (3, 0, 0)
    problems = [(each.line, each.code) for each in response.context["result"].problems]
    assert problems == [
        (5, "bad_date"),
        (6, "note"),
        (7, "bad_number"),
        (8, "no_order"),
        (9, "negative_amount"),
    ]
    assert "32/13/2026" in response.content.decode()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("order_id,date,product\n", "Only a header row"),
        ("email,name\na@x.com,A\n", "Columns for the order"),
        (b"PK\x03\x04 zip", "not a text file"),
        ("", "Columns for the order"),
    ],
)
def test_a_file_without_orders_is_refused_in_words(acme_client, text, words):
    response = send(acme_client, text or b"\n")
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Order.objects.exists()


def test_too_many_lines_are_refused(acme_client, monkeypatch):
    monkeypatch.setattr(order_files, "ROWS_MAX", 2)
    assert send(acme_client, OURS).status_code == 422
    assert not Order.objects.exists()


def test_the_order_of_dates_is_asked_and_never_guessed(acme_client):
    assert send(acme_client, OURS, date_order="").status_code == 422
    assert not Order.objects.exists()


def test_a_currency_nobody_added_is_told_per_order(acme_client):
    text = "order_id,date,product,currency,price\n1,01/02/2026,Loaf,USD,5\n2,01/02/2026,Jam,,3\n"
    response = send(acme_client, text)
    assert [each.code for each in response.context["result"].problems] == ["unknown_currency"]
    assert list(Order.objects.values_list("external_id", flat=True)) == ["2"]
    assert Currency.objects.count() == 1


def test_an_import_subscribes_nobody(acme_client):
    send(acme_client, OURS)
    consents = Contact.objects.values_list("email_consent", flat=True)
    assert set(consents) == {"none"}
