"""The value of the cart that a run is about decides who goes on."""

import pytest

from commerce.models import ShopFigures
from contacts.models import Contact
from contacts.segments import clean_config, matching, scope_at
from journeys.enrolment import enrol
from journeys.models import Enrolment
from tests.commerce.offers import DAY, HOUR, cart, person, product
from tests.journeys.conftest import live, step


def who(now, at_least, journey=None):
    tree = {"kind": "cart_value", "config": {"at_least": at_least}}
    scope = scope_at(now, journey_id=journey and journey.pk)
    everybody = list(Contact.objects.values_list("pk", flat=True))
    yes = matching(everybody, tree, scope)
    assert yes ^ matching(everybody, {"not": tree}, scope) == set(everybody)
    return yes


def waiting(now, *runs):
    """A journey with these (contact, cart) inside."""
    journey = live(now, step("wait1", "wait", {"amount": 3, "unit": "days"}))
    for contact, made in runs:
        enrol(journey=journey, contact_ids=[contact.pk], key=str(made.pk), now=now)
        Enrolment.objects.filter(key=str(made.pk)).update(context={"cart_id": str(made.pk)})
    return journey


def test_beside_journeys_it_is_the_newest_open_cart(acme, now):
    ada, bob = person("ada@example.com"), person("bob@example.com")
    cart(ada, now - DAY, product("a", price=100))
    cart(ada, now, product("b", price=20))
    cart(bob, now, product("c", price=100), status="converted")
    assert who(now, "20") == {ada.pk}
    assert who(now, "20.01") == set()


def test_in_a_journey_it_is_the_cart_of_the_run(acme, now):
    # given a run about the older cart, and somebody inside for another reason
    ada, bob = person("ada@example.com"), person("bob@example.com")
    old = cart(ada, now - DAY, product("a", price=100))
    cart(ada, now, product("b", price=20))
    his = cart(bob, now, product("c", price=50))
    journey = waiting(now, (ada, old))
    enrol(journey=journey, contact_ids=[bob.pk], now=now)
    assert who(now, "50", journey) == {ada.pk, bob.pk}
    assert who(now, "100", journey) == {ada.pk}
    # the newest run counts, and what integrators send is no cart
    Enrolment.objects.filter(contact=bob).update(context={"cart_id": "8812"})
    assert who(now, "50", journey) == {ada.pk, bob.pk}
    assert his.value == 50


def test_the_median_once_there_is_one(acme, now):
    ada = person("ada@example.com")
    cart(ada, now, product("a", price=30))
    assert who(now, "median") == set()
    ShopFigures.objects.create(pk=1, computed_at=now - HOUR, median_cart_value=30)
    assert who(now, "median") == {ada.pk}
    ShopFigures.objects.update(median_cart_value=31)
    assert who(now, "median") == set()


@pytest.mark.parametrize("text", ["", "0", "-5", "nan", "inf", "1e20", "much", "12,5"])
def test_nonsense_is_refused_in_words(acme, text):
    _config, problems = clean_config("cart_value", {"at_least": text})
    assert [problem.code for problem in problems] == ["bad_condition"]


@pytest.mark.parametrize("text", ["50", "50.00", "median", "MEDIAN"])
def test_amounts_and_the_median(acme, text):
    config, problems = clean_config("cart_value", {"at_least": text})
    assert (config["at_least"], problems) == (text.lower(), [])
