"""Every block and every starter mail, whoever wrote it: it draws, reads well and can be sent."""

import re

import pytest

from campaigns.colours import READABLE, contrast, darkened_to_read, lightened_to_read, text_on
from campaigns.compile import compile_template
from campaigns.contracts import Brand, Look, blocks, starters
from tests.campaigns.mails import ACME, block, filled, from_blocks

SETTINGS = {
    "heading": {"text": "Hi"},
    "text": {"html": "<p>Hi</p>"},
    "button": {"label": "Go", "href": "https://x.test"},
    "image": {"src": "https://x.test/a.png", "alt": "A cake"},
    "divider": {},
    "space": {},
    "html": {"html": "<b>Hi</b>"},
    "footer": {},
    "review": {},
    "survey": {},
    "cart": {},
    "coupon": {},
    "products": {"list": "popular"},
}
CONTACT = {"first_name": "Ada"}


def test_the_first_set_of_blocks_is_there() -> None:
    assert sorted(blocks.keys()) == sorted(SETTINGS)


@pytest.mark.parametrize("key", sorted(SETTINGS))
def test_every_block_draws_with_its_least_settings(key: str) -> None:
    kind = blocks.get(key)
    assert str(kind.label)
    assert kind.icon
    compiled = from_blocks(block(key, **SETTINGS[key]))
    message = filled(compiled)
    assert message.html.startswith("<!doctype html>")
    assert "⟦" not in message.html + message.text


@pytest.mark.parametrize("key", sorted(SETTINGS))
def test_every_text_setting_is_escaped(key: str) -> None:
    hostile = {
        name: f"{value}<script>x</script>\"'" if name in ("text", "label", "alt", "html") else value
        for name, value in SETTINGS[key].items()
    }
    assert "<script" not in filled(from_blocks(block(key, **hostile))).html


def test_a_survey_has_a_link_for_each_answer_and_none_without_a_survey() -> None:
    # given a survey of two answers, one of them with a sign of HTML in it
    compiled = from_blocks(block("survey", ends=True))
    scale = [
        {"value": "a", "label": "Bread & <b>buns</b>", "url": "https://acme.test/survey/x/?a=a"},
        {"value": "b", "label": "Cake", "url": "https://acme.test/survey/x/?a=b"},
    ]
    survey = {"question": "What do you like?", "scale": scale, "lowest": "", "highest": ""}
    message = filled(compiled, survey=survey)
    # then each leads to its own address
    assert "Bread &amp; &lt;b&gt;buns&lt;/b&gt;</a>" in message.html
    assert [message.html.count(f"?a={value}") for value in "ab"] == [1, 1]
    assert "Cake: https://acme.test/survey/x/?a=b" in message.text
    assert " = " not in message.text + re.sub("<[^>]*>", "", message.html)
    # and somebody who was asked nothing reads nothing of it
    assert "What do you like?" not in filled(compiled).html


def test_each_product_to_review_has_five_stars_to_click() -> None:
    compiled = from_blocks(block("review", pictures=True, question="How was it?"))
    items = [
        {
            "name": name,
            "image_url": "https://shop.test/a.jpg",
            "url": f"https://acme.test/review/x/{name}/",
            "stars": [
                {"n": n, "url": f"https://acme.test/review/x/{name}/?a={n}"} for n in range(1, 6)
            ],
        }
        for name in ("Rye", "Buns")
    ]
    message = filled(compiled, review={"items": items})
    for name in ("Rye", "Buns"):
        for stars in range(1, 6):
            assert message.html.count(f"/review/x/{name}/?a={stars}") == 1
        assert f"{name}: https://acme.test/review/x/{name}/" in message.text
    assert message.html.count("How was it?") == 2
    assert message.html.count("https://shop.test/a.jpg") == 2
    # and a product without a picture has none
    plain = filled(compiled, review={"items": [{**items[0], "image_url": ""}]})
    assert 'width="120"' not in plain.html


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize("starter", list(starters), ids=lambda starter: starter.key)
def test_every_starter_can_be_sent_as_it_is(starter, language: str) -> None:
    # given the starter in a language of its own
    assert language in starter.mails
    mail = starter.in_language(language)
    compiled = compile_template(
        subject=mail.subject,
        preheader=mail.preheader,
        body=mail.body,
        brand=Brand(name="Acme", address="Via Roma 1", language=language),
    )
    # then only the confirmation goes without an unsubscribe link
    expected = ["no_unsubscribe"] if starter.key == "confirm" else []
    assert [warning.code for warning in compiled.warnings] == expected
    # and, filled in, nothing is left open, with a name or without
    for contact in (CONTACT, {"first_name": ""}):
        message = filled(
            compiled,
            contact=contact,
            business={"name": "Acme"},
            confirm_url="https://acme.test/confirm/1",
        )
        assert "Acme" in message.text
        assert "{{" not in message.subject + message.text + message.html
        assert not re.search(r" [,!?.]", message.subject + message.text)
        assert f'lang="{language}"' in message.html


