"""Right before a mail leaves: nobody is asked to buy what they bought, or what is gone."""

import pytest

from campaigns import policy
from campaigns.messages import NewMessage, queue_messages
from campaigns.models import Message
from campaigns.services import TemplateDraft, save_template
from commerce.models import Cart, CartLine, Order, Product
from core.ids import uuid7
from journeys.enrolment import enrol
from journeys.models import Enrolment
from tests.commerce.offers import DAY, HOUR, cart, order, person, product, statements
from tests.journeys.conftest import live, step


@pytest.fixture
def mail(acme, now):
    return save_template(
        draft=TemplateDraft(name="Cart", subject="Your cart", body={"html": "<p>Hello</p>"}),
        now=now,
    )


@pytest.fixture
def queued(mail, now):
    """`queued(contact, context)`: a mail of a run that began at noon with this event."""

    def make(contact, event, lane=Message.Lane.JOURNEY):
        journey = live(now, step("wait1", "wait", {"amount": 3, "unit": "days"}))
        enrol(journey=journey, contact_ids=[contact.pk], now=now)
        run = Enrolment.objects.get(journey=journey, contact=contact)
        key = str(uuid7())
        queue_messages(
            messages=[
                NewMessage(
                    send_key=key,
                    contact_id=contact.pk,
                    template_version_id=mail.live_version_id,
                    lane=lane,
                    enrolment_id=run.pk,
                    journey_id=journey.pk,
                    step_id="mail1",
                    context={"event": event},
                )
            ],
            now=now + HOUR,
        )
        return Message.objects.get(send_key=key)

    return make


def verdict(message, acme, now):
    found = policy.ask(ids=[message.pk], workspace=acme, now=now)[message.pk]
    return found.guard.key if found.guard else "send"


def of_cart(made):
    return {"cart_id": str(made.pk), "total": "20.00", "lines": []}


def test_a_reminder_of_a_cart_that_is_still_there_goes_out(acme, queued, now):
    ada = person("ada@example.com")
    message = queued(ada, of_cart(cart(ada, now, product("a"))))
    assert verdict(message, acme, now + DAY) == "send"


def test_no_reminder_once_the_cart_was_ordered(acme, queued, now):
    ada = person("ada@example.com")
    made = cart(ada, now, product("a"))
    message = queued(ada, of_cart(made))
    Cart.objects.update(status="converted")
    assert verdict(message, acme, now + DAY) == "bought_already"


@pytest.mark.parametrize(
    ("placed", "values", "said"),
    [
        (HOUR, {}, "bought_already"),
        (-HOUR, {}, "send"),
        (HOUR, {"status": "cancelled"}, "send"),
        (HOUR, {"is_deleted": True}, "send"),
    ],
)
def test_any_order_since_the_run_began_ends_the_reminders(acme, queued, now, placed, values, said):
    ada = person("ada@example.com")
    message = queued(ada, of_cart(cart(ada, now, product("a"))))
    order(ada, now + placed, product("b"), **values)
    order(person("bob@example.com"), now + HOUR, product("c"))
    assert verdict(message, acme, now + DAY) == said


def sold_out():
    Product.objects.update(stock=0)


def off_sale():
    Product.objects.update(is_on_sale=False)


def emptied():
    Cart.objects.update(status="emptied")


def without_lines():
    CartLine.objects.all().delete()


@pytest.mark.parametrize("happens", [sold_out, off_sale, emptied, without_lines])
def test_no_reminder_of_a_cart_with_nothing_left_in_it(acme, queued, now, happens):
    ada = person("ada@example.com")
    message = queued(ada, of_cart(cart(ada, now, product("a"), product("b"))))
    happens()
    assert verdict(message, acme, now + DAY) == "cart_gone"


def test_one_thing_left_is_enough(acme, queued, now):
    ada = person("ada@example.com")
    gone = product("a", stock=0)
    message = queued(ada, of_cart(cart(ada, now, gone, product("b", stock=1))))
    assert verdict(message, acme, now + DAY) == "send"
    # what the catalogue does not know may well be there
    Product.objects.all().delete()
    assert verdict(message, acme, now + DAY) == "send"


def test_a_product_looked_at_and_bought_is_not_offered(acme, queued, now):
    ada = person("ada@example.com")
    loaf, cake = product("loaf"), product("cake")
    by_our_id = queued(ada, {"product_id": str(loaf.pk)})
    by_the_shops = queued(ada, {"product_id": loaf.external_id})
    order(ada, now + HOUR, cake)
    for message in (by_our_id, by_the_shops):
        assert verdict(message, acme, now + DAY) == "send"
    order(ada, now + HOUR, loaf)
    for message in (by_our_id, by_the_shops):
        assert verdict(message, acme, now + DAY) == "bought_already"


def test_what_follows_an_order_is_not_about_its_cart(acme, queued, now):
    # given the thanks for an order that came from a cart
    ada = person("ada@example.com")
    loaf = product("loaf")
    made, basket = order(ada, now, loaf), cart(ada, now, loaf, status="converted")
    event = {"order_id": str(made.pk), "cart_id": str(basket.pk), "product_id": str(loaf.pk)}
    assert verdict(queued(ada, event), acme, now + DAY) == "send"


def test_what_people_asked_for_always_goes_out(acme, queued, now):
    ada = person("ada@example.com")
    made = cart(ada, now, product("a"), status="emptied")
    message = queued(ada, of_cart(made), lane=Message.Lane.TRANSACTIONAL)
    assert verdict(message, acme, now + DAY) == "send"


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"cart_id": "8812"},
        {"cart_id": ""},
        {"cart_id": 7},
        {"cart_id": {"a": [1]}},
        {"cart_id": "' OR 1=1 --"},
        {"product_id": None},
        {"product_id": "x" * 500},
        {"order_id": ["x"]},
    ],
)
def test_what_anybody_may_send_stops_no_mail(acme, queued, now, event):
    ada = person("ada@example.com")
    cart(ada, now, product("a"), status="emptied")
    assert verdict(queued(ada, event), acme, now + DAY) == "send"


def test_the_guards_are_one_statement_for_all(acme, queued, now):
    ada = person("ada@example.com")
    messages = [queued(ada, of_cart(cart(ada, now, product("a")))) for _n in range(4)]
    with statements() as asked:
        policy.ask(ids=[each.pk for each in messages], workspace=acme, now=now)
    assert len(asked) == 2  # the contacts are held, the guards are asked


def test_another_persons_cart_counts_for_nothing_in_globex(acme, globex, queued, now):
    from django.db import connection

    ada = person("ada@example.com")
    message = queued(ada, of_cart(cart(ada, now, product("a"))))
    connection.set_tenant(globex)
    Order.objects.create(
        external_id="1", status="placed", currency="EUR", total=1, value=1, placed_at=now + HOUR
    )
    connection.set_tenant(acme)
    assert verdict(message, acme, now + DAY) == "send"
