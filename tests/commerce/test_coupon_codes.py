"""Codes are handed out once a stay, by whoever may have one, and no code twice."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.coupons import codes
from commerce.coupons.codes import ALPHABET, Wanted, generated, issue_codes, reserve
from commerce.coupons.eligibility import may_have
from commerce.models import CouponCode
from contacts.models import Contact
from core.errors import Retryable
from core.ids import uuid7
from tests.commerce.offers import (
    DAY,
    HOUR,
    bought,
    codes_of,
    coupon,
    happened,
    person,
    pool,
    statements,
)  # fmt: skip

JOURNEY = UUID(int=7)


def wanted(contact, visit=1, enrolment=None):
    return Wanted(contact.pk, enrolment or uuid7(), JOURNEY, "give1", visit)


@given(st.text("ABC", max_size=4))
def test_a_generated_code_is_readable_and_long(prefix):
    word = generated(prefix).removeprefix(f"{prefix}-")
    assert len(word) == 10
    assert set(word) <= set(ALPHABET)
    assert not set(ALPHABET) & set("0O1IL")


def test_thousands_of_codes_are_all_different(db):
    assert len({generated("") for _n in range(5000)}) == 5000


def test_everybody_gets_a_code_of_their_own_by_few_statements(acme, now):
    # given 50 people
    people = [person(f"p{n}@example.com") for n in range(50)]
    spring = coupon(prefix="SPRING", valid_hours=72)

    # when they get codes
    with statements() as asked:
        assert issue_codes(coupon=spring, wanted=[wanted(one) for one in people], now=now) == 50

    # then each has one, good for 72 hours, and the log says so
    rows = list(CouponCode.objects.all())
    assert len({row.code for row in rows}) == len({row.contact_id for row in rows}) == 50
    assert {(row.expires_at, row.issued_at, row.step_id) for row in rows} == {
        (now + 72 * HOUR, now, "give1")
    }
    assert all(row.code.startswith("SPRING-") for row in rows)
    events = happened("coupon.issued")
    assert {data["code"] for _contact, data in events} == {row.code for row in rows}
    assert events[0][1]["expires_at"] == (now + 72 * HOUR).isoformat()
    assert len(asked) <= 6


def test_the_same_stay_gets_one_code_however_often_it_is_done(acme, now):
    ada = person("ada@example.com")
    spring = coupon()
    one = wanted(ada)
    assert issue_codes(coupon=spring, wanted=[one], now=now) == 1
    assert issue_codes(coupon=spring, wanted=[one], now=now) == 0
    assert len(codes_of(ada)) == len(happened("coupon.issued")) == 1
    # another visit is another stay
    again = wanted(ada, visit=2, enrolment=one.enrolment_id)
    assert issue_codes(coupon=spring, wanted=[again], now=now) == 1


def test_a_code_that_exists_already_is_made_anew(acme, now, monkeypatch):
    made = iter(["TAKEN", "FRESH1", "FRESH2"])
    monkeypatch.setattr(codes, "generated", lambda prefix: next(made))
    spring = coupon()
    CouponCode.objects.create(coupon=spring, code="TAKEN", issued_at=now)
    people = [person("ada@example.com"), person("bob@example.com")]
    assert issue_codes(coupon=spring, wanted=[wanted(one) for one in people], now=now) == 2
    assert sorted(codes_of(people[0]) + codes_of(people[1])) == ["FRESH1", "FRESH2"]


def test_a_pool_gives_each_of_its_codes_once(acme, now):
    people = [person(f"p{n}@example.com") for n in range(3)]
    shop = pool("A1", "B2", "C3", "D4", expires_at=now + DAY)
    assert reserve(coupon=shop, count=3) == 3
    issue_codes(coupon=shop, wanted=[wanted(one) for one in people], now=now)
    given_out = {code for one in people for code in codes_of(one)}
    assert len(given_out) == 3
    assert given_out < {"A1", "B2", "C3", "D4"}
    assert CouponCode.objects.filter(expires_at=now + DAY, issued_at=now).count() == 3
    assert reserve(coupon=shop, count=3) == 1


def test_a_pool_used_up_gives_its_fallback_to_the_rest(acme, now):
    people = [person(f"p{n}@example.com") for n in range(3)]
    shop = pool("A1", fallback_code="EVERYBODY5")
    assert reserve(coupon=shop, count=3) == 3
    assert issue_codes(coupon=shop, wanted=[wanted(one) for one in people], now=now) == 3
    given_out = sorted(code for one in people for code in codes_of(one))
    assert given_out == ["A1", "EVERYBODY5", "EVERYBODY5"]


def test_a_promise_that_cannot_be_kept_is_no_promise(acme, now):
    shop = pool("A1")
    people = [person(f"p{n}@example.com") for n in range(2)]
    with pytest.raises(Retryable):
        issue_codes(coupon=shop, wanted=[wanted(one) for one in people], now=now)


def test_a_code_already_used_in_the_shop_is_given_to_nobody(acme, now):
    shop = pool("A1", "B2")
    CouponCode.objects.filter(code="A1").update(redeemed_at=now)
    ada = person("ada@example.com")
    issue_codes(coupon=shop, wanted=[wanted(ada)], now=now)
    assert codes_of(ada) == ["B2"]


def test_a_shared_code_is_one_for_all(acme, now):
    people = [person(f"p{n}@example.com") for n in range(2)]
    summer = coupon(codes="shared", fallback_code="SUMMER")
    issue_codes(coupon=summer, wanted=[wanted(one) for one in people], now=now)
    assert [codes_of(one) for one in people] == [["SUMMER"], ["SUMMER"]]


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        ({}, {"new", "two", "ten"}),
        ({"min_spend": 50}, {"ten"}),
        ({"min_orders": 1}, {"two", "ten"}),
        ({"max_orders": 2}, {"new", "two"}),
        ({"max_orders": 0}, {"new"}),
        ({"min_orders": 1, "max_orders": 5}, {"two"}),
        ({"is_active": False}, set()),
    ],
)
def test_the_rules_say_who_may_have_one(acme, now, rules, allowed):
    people = {name: person(f"{name}@example.com") for name in ("new", "two", "ten")}
    bought(people["two"], orders=2, spend=20)
    bought(people["ten"], orders=10, spend=100)
    found = Contact.objects.filter(may_have(coupon(**rules), now))
    assert {each.email.partition("@")[0] for each in found} == allowed


def test_no_second_code_within_the_days_of_the_rule(acme, now):
    ada, bob = person("ada@example.com"), person("bob@example.com")
    issue_codes(coupon=coupon(name="Other"), wanted=[wanted(ada)], now=now)
    spring = coupon(none_in_days=30)
    at = now + 30 * DAY
    assert set(Contact.objects.filter(may_have(spring, at - HOUR))) == {bob}
    assert set(Contact.objects.filter(may_have(spring, at))) == {ada, bob}


def test_nothing_of_an_expired_coupon_or_an_empty_pool(acme, now):
    person("ada@example.com")
    for empty in (coupon(expires_at=now), pool(), pool(expires_at=now, fallback_code="X")):
        assert not Contact.objects.filter(may_have(empty, now)).exists()
    assert Contact.objects.filter(may_have(pool(fallback_code="X"), now)).exists()
