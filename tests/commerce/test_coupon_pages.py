"""An owner makes coupons, fills pools, and sees what became of every code."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import connection

from commerce.attention.short_pools import _words as words
from commerce.attention.short_pools import short_pools
from commerce.coupons.figures import STATES, figures_of
from commerce.coupons.pools import add_codes, lines_of
from commerce.coupons.redeeming import Used, redeem_codes
from commerce.coupons.words import share_text
from commerce.models import Coupon, CouponCode
from core.errors import Invalid
from tests.commerce.offers import DAY, HOUR, coupon, order, person, pool, product, statements

SPRING = {
    "name": "Spring", "kind": "percent", "amount": "10", "codes": "generated", "prefix": "spring",
}  # fmt: skip


def added(made, text, now):
    return add_codes(coupon=made, lines=text.splitlines(), now=now)


def test_a_coupon_is_made_and_changed(acme_client, acme):
    answer = acme_client.post("/coupons/new/", {**SPRING, "expires_on": "2026-12-24"})
    assert answer.status_code == 302, answer.context["form"].errors
    made = Coupon.objects.get()
    assert answer.headers["Location"] == f"/coupons/{made.pk}/"
    assert (made.prefix, made.amount, made.min_orders) == ("SPRING", Decimal(10), None)
    # the last day ends at midnight in Rome
    acme.refresh_from_db()
    from zoneinfo import ZoneInfo

    local = datetime(2026, 12, 25, tzinfo=ZoneInfo(acme.timezone))
    assert made.expires_at == local.astimezone(UTC)
    page = acme_client.get(f"/coupons/{made.pk}/edit/").content.decode()
    assert 'value="2026-12-24"' in page

    acme_client.post(f"/coupons/{made.pk}/edit/", {**SPRING, "max_orders": "0", "amount": "15"})
    made.refresh_from_db()
    assert (made.max_orders, made.amount, made.expires_at) == (0, Decimal(15), None)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"amount": "0"}, "amount"),
        ({"amount": ""}, "amount"),
        ({"amount": "101"}, "amount"),
        ({"amount": "1e99"}, "amount"),
        ({"kind": "gold"}, "kind"),
        ({"codes": "shared"}, "fallback_code"),
        ({"prefix": "TWO WORDS"}, "prefix"),
        ({"prefix": "=1+1"}, "prefix"),
        ({"min_orders": "3", "max_orders": "2"}, "max_orders"),
        ({"valid_hours": "-1"}, "valid_hours"),
        ({"expires_on": "31/31/2026"}, "expires_on"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(acme_client, changed, field):
    answer = acme_client.post("/coupons/new/", {**SPRING, **changed})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Coupon.objects.exists()


def test_codes_stay_where_they_come_from(acme_client):
    made = pool("A1")
    acme_client.post(f"/coupons/{made.pk}/edit/", SPRING)
    made.refresh_from_db()
    assert (made.codes, made.name) == ("pool", "Spring")


def test_a_list_of_codes_is_read_line_by_line(acme, now):
    # given a list with a heading, blanks, doubles, known and bad ones
    made = pool("KNOWN")
    pool("ELSEWHERE", name="Other")
    text = "Code;Value\na1;10\n\n  b2  \nA1\nknown\nelsewhere\n" + "x" * 61 + "\ntwo words\ncòdice"

    result = added(made, text, now)

    assert (result.added, result.doubled, result.known, result.refused) == (2, 1, 2, 3)
    assert [(each.index, each.code) for each in result.problems] == [
        (8, "code_too_long"), (9, "bad_code"), (10, "bad_code"),
    ]  # fmt: skip
    free = CouponCode.objects.filter(coupon=made).values_list("code", flat=True)
    assert set(free) == {"KNOWN", "A1", "B2"}
    # the same list again adds nothing
    assert added(made, text, now).added == 0


@pytest.mark.parametrize("text", ["", "\n\n", "code\n"])
def test_an_empty_list_is_refused(acme, now, text):
    with pytest.raises(Invalid) as refusal:
        added(pool(), text, now)
    assert refusal.value.code == "no_codes"


def test_too_many_at_once_are_refused_and_none_is_added(acme, now, monkeypatch):
    from commerce.coupons import pools

    monkeypatch.setattr(pools, "CODES_MAX", 2)
    with pytest.raises(Invalid) as refusal:
        added(pool(), "A1\nB2\nC3", now)
    assert refusal.value.code == "too_many_codes"
    assert not CouponCode.objects.exists()


def test_a_hundred_thousand_codes_are_one_statement(acme, now):
    lines = [f"CODE{number:06}" for number in range(100_000)]
    made = pool()
    with statements() as asked:
        assert add_codes(coupon=made, lines=lines, now=now).added == 100_000
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        ("\ufeffA1\r\nB2\r\n".encode(), ["A1", "B2"]),
        ("code\nA1".encode("utf-16"), ["code", "A1"]),
    ],
)
def test_files_of_any_origin(content, codes):
    assert list(lines_of(BytesIO(content))) == codes


def test_a_spreadsheet_is_no_list(acme_client):
    made = pool()
    file = BytesIO(b"PK\x03\x04xxxx")
    file.name = "codes.xlsx"
    answer = acme_client.post(f"/coupons/{made.pk}/add-codes/", {"file": file})
    assert answer.status_code == 422
    assert "Save as CSV first" in answer.content.decode()


def test_pasting_codes(acme_client):
    made = pool()
    url = f"/coupons/{made.pk}/add-codes/"
    page = acme_client.post(url, {"pasted": "A1\nB2\nA1\ntwo words"}).content.decode()
    assert "2 codes were added. 1 was there twice." in page
    assert "Line 4: only letters, digits and signs" in page
    assert acme_client.post(url, {"pasted": " "}).status_code == 422
    # only a pool has a list
    assert acme_client.get(f"/coupons/{coupon().pk}/add-codes/").status_code == 404


@pytest.fixture
def used_up(now):
    """Three handed out: one used in an order of 20, one expired, one still good; one left."""
    made = pool("A1", "B2", "C3", "D4")
    at = datetime.now(UTC)
    people = [person(f"p{n}@example.com", first_name=f"P{n}") for n in range(3)]
    for code, one, ends in zip("ABC", people, (None, at - HOUR, at + DAY), strict=True):
        CouponCode.objects.filter(code__startswith=code).update(
            contact=one, issued_at=at - DAY, expires_at=ends
        )
    bought = order(people[0], now, product("a"), product("b"), number="77")
    redeem_codes(used=[Used("A1", at, people[0].pk, bought.pk)], now=at)
    return made


def test_each_number_opens_its_list(acme_client, used_up):
    figures = figures_of([used_up.pk], now=datetime.now(UTC))[used_up.pk]
    shown = {state: getattr(figures, state) for state in STATES}
    assert shown == {"issued": 3, "redeemed": 1, "open": 1, "expired": 1, "free": 1}
    assert (figures.revenue, figures.rate) == (Decimal(20), 1 / 3)
    for state, count in shown.items():
        page = acme_client.get(f"/coupons/{used_up.pk}/?state={state}")
        assert len(page.context["codes"]) == count
    page = acme_client.get(f"/coupons/{used_up.pk}/?state=redeemed").content.decode()
    assert "order 77" in page
    assert "33.3%" in page
    assert share_text(2 / 7) == "28.6%"


def test_an_order_called_off_earns_nothing(acme, used_up):
    from commerce.models import Order

    Order.objects.update(status="refunded")
    assert figures_of([used_up.pk], now=datetime.now(UTC))[used_up.pk].revenue == 0


def test_searching_and_paging(acme_client, used_up, monkeypatch):
    from commerce.views import coupons as views

    url = f"/coupons/{used_up.pk}/"
    assert [each.code for each in acme_client.get(url, {"q": "b2"}).context["codes"]] == ["B2"]
    found = acme_client.get(url, {"q": "P2@example.com"}).context["codes"]
    assert [each.code for each in found] == ["C3"]
    assert list(acme_client.get(url, {"q": "nothing\x00"}).context["codes"]) == []
    monkeypatch.setattr(views, "PAGE", 2)
    first = acme_client.get(url)
    second = acme_client.get(url + first.context["next_url"])
    codes = [each.code for page in (first, second) for each in page.context["codes"]]
    assert sorted(codes) == ["A1", "B2", "C3"]
    assert second.context["next_url"] == ""
    for nonsense in ("?page=0", "?page=x", "?page=99999999", "?state=gold"):
        assert acme_client.get(url + nonsense).status_code == 200


def test_the_pages_ask_few_queries(acme_client, used_up):
    for number in range(5):
        pool(f"X{number}", name=f"More {number}")
    for url in ("/coupons/", f"/coupons/{used_up.pk}/"):
        with statements() as asked:
            assert acme_client.get(url).status_code == 200
        assert len(asked) <= 12, asked


def test_the_file_for_the_shop(acme_client, used_up):
    CouponCode.objects.filter(code="D4").update(code="=D4")
    answer = acme_client.get(f"/coupons/{used_up.pk}/codes.csv?state=free")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines == ["code,email,issued_at,expires_at,redeemed_at", "'=D4,,,,"]


def test_stopping_and_starting(acme_client):
    made = coupon()
    for sent, is_active in (("0", False), ("1", True)):
        acme_client.post(f"/coupons/{made.pk}/switch/", {"on": sent})
        made.refresh_from_db()
        assert made.is_active is is_active


def test_a_list_nearly_used_up_asks_for_attention(acme, now):
    pool(*[f"X{n}" for n in range(20)], name="Full")
    pool(name="Stopped", is_active=False)
    pool(name="Over", expires_at=now - HOUR)
    assert not short_pools(now).exists()
    pool("A1", "B2", name="Short")
    assert [each.name for each in short_pools(now)] == ["Short"]
    assert words(1)[0] == "“Short” has 2 codes left"
    assert words(3)[0] == "3 coupons run out of codes"


def test_globex_sees_no_coupon_of_acme(globex_client, acme, globex, used_up):
    for path in ("", "edit/", "add-codes/", "codes.csv"):
        assert globex_client.get(f"/coupons/{used_up.pk}/{path}").status_code == 404
    assert globex_client.post(f"/coupons/{used_up.pk}/switch/", {"on": "0"}).status_code == 404
    assert "Spring" not in globex_client.get("/coupons/").content.decode()
    connection.set_tenant(acme)
    used_up.refresh_from_db()
    assert used_up.is_active


def test_a_page_without_coupons_says_what_they_are_for(acme_client):
    page = acme_client.get("/coupons/").content.decode()
    assert "No coupons yet" in page
    assert re.search(r"<h1>Coupons</h1>", page)
