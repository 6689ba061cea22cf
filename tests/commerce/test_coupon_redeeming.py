"""Codes that come back with an order, or at a till, are redeemed once."""

from uuid import UUID

import pytest

from commerce.coupons.codes import Wanted, issue_codes
from commerce.coupons.redeeming import Used, find_code, problem_with, redeem_codes, redeem_one
from commerce.models import CouponCode
from contacts.erasure import erase_contact
from core.ids import uuid7
from events.drain import drain
from events.services import record
from tests.commerce.offers import DAY, coupon, happened, order, person, pool, product


def give(chosen, contact, now):
    issue_codes(
        coupon=chosen, wanted=[Wanted(contact.pk, uuid7(), UUID(int=7), "give1", 1)], now=now
    )
    return CouponCode.objects.filter(contact=contact).latest("issued_at", "id")


def placed(contact, made, codes, now, **data):
    record(
        type="order.placed",
        contact_id=contact and contact.pk,
        data={"order_id": str(made.pk) if made else "", "coupon_codes": codes, **data},
        now=now,
    )
    drain(now=now)


def test_an_order_redeems_its_codes_whatever_their_case(acme, now):
    # given a code that Ada has
    ada = person("ada@example.com")
    code = give(coupon(prefix="SPRING"), ada, now)

    # when she orders with it, typed in her way
    made = order(ada, now + DAY, product("loaf"))
    placed(ada, made, [f" {code.code.lower()} ", "NOT-OURS"], now + DAY)

    # then it is used, by that order
    code.refresh_from_db()
    assert (code.redeemed_at, code.redeemed_order) == (now + DAY, made)
    [(contact, data)] = happened("coupon.redeemed")
    assert contact == ada.pk
    assert data == {
        "coupon_id": str(code.coupon_id), "code": code.code, "order_id": str(made.pk)
    }  # fmt: skip


def test_a_code_is_redeemed_once_by_the_first_order(acme, now):
    ada = person("ada@example.com")
    code = give(coupon(), ada, now)
    first, second = order(ada, now, product("a")), order(ada, now, product("b"))
    used = [
        Used(code.code, now + n * DAY, ada.pk, each.pk) for n, each in enumerate((first, second))
    ]
    assert redeem_codes(used=used[::-1], now=now) == 1
    assert redeem_codes(used=used, now=now) == 0
    code.refresh_from_db()
    assert (code.redeemed_order, len(happened("coupon.redeemed"))) == (first, 1)


def test_a_shared_code_is_redeemed_by_each_who_has_it(acme, now):
    ada, bob = person("ada@example.com"), person("bob@example.com")
    summer = coupon(codes="shared", fallback_code="SUMMER")
    for each in (ada, bob):
        give(summer, each, now)
    stranger = person("carla@example.com")
    for each in (ada, stranger):
        placed(each, order(each, now, product("x")), ["summer"], now)
    used = CouponCode.objects.filter(redeemed_at__isnull=False)
    assert [row.contact for row in used] == [ada]


def test_a_code_passed_on_is_redeemed_by_whoever_brings_it(acme, now):
    ada, bob = person("ada@example.com"), person("bob@example.com")
    code = give(coupon(), ada, now)
    placed(bob, order(bob, now, product("x")), [code.code], now)
    code.refresh_from_db()
    assert (code.contact, code.redeemed_at) == (ada, now)
    assert [contact for contact, _data in happened("coupon.redeemed")] == [bob.pk]


@pytest.mark.parametrize(
    "data",
    [
        {"coupon_codes": "SPRING"},
        {"coupon_codes": [7, None, {"a": 1}, ""]},
        {"coupon_codes": None, "order_id": ["x"]},
        {"coupon_codes": ["NOT-OURS"], "order_id": "no uuid"},
    ],
)
def test_what_anybody_may_send_does_no_harm(acme, now, data):
    from events.models import Event

    record(type="order.placed", data=data, now=now)
    drain(now=now)
    assert not Event.objects.exclude(error="").exists()
    assert happened("coupon.redeemed") == []


def test_an_order_nobody_stored_still_redeems(acme, now):
    ada = person("ada@example.com")
    code = give(coupon(), ada, now)
    placed(ada, None, [code.code], now, order_id=str(uuid7()))
    code.refresh_from_db()
    assert (code.redeemed_at, code.redeemed_order) == (now, None)


def at_a_till(code, now, contact=None):
    return redeem_one(used=Used(code, now, contact and contact.pk), now=now)


def test_a_till_is_told_why_a_code_does_not_hold(acme, now):
    ada = person("ada@example.com")
    good = give(coupon(name="Good"), ada, now)
    late = give(coupon(name="Late", valid_hours=1), ada, now)
    stopped = give(coupon(name="Stopped"), ada, now)
    stopped.coupon.is_active = False
    stopped.coupon.save()
    pool("FREE1")

    def refused(code):
        return at_a_till(code, now + DAY)[1].code

    assert refused("NOBODYS") == "unknown_code"
    assert refused(late.code) == "code_expired"
    assert refused(stopped.code) == "coupon_stopped"
    assert refused("FREE1") == "not_issued"
    assert not CouponCode.objects.filter(redeemed_at__isnull=False).exists()
    # the good one once
    code, problem = at_a_till(good.code.lower(), now + DAY)
    assert (problem, code.redeemed_at) == (None, now + DAY)
    assert refused(good.code) == "already_redeemed"


def test_a_shared_code_needs_to_know_whose_it_is(acme, now):
    ada, bob = person("ada@example.com"), person("bob@example.com")
    summer = coupon(codes="shared", fallback_code="SUMMER")
    for each in (ada, bob):
        give(summer, each, now)
    assert at_a_till("SUMMER", now)[1].code == "contact_needed"
    assert at_a_till("SUMMER", now, ada)[1] is None
    assert at_a_till("SUMMER", now, ada)[1].code == "already_redeemed"
    # asking alone changes nothing, and the code still holds for Bob
    for holder, found in [(bob.pk, None), (None, None), (ada.pk, "already_redeemed")]:
        problem = problem_with(
            find_code(code="summer", contact_id=holder), contact_id=holder, now=now
        )
        assert (problem and problem.code) == found


def test_a_code_of_somebody_erased_names_nobody_and_is_not_given_again(acme, now):
    ada = person("ada@example.com")
    code = give(pool("A1"), ada, now)
    erase_contact(contact_id=ada.pk, now=now)
    code.refresh_from_db()
    assert (code.contact_id, code.issued_at) == (None, now)
    assert find_code(code="A1", contact_id=None) == code


def test_globex_knows_nothing_of_a_code_of_acme(acme, globex, now):
    from django.db import connection

    give(pool("A1"), person("ada@example.com"), now)
    connection.set_tenant(globex)
    assert at_a_till("A1", now)[1].code == "unknown_code"
    assert redeem_codes(used=[Used("A1", now)], now=now) == 0
    connection.set_tenant(acme)
    assert not CouponCode.objects.filter(redeemed_at__isnull=False).exists()
