"""What somebody is recommended: new to them, there to be bought, and not what they just saw."""

import pytest

from campaigns import sending
from campaigns.messages import NewMessage, queue_messages
from campaigns.services import TemplateDraft, save_template
from commerce.merge_fields.products import keep_shown, popular, recommendations, sample
from commerce.models import Product, ProductPair, ProductRank, ProductView, ShownProduct
from contacts.contracts import MergeRequest
from contacts.erasure import erase_contact
from tests.campaigns.conftest import office  # noqa: F401
from tests.commerce.offers import DAY, cart, order, person, product, statements


@pytest.fixture
def shop(acme):
    """Six products by rank, and what goes with `a`: first `b`, then `c`; with `d`: `e`."""
    made = {name: product(name) for name in "abcdef"}
    for rank, name in enumerate("fedcba", start=1):
        ProductRank.objects.create(product=made[name], rank=rank)
    for rank, (name, other, lift) in enumerate(
        [("a", "b", 9), ("a", "c", 5), ("d", "e", 2)], start=1
    ):
        ProductPair.objects.create(
            product=made[name], other=made[other], together=3, lift=lift, rank=rank
        )
    return made


def shown_to(contact, now, values=recommendations):
    [found] = values([MergeRequest(contact.pk, language="en")], now)
    return [one["name"] for one in found] if found else found


def test_companions_first_then_what_sells(acme, shop, now):
    ada = person("ada@example.com")
    order(ada, now - DAY, shop["a"])
    assert shown_to(ada, now) == ["b", "c", "f", "e"]


def test_what_lies_in_the_cart_says_more_than_a_look(acme, shop, now):
    ada = person("ada@example.com")
    cart(ada, now, shop["a"])
    ProductView.objects.create(
        contact=ada, product=shop["d"], first_viewed_at=now, last_viewed_at=now - DAY
    )
    # neither a, which is in the cart; nor is d left out, which was only looked at
    assert shown_to(ada, now) == ["b", "c", "e", "f"]
    assert shown_to(ada, now + 91 * DAY)[:3] == ["b", "c", "f"]


def test_never_what_was_bought_or_cannot_be(acme, shop, now):
    ada = person("ada@example.com")
    order(ada, now - 900 * DAY, shop["a"], shop["b"])
    Product.objects.filter(name="c").update(stock=0)
    Product.objects.filter(name="f").update(is_on_sale=False)
    assert shown_to(ada, now) == ["e", "d"]


def test_an_order_called_off_is_no_purchase(acme, shop, now):
    ada = person("ada@example.com")
    order(ada, now, shop["f"], counts=False)
    assert shown_to(ada, now)[0] == "f"


def test_what_was_just_shown_waits_thirty_days(acme, shop, now):
    ada = person("ada@example.com")
    order(ada, now, shop["a"])
    keep_shown([(ada.pk, [{"id": str(shop[name].pk)} for name in "bb"])], now)
    assert shown_to(ada, now + DAY) == ["c", "f", "e", "d"]
    assert shown_to(ada, now + 30 * DAY) == ["b", "c", "f", "e"]
    # best sellers are shown as often as you like
    keep_shown([(ada.pk, [{"id": str(shop["f"].pk)}])], now)
    assert shown_to(ada, now + DAY, popular)[0] == "f"


def test_nobody_known_gets_what_sells_and_an_empty_shop_shows_nothing(acme, now):
    ada = person("ada@example.com")
    assert (shown_to(ada, now), shown_to(ada, now, popular)) == (None, None)
    ProductRank.objects.create(product=product("only"), rank=1)
    assert shown_to(ada, now) == shown_to(ada, now, popular) == ["only"]
    assert recommendations([MergeRequest(None)], now) == [None]


def test_many_people_are_one_statement(acme, shop, now):
    people = [person(f"p{n}@example.com") for n in range(30)]
    for one in people[:10]:
        order(one, now, shop["a"])
    requests = [MergeRequest(one.pk, language="en") for one in people for _twice in "ab"]
    with statements() as asked:
        found = recommendations(requests, now)
    assert len(asked) == 1
    assert len(found) == 60
    assert found[0][0]["price"] == "€10.00"


def test_a_preview_shows_products_of_the_shop(acme):
    assert len(sample()) == 4
    product("Rye", stock=0)
    product("Oat")
    assert [one["name"] for one in sample()] == ["Oat"]


def mail(now, words):
    body = [
        {"kind": "text", "settings": {"html": f"<p>{words}</p>"}},
        {
            "kind": "products",
            "settings": {"title": "For you", "list": "recommendations"},
        },
        {"kind": "footer", "settings": {}},
    ]
    return save_template(draft=TemplateDraft("x", "For you", body), now=now)


def queue(contact, made, now, key):
    queue_messages(messages=[NewMessage(key, contact.pk, made.live_version_id)], now=now)


def test_a_mail_sent_is_what_was_shown(acme, office, shop, now):  # noqa: F811
    ada, bob = person("ada@example.com"), person("bob@example.com", email_consent="unknown")
    order(ada, now, shop["a"])
    made = mail(now, "Hello")
    queue(ada, made, now, "a")
    queue(bob, made, now, "b")
    sending.drain(workspace=acme, clock=lambda: now)

    rows = ShownProduct.objects.order_by("product__name")
    assert list(rows.values_list("contact", "product__name", "shown_at")) == [
        (ada.pk, name, now) for name in "bcef"
    ]
    # the next mail shows the rest
    queue(ada, mail(now, "Hello again"), now, "c")
    sending.drain(workspace=acme, clock=lambda: now + DAY)
    assert rows.filter(product__name="d", shown_at=now + DAY).exists()
    assert rows.count() == 5


def test_a_product_taken_away_meanwhile_does_no_harm(acme, shop, now):
    ada = person("ada@example.com")
    gone = shop["b"].pk
    Product.objects.filter(pk=gone).delete()
    keep_shown([(ada.pk, [{"id": str(gone)}, {"id": str(shop["c"].pk)}])], now)
    assert ShownProduct.objects.count() == 1


def test_erasing_somebody_forgets_what_they_were_shown(acme, shop, now):
    ada = person("ada@example.com")
    keep_shown([(ada.pk, [{"id": str(shop["c"].pk)}])], now)
    erase_contact(contact_id=ada.pk, now=now)
    assert not ShownProduct.objects.exists()


def test_globex_is_recommended_nothing_of_acmes(acme, globex, shop, now):
    from django.db import connection

    connection.set_tenant(globex)
    assert shown_to(person("ada@example.com"), now) is None
