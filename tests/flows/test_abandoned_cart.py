"""The abandoned cart, as shipped: starts, path, stops, and who is left alone."""

from decimal import Decimal

import pytest

from campaigns.models import Message
from commerce.ingest import take_products
from commerce.models import CouponCode, ShopFigures
from commerce.shapes import NewProduct
from contacts.consent import record_consent
from contacts.models import Contact
from journeys.models import Enrolment
from tests.api.conftest import api, key_of
from tests.flows.conftest import DAY, HOUR, MINUTE

__all__ = ["api", "key_of"]

FIRST, SECOND, THIRD = (
    "Shall we keep this for you?",
    "Still thinking it over?",
    "A little help with your first order",
)


@pytest.fixture
def cart_flow(town):
    town.publish("abandoned_cart")
    # half of the shop's carts are worth more than this
    ShopFigures.objects.create(computed_at=town.now, median_cart_value="25")
    return town


def test_an_hour_a_day_and_three_days(cart_flow):
    # given Ada's cart, worth more than the median
    town = cart_flow
    town.subscriber("Ada")
    town.fill_cart("Ada", "Cake")
    # when it has been still for 59 minutes, then nothing has happened
    town.wait(59 * MINUTE)
    assert town.mails("Ada") == []
    # when it is an hour, a day, three days
    town.wait(MINUTE)
    assert town.mails("Ada") == [FIRST]
    assert "Back to your cart: http" in town.last_text("Ada")
    assert "10%" not in town.last_text("Ada")
    town.until(town.start + 24 * HOUR - MINUTE)
    assert town.mails("Ada") == [FIRST]
    town.until(town.start + 24 * HOUR)
    assert town.mails("Ada") == [FIRST, SECOND]
    town.until(town.start + 72 * HOUR)
    # then the third has a code of her own, good for 72 hours
    assert town.mails("Ada") == [FIRST, SECOND, THIRD]
    code = CouponCode.objects.get(contact__first_name="Ada")
    assert code.code in town.last_text("Ada")
    assert code.expires_at == town.start + 144 * HOUR
    # and that was all
    town.wait(10 * DAY)
    assert town.mails("Ada") == [FIRST, SECOND, THIRD]
    assert town.runs("Ada") == [("finished", "")]


@pytest.mark.parametrize("why", ["cheap", "bought before", "had a code"])
def test_no_code_for(cart_flow, why, now):
    # given somebody to whom one of the three conditions does not apply
    town = cart_flow
    ada = town.subscriber("Ada")
    if why == "bought before":
        town.order("Ada", "Jam", number="old", placed_at=town.now - 40 * DAY)
    if why == "had a code":
        from commerce.models import Coupon

        coupon = Coupon.objects.create(name="Other")
        CouponCode.objects.create(coupon=coupon, code="X1", contact=ada, issued_at=now - 26 * DAY)
    town.fill_cart("Ada", "Loaf" if why == "cheap" else "Cake")
    # when three days have passed
    town.wait(75 * HOUR)
    # then they got the first two mails and no code
    assert town.mails("Ada") == [FIRST, SECOND]
    assert CouponCode.objects.filter(issued_at__gt=now).count() == 0


def test_an_order_through_the_api_stops_it_before_the_next_mail(cart_flow, api):
    # given Ada who has got the first mail
    town = cart_flow
    town.subscriber("Ada")
    town.fill_cart("Ada", "Cake")
    town.wait(HOUR)
    assert town.mails("Ada") == [FIRST]
    # when her shop tells of an order
    answer = api.post(
        "/orders",
        {
            "external_id": "77", "currency": "EUR", "total": "30.00",
            "placed_at": town.now.isoformat(), "customer": {"email": "ada@example.com"},
            "lines": [{"name": "Cake", "product_external_id": "Cake", "quantity": 1,
                       "unit_price": "30.00"}],
        },
    )  # fmt: skip
    assert answer.status_code == 201, answer.content
    town.wait(4 * DAY)
    # then no mail follows
    assert town.mails("Ada") == [FIRST]
    [(status, _reason)] = town.runs("Ada")
    assert status != "active"
    assert Enrolment.objects.get().converted_at is not None