def test_every_starter_is_there_in_both_languages() -> None:
    assert {starter.key for starter in starters} >= {"confirm", "cart-reminder", "review-stars"}
    assert [starter.key for starter in starters if set(starter.mails) != {"en", "it"}] == []


@pytest.mark.parametrize("colour", ["#0e6a5a", "#ffee00", "#000000", "#ffffff", "#ff69b4"])
def test_a_brand_colour_is_moved_until_it_can_be_read(colour: str) -> None:
    assert contrast(darkened_to_read(colour, "#ffffff"), "#ffffff") >= READABLE
    assert contrast(lightened_to_read(colour, "#1a1d1a"), "#1a1d1a") >= READABLE
    assert contrast(text_on(colour), colour) >= READABLE


def test_contrast_is_the_ratio_of_wcag() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54


def test_a_readable_brand_colour_stays_as_it_is() -> None:
    look = Look(ACME, str)
    assert (look.accent, look.solid, look.on_solid) == ("#0e6a5a", "#0e6a5a", "#ffffff")


def test_a_cart_shows_its_items_and_the_way_back() -> None:
    # given a cart of one product with a sign of HTML in its name
    compiled = from_blocks(block("cart", button="Back"))
    item = {"name": "Bread & butter", "quantity": "2", "price": "€5.00", "total": "€10.00"}
    cart = {"items": [item], "total": "€10.00", "restore_url": "https://shop.test/cart/7"}
    message = filled(compiled, cart=cart)
    # then it stands there with its price, and the button leads back
    assert "2 × Bread &amp; butter" in message.html
    assert "2 × Bread & butter, €10.00\n€10.00" in message.text
    assert message.destinations == ("https://shop.test/cart/7",)
    # and without a cart there is no empty frame
    empty = {**cart, "items": []}
    assert "Back" not in filled(compiled, cart=empty).html + filled(compiled, cart=empty).text


def test_products_are_a_grid_of_at_most_so_many() -> None:
    # given three products and a block for two
    compiled = from_blocks(block("products", list="popular", title="Loved", most=2))
    popular = [
        {"name": f"Cake {n}", "price": "€9.90", "url": f"https://shop.test/p/{n}"} for n in range(3)
    ]
    message = filled(compiled, popular=popular)
    # then the first two are shown under the title, each with its own address
    assert [f"Cake {n}" in message.html for n in range(3)] == [True, True, False]
    assert "Loved" in message.text
    assert message.destinations == ("https://shop.test/p/0", "https://shop.test/p/1")
    # and nothing stands above nothing
    assert "Loved" not in filled(compiled, popular=[]).html


def test_a_coupon_shows_code_value_and_end() -> None:
    compiled = from_blocks(block("coupon", terms="From €20."))
    coupon = {"code": "HELLO-7KQ2", "value_text": "10% off", "expires_text": "27 November 2026"}
    message = filled(compiled, coupon=coupon)
    assert "HELLO-7KQ2" in message.html
    assert "10% off: HELLO-7KQ2 (valid until 27 November 2026)\nFrom €20." in message.text
    assert "From" not in filled(compiled).html
