"""`coupon` in a mail: the run's code that still works, told in the mail's language."""

from uuid import UUID

import pytest

from commerce.coupons.codes import Wanted, issue_codes
from commerce.merge_fields.coupon import sample, values
from contacts.contracts import MergeRequest
from contacts.models import Contact
from contacts.segments import matching, scope_at
from core.ids import uuid7
from tests.commerce.offers import DAY, HOUR, codes_of, coupon, person, statements


def give(chosen, contact, at, enrolment=None):
    one = Wanted(contact.pk, enrolment or uuid7(), UUID(int=7), "give1", 1)
    issue_codes(coupon=chosen, wanted=[one], now=at)
    return codes_of(contact)[-1]


def told(contact, now, **request):
    [value] = values([MergeRequest(contact.pk if contact else None, **request)], now)
    return value


def test_the_runs_own_code_goes_before_a_newer_one(acme, now):
    # given Ada's code of this run, and a newer one of another
    ada, bob = person("ada@example.com"), person("bob@example.com")
    run = uuid7()
    own = give(coupon(), ada, now, run)
    newer = give(coupon(name="Other"), ada, now + HOUR)

    requests = [
        MergeRequest(ada.pk, run), MergeRequest(ada.pk, uuid7()), MergeRequest(bob.pk),
        MergeRequest(None),
    ]  # fmt: skip
    with statements() as asked:
        found = values(requests, now + 2 * HOUR)
    assert len(asked) == 1

    assert [one and one["code"] for one in found] == [own, newer, None, None]


@pytest.mark.parametrize(
    ("kind", "language", "text"),
    [
        ({"amount": 10}, "en", "10% off"),
        ({"amount": "12.5"}, "en", "12.5% off"),
        ({"kind": "amount", "amount": 5, "currency": "EUR"}, "en", "€5.00 off"),
        ({"kind": "shipping"}, "en", "Free shipping"),
    ],
)
def test_what_it_gives_in_words(acme, now, kind, language, text):
    ada = person("ada@example.com")
    give(coupon(**kind), ada, now)
    assert told(ada, now, language=language)["value_text"] == text


def test_until_when_where_the_workspace_is(acme, now):
    from zoneinfo import ZoneInfo

    ada = person("ada@example.com")
    give(coupon(valid_hours=72), ada, now)
    found = told(ada, now, language="it")
    assert found["expires_at"] == (now + 72 * HOUR).isoformat()
    local = (now + 72 * HOUR).astimezone(ZoneInfo(acme.timezone))
    assert found["expires_text"] == f"23 Novembre 2026, {local:%H:%M}"


def test_a_code_that_does_not_work_any_more_is_not_shown(acme, now):
    ada = person("ada@example.com")
    give(coupon(valid_hours=24), ada, now)
    assert told(ada, now + DAY - HOUR)
    assert told(ada, now + DAY) is None
    give(coupon(), ada, now)
    ada.coupon_codes.update(redeemed_at=now)
    assert told(ada, now + HOUR) is None


def test_a_preview_shows_a_code_nobody_can_redeem(acme, now):
    from commerce.coupons.redeeming import find_code

    assert sample()["code"] == "EXAMPLE10"
    coupon(prefix="SPRING")
    assert sample()["code"].startswith("SPRING-")
    assert sample()["value_text"] == "10% off"
    assert find_code(code=sample()["code"], contact_id=None) is None


def test_the_conditions_about_codes(acme, now):
    ada, bob = person("ada@example.com"), person("bob@example.com")
    spring = coupon(valid_hours=48)
    give(spring, ada, now)
    everybody = list(Contact.objects.values_list("pk", flat=True))

    def who(kind, at, **config):
        return matching(everybody, {"kind": kind, "config": config}, scope_at(at))

    assert who("coupon_had", now + DAY, within_days=30) == {ada.pk}
    assert who("coupon_had", now + 30 * DAY, within_days=30) == set()
    assert who("coupon_had", now + DAY, within_days=30, test="had_not") == {bob.pk}
    assert who("coupon_unused", now + DAY, test="holds") == {ada.pk}
    assert who("coupon_unused", now + 2 * DAY, test="holds") == set()
    assert who("coupon_unused", now, test="holds", coupon=str(coupon().pk)) == set()
    ada.coupon_codes.update(redeemed_at=now + HOUR)
    assert who("coupon_unused", now, test="holds") == {ada.pk}
    assert who("coupon_unused", now + DAY, test="holds_none") == {ada.pk, bob.pk}
    assert who("may_have_coupon", now, coupon=str(spring.pk)) == {ada.pk, bob.pk}