def test_emptied_it_stops_and_another_cart_is_another_run(cart_flow):
    # given two carts of Ada's
    town = cart_flow
    town.subscriber("Ada")
    town.fill_cart("Ada", "Cake", cart="one")
    town.wait(10 * MINUTE)
    town.fill_cart("Ada", "Knife", cart="two")
    town.wait(2 * HOUR)
    assert Enrolment.objects.count() == 2
    # when she empties the first
    town.fill_cart("Ada", cart="one")
    # then only the run about it ends
    states = {
        run.context["external_id"]: (run.status, run.exit_reason) for run in Enrolment.objects.all()
    }
    assert states["one"] == ("exited", "Cart emptied")
    assert states["two"][0] == "active"


def test_what_is_in_it_is_read_again_when_the_mail_leaves(cart_flow, sold_out):
    # given a cart of cake and jam
    town = cart_flow
    town.subscriber("Ada")
    town.fill_cart("Ada", "Cake", "Jam")
    # when the jam sells out and the cake gets dearer within the hour
    sold_out("Jam", town.now + MINUTE)
    dearer = NewProduct("Cake", "Cake", Decimal(33), "EUR", stock=3, changed_at=town.now + MINUTE)
    take_products(items=[dearer], source="api", now=town.now + MINUTE)
    town.wait(HOUR)
    # then the mail offers what can be bought, at today's price
    text = town.last_text("Ada")
    assert "Cake" in text
    assert "€33.00" in text
    assert "Jam" not in text


def test_all_sold_out_there_is_no_mail(cart_flow, sold_out):
    town = cart_flow
    town.subscriber("Ada")
    town.fill_cart("Ada", "Cake")
    sold_out("Cake", town.now + MINUTE)
    town.wait(4 * DAY)
    assert town.mails("Ada") == []
    reasons = set(Message.objects.values_list("status", "reason"))
    assert reasons <= {("skipped", "cart_gone")}


def test_who_is_left_alone(cart_flow):
    # given a stranger's cart, an empty one, one of somebody who said no, and one ordered at once
    town = cart_flow
    town.subscriber("Ada")
    Contact.objects.create(email="bob@example.com", first_name="Bob")
    record_consent(
        contact_ids=[town.subscriber("Cleo").pk], action="unsubscribed", source="preferences",
        now=town.now,
    )  # fmt: skip
    town.fill_cart("Bob", "Cake", cart="bob")
    town.fill_cart("Cleo", "Cake", cart="cleo")
    town.fill_cart("Ada", cart="empty")
    town.fill_cart("Ada", "Cake", cart="quick")
    town.order("Ada", "Cake", number="9", cart="quick")
    # when days pass
    town.wait(4 * DAY)
    # then nobody of them got a mail, and each message says why it did not leave
    assert [town.mails(name) for name in ("Ada", "Bob", "Cleo")] == [[], [], []]
    assert set(Message.objects.values_list("status", "reason")) == {("skipped", "no_consent")}
    assert town.runs("Ada") == []


def test_no_selling_while_a_ticket_is_open(cart_flow):
    # given Ada with a cart and a complaint
    town = cart_flow
    town.subscriber("Ada")
    town.happens("ticket.opened", "Ada", external_id="t1", subject="Broken")
    town.fill_cart("Ada", "Cake")
    # when an hour passes, then the mail is held; when the ticket is closed, it goes
    town.wait(2 * HOUR)
    assert town.mails("Ada") == []
    assert Message.objects.values_list("status", "reason").get() == ("deferred", "open_ticket")
    town.happens("ticket.closed", "Ada", external_id="t1")
    town.wait(HOUR)
    assert town.mails("Ada") == [FIRST]
