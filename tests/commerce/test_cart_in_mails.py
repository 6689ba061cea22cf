"""`cart` and `order` in a mail: as they are at the moment of sending."""

from decimal import Decimal

import pytest

from campaigns import sending
from campaigns.messages import NewMessage, queue_messages
from campaigns.models import Message
from campaigns.services import TemplateDraft, save_template
from campaigns.views.public import draw_for_browser
from commerce.merge_fields import cart as cart_field
from commerce.merge_fields import order as order_field
from commerce.models import Cart, CartLine, Product, Variant
from contacts.contracts import MergeRequest
from tests.campaigns.conftest import office  # noqa: F401
from tests.commerce.offers import DAY, HOUR, cart, order, person, product, statements

BODY = (
    "{% if cart %}{% for item in cart.items %}<p>{{ item.quantity }} {{ item.name }}"
    " {{ item.price }}</p>{% endfor %}<p>{{ cart.total }}</p>"
    '<a href="{{ cart.restore_url }}">Back</a>{% else %}<p>Empty</p>{% endif %}'
)


def asked(contact, **event):
    return MergeRequest(contact.pk if contact else None, context={"event": event}, language="en")


def cart_of(contact, now, **event):
    [value] = cart_field.values([asked(contact, **event)], now)
    return value


def names(value):
    return [one["name"] for one in value["items"]] if value else None


def test_the_runs_own_cart_else_the_newest_open_one(acme, now):
    # given Ada with two open carts and one ordered, and Bob with one
    ada, bob = person("ada@example.com"), person("bob@example.com")
    old = cart(ada, now - DAY, product("old"))
    cart(ada, now, product("new"))
    done = cart(ada, now + HOUR, product("done"), status="converted")
    other = cart(bob, now, product("other"))

    requests = [
        asked(ada, cart_id=str(old.pk)),
        asked(ada),
        asked(ada, cart_id=str(done.pk)),
        asked(ada, cart_id=str(other.pk)),
        asked(ada, cart_id="8812"),
        asked(ada, cart_id=str(done.pk), order_id="77"),
        asked(bob),
        asked(None),
    ]
    with statements() as sql:
        found = cart_field.values(requests, now)

    assert [names(value) for value in found] == [
        ["old"], ["new"], None, None, ["new"], ["new"], ["other"], None,
    ]  # fmt: skip
    assert len(sql) == 1


def test_prices_are_those_of_today(acme, now):
    ada = person("ada@example.com")
    loaf = product("loaf", price=Decimal(10))
    made = cart(ada, now, loaf, product("cake", price=Decimal(5)))
    made.lines.filter(name="loaf").update(quantity=Decimal("1.5"))
    Product.objects.filter(pk=loaf.pk).update(price=Decimal(20), url="https://acme.example/new")

    found = cart_of(ada, now)

    assert [(one["quantity"], one["price"], one["total"]) for one in found["items"]] == [
        ("1.5", "€20.00", "€30.00"),
        ("1", "€5.00", "€5.00"),
    ]
    assert (found["total"], found["currency"]) == ("€35.00", "EUR")
    assert found["restore_url"] == "https://acme.example/cart"
    assert found["items"][0]["url"] == "https://acme.example/new"


def test_a_size_has_its_own_price_and_stock(acme, now):
    ada = person("ada@example.com")
    shirt = product("shirt", price=Decimal(10))
    for sku, price, stock in (("S", 12, 3), ("XL", 15, 0)):
        Variant.objects.create(product=shirt, external_id=sku, sku=sku, price=price, stock=stock)
    made = cart(ada, now, shirt, shirt, shirt)
    for position, sku in enumerate(("S", "XL", "unknown")):
        CartLine.objects.filter(cart=made, position=position).update(sku=sku, variant=sku)
    found = cart_of(ada, now)
    # the unknown size keeps the price it was put in with
    assert [(one["variant"], one["price"]) for one in found["items"]] == [
        ("S", "€12.00"), ("unknown", "€10.00"),
    ]  # fmt: skip


def test_a_price_in_another_currency_is_not_mixed_in(acme, now):
    ada = person("ada@example.com")
    loaf = product("loaf")
    cart(ada, now, loaf)
    Product.objects.update(price=Decimal(99), currency="USD")
    assert cart_of(ada, now)["total"] == "€10.00"


def test_what_sold_out_is_left_out_and_an_empty_cart_is_nothing(acme, now):
    ada = person("ada@example.com")
    cart(ada, now, product("a", stock=0), product("b"), product("c", is_on_sale=False))
    assert names(cart_of(ada, now)) == ["b"]
    Product.objects.update(stock=0)
    assert cart_of(ada, now) is None


def test_an_order_is_told_at_the_prices_that_were_paid(acme, now):
    ada, bob = person("ada@example.com"), person("bob@example.com")
    loaf = product("loaf")
    first = order(ada, now - DAY, loaf, number="1")
    order(ada, now, product("cake"), number="2")
    order(ada, now + HOUR, loaf, number="3", status="cancelled")
    Product.objects.update(price=Decimal(99))
    requests = [
        asked(ada, order_id=str(first.pk)), asked(ada), asked(bob, order_id=str(first.pk)),
        asked(bob),
    ]  # fmt: skip
    with statements() as sql:
        found = order_field.values(requests, now)
    assert [one and (one["number"], one["total"]) for one in found] == [
        ("1", "€10.00"), ("2", "€10.00"), None, None,
    ]  # fmt: skip
    assert names(found[0]) == ["loaf"]
    assert len(sql) == 1


@pytest.mark.parametrize("field", [cart_field, order_field])
def test_a_preview_shows_products_of_the_shop_or_invented_ones(acme, field):
    assert len(field.sample()["items"]) == 2
    product("Rye")
    assert names(field.sample()) == ["Rye"]


def send(acme, contact, now, at, event):
    mail = save_template(draft=TemplateDraft("Cart", "Your cart", {"html": BODY}), now=now)
    queue_messages(
        messages=[NewMessage("one", contact.pk, mail.live_version_id, context={"event": event})],
        now=now,
    )
    sending.drain(workspace=acme, clock=lambda: at)
    return Message.objects.get(send_key="one")


def test_a_mail_shows_the_cart_of_its_run_and_goes_on_showing_it(acme, office, now):  # noqa: F811
    # given a cart of two that became a cart of one before the mail left
    ada = person("ada@example.com")
    loaf = product("loaf")
    made = cart(ada, now, loaf, product("cake"))
    CartLine.objects.filter(name="cake").delete()
    message = send(acme, ada, now, now + HOUR, {"cart_id": str(made.pk)})

    # then it tells of what is left, with a link of this person's own
    text = office.taken[0].content.decode()
    assert "1 loaf =E2=82=AC10.00" in text or "1 loaf €10.00" in text
    assert "cake" not in text
    assert message.destinations == ["https://acme.example/cart"]

    # and says so later too
    Cart.objects.update(status="converted")
    Product.objects.update(price=Decimal(99))
    html = draw_for_browser(message).html
    assert "1 loaf €10.00" in html
    assert "https://acme.example/cart" in html


def test_a_mail_can_ask_whether_there_is_a_cart(acme, office, now):  # noqa: F811
    message = send(acme, person("ada@example.com"), now, now, {})
    assert message.status == "accepted"
    assert "Empty" in office.taken[0].content.decode()
