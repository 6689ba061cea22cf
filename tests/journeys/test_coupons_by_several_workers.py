"""Several workers hand out the last codes of a pool: together they give each code once."""

from uuid import UUID

from django.db import transaction

from commerce.coupons.codes import Wanted, issue_codes, reserve
from commerce.models import CouponCode
from contacts.models import Contact
from core.ids import uuid7
from tests.commerce.offers import pool
from tests.journeys.test_several_workers import in_parallel


def wanted(contact):
    return Wanted(contact.pk, uuid7(), UUID(int=7), "give1", 1)


def test_two_workers_never_give_the_same_code(committed, now):
    # given a pool of 60, and two workers with 40 people each
    shop = pool(*[f"CODE{n:02}" for n in range(60)])
    people = Contact.objects.bulk_create(Contact(email=f"p{n}@example.com") for n in range(80))
    halves = [people[:40], people[40:]]

    # when both give codes at once
    def work():
        mine = halves.pop()
        with transaction.atomic():
            held = reserve(coupon=shop, count=len(mine))
            return issue_codes(coupon=shop, wanted=[wanted(one) for one in mine[:held]], now=now)

    given_out = in_parallel(committed, work)

    # then together they gave what there was, each code once
    assert sum(given_out) == 60
    given_codes = CouponCode.objects.filter(contact__isnull=False)
    assert given_codes.count() == 60
    assert given_codes.values("contact").distinct().count() == 60
