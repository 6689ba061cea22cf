"""Blocks for products, carts and coupons: loops whose links are each reader's own."""

import pytest

from tests.campaigns.mails import block, filled, from_blocks

RYE = {
    "name": "Rye & Co",
    "url": "https://shop.example/rye?a=1&b=2",
    "image_url": "https://shop.example/rye.jpg",
    "price": "€4.50",
}
OAT = {"name": "Oat", "url": "https://shop.example/oat", "image_url": None, "price": None}
CART = {
    "items": [
        {
            "name": "Rye & Co", "variant": "large", "quantity": "2", "price": "€4.50",
            "total": "€9.00", "url": "", "image_url": "https://shop.example/rye.jpg",
        }
    ],
    "total": "€9.00",
    "restore_url": "https://shop.example/cart/77",
}  # fmt: skip
COUPON = {"code": "SPRING-7KQ2", "value_text": "10% off", "expires_text": "27 November 2026"}
PRODUCTS = block("products", title="For you", list="recommendations")


def test_products_are_a_grid_with_tracked_links():
    made = filled(from_blocks(PRODUCTS), recommendations=[RYE, OAT])
    assert made.destinations == (RYE["url"], OAT["url"])
    assert "For you" in made.html
    assert "Rye &amp; Co" in made.html
    assert "https://shop.example/rye?" not in made.html
    assert made.html.count("<img src=") == 2  # one picture, one pixel
    assert "https://acme.test/c/TOKEN/0" in made.html
    assert "€4.50" in made.html
    assert "Rye & Co, €4.50: https://acme.test/c/TOKEN/0" in made.text
    assert "https://acme.test/c/TOKEN/1" in made.text


def test_no_more_products_than_asked_for():
    two = block("products", list="popular", most="2")
    made = filled(from_blocks(two), popular=[RYE, OAT, {**OAT, "name": "Third"}])
    assert "Oat" in made.text
    assert "Third" not in made.html + made.text


def test_the_cart_with_its_way_back():
    made = filled(from_blocks(block("cart", button="Back to your cart")), cart=CART)
    assert made.destinations == (CART["restore_url"],)
    for told in ("Rye &amp; Co", "large", "€9.00", "Back to your cart"):
        assert told in made.html
    assert "2 × Rye & Co (large), €9.00\n€9.00" in made.text
    assert "Back to your cart: https://acme.test/c/TOKEN/0" in made.text
    assert "shop.example/cart/77" not in made.html + made.text


def test_a_cart_without_a_way_back_has_no_button():
    made = filled(
        from_blocks(block("cart", button="Back to your cart")), cart={**CART, "restore_url": None}
    )
    assert "Back to your cart" not in made.html + made.text


def test_the_coupon_with_its_end_and_terms():
    made = filled(from_blocks(block("coupon", terms="Not on <gift> cards")), coupon=COUPON)
    for told in ("SPRING-7KQ2", "10% off", "valid until 27 November 2026", "&lt;gift&gt;"):
        assert told in made.html
    assert "10% off: SPRING-7KQ2" in made.text
    assert "Not on <gift> cards" in made.text
    endless = filled(from_blocks(block("coupon")), coupon={**COUPON, "expires_text": None})
    assert "valid until" not in endless.html + endless.text


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("products", {"title": "For you", "list": "popular"}),
        ("cart", {"button": "Back"}),
        ("coupon", {"terms": "Small print"}),
    ],
)
def test_whoever_has_none_sees_none_of_the_block(kind, settings):
    made = filled(from_blocks(block("text", html="<p>Hello</p>"), block(kind, **settings)))
    for word in ("For you", "Back", "Small print"):
        assert word not in made.html + made.text
    assert "Hello" in made.text


@pytest.mark.parametrize(
    ("kind", "settings", "name"),
    [
        ("products", {"list": "recommendations"}, "recommendations"),
        ("products", {"list": "popular"}, "popular"),
        ("cart", {}, "cart"),
        ("coupon", {}, "coupon"),
    ],
)
def test_a_block_names_what_it_needs_and_nothing_else(kind, settings, name):
    names = from_blocks(block(kind, **settings)).names
    assert names & {"recommendations", "popular", "cart", "coupon", "order", "contact"} == {name}
