"""Tills and shops ask about codes, use them up, and fill pools, by API."""

import pytest
from django.db import connection

from commerce.models import CouponCode
from tests.commerce.offers import coupon, happened, person, pool


@pytest.fixture
def summer(now):
    """A pool with a free code and one of Ada's."""
    made = pool("FREE1", "ADAS1", name="Summer")
    CouponCode.objects.filter(code="ADAS1").update(contact=person("ada@example.com"), issued_at=now)
    return made


def test_the_lists(api, summer):
    coupons = api.get("/coupons").json()["results"]
    assert [(one["name"], one["amount"], one["codes"]) for one in coupons] == [
        ("Summer", "10.000", "pool")
    ]
    codes = api.get(f"/coupons/{summer.pk}/codes?issued=true").json()["results"]
    assert [one["code"] for one in codes] == ["ADAS1"]
    codes = api.get(f"/coupons/{summer.pk}/codes?order_by=created_at").json()["results"]
    assert {one["code"] for one in codes} == {"FREE1", "ADAS1"}


def test_asking_changes_nothing(api, summer):
    for code, valid, reason in [
        (" adas1 ", True, ""),
        ("FREE1", False, "not_issued"),
        ("NOBODYS", False, "unknown_code"),
    ]:
        answer = api.post("/coupons/validate", {"code": code})
        assert answer.status_code == 200
        assert (answer.json()["valid"], answer.json()["reason"]) == (valid, reason)
    assert not CouponCode.objects.filter(redeemed_at__isnull=False).exists()


def test_a_code_is_used_up_once(api, summer):
    answer = api.post("/coupons/redeem", {"code": "adas1"})
    assert answer.status_code == 200
    assert answer.json()["redeemed_at"]
    assert answer.json()["coupon"]["name"] == "Summer"
    again = api.post("/coupons/redeem", {"code": "ADAS1"})
    assert (again.status_code, again.json()["code"]) == (409, "already_redeemed")
    assert len(happened("coupon.redeemed")) == 1
    unknown = api.post("/coupons/redeem", {"code": "NOBODYS"})
    assert (unknown.status_code, unknown.json()["code"]) == (409, "unknown_code")


def test_a_shared_code_asks_whose_it_is(api, now):
    ada = person("ada@example.com")
    CouponCode.objects.create(
        coupon=coupon(codes="shared", fallback_code="ALL"),
        code="ALL", is_shared=True, contact=ada, issued_at=now,
    )  # fmt: skip
    answer = api.post("/coupons/redeem", {"code": "all"})
    assert (answer.status_code, answer.json()["code"]) == (400, "contact_needed")
    assert (
        api.post("/coupons/redeem", {"code": "all", "contact_id": str(ada.pk)}).status_code == 200
    )


def test_filling_a_pool(api, summer):
    url = f"/coupons/{summer.pk}/codes"
    answer = api.post(url, {"codes": ["N1", "n1", "FREE1", "two words", "N2"]})
    assert answer.status_code == 200
    assert {k: v for k, v in answer.json().items() if k != "problems"} == {
        "added": 2, "doubled": 1, "known": 1, "refused": 1,
    }  # fmt: skip
    assert [one["index"] for one in answer.json()["problems"]] == [4]
    assert api.post(url, {"codes": []}).status_code == 400
    assert api.post(url, {"codes": [""]}).json()["code"] == "no_codes"
    answer = api.post(f"/coupons/{coupon(name='Own').pk}/codes", {"codes": ["A"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_pool")


def test_a_key_for_reading_uses_nothing_up(acme, key_of, summer):
    from tests.api.conftest import Integrator

    reader = Integrator(acme, key_of(acme, "coupons:read")[1])
    connection.set_tenant(acme)
    assert reader.get("/coupons").status_code == 200
    connection.set_tenant(acme)
    assert reader.post("/coupons/redeem", {"code": "ADAS1"}).json()["code"] == "missing_scope"


def test_globex_finds_nothing_of_acmes(globex, key_of, summer):
    from tests.api.conftest import Integrator

    other = Integrator(globex, key_of(globex)[1])
    for call in (
        lambda: other.get(f"/coupons/{summer.pk}/codes"),
        lambda: other.post(f"/coupons/{summer.pk}/codes", {"codes": ["A"]}),
    ):
        connection.set_tenant(globex)
        assert call().status_code == 404
    connection.set_tenant(globex)
    assert other.post("/coupons/redeem", {"code": "ADAS1"}).json()["code"] == "unknown_code"
