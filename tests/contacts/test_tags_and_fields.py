"""Tags and fields set for many at once; values by type."""

import pytest

from contacts import fields
from contacts.fields import ValueRefused, parse_date, parse_number, set_field
from contacts.models import ContactField, Tag
from contacts.tags import add_tag, remove_tag, tags_of
from core.errors import Invalid


def test_a_tag_is_added_once_and_told_once(contact, now, events_of):
    ada, bo = contact("ada@example.com"), contact("bo@example.com")
    assert add_tag(contact_ids=[ada.pk], name=" VIP ", now=now) == {ada.pk}
    # "vip" is the same tag, in the spelling that was first
    assert add_tag(contact_ids=[ada.pk, bo.pk], name="vip", now=now, source="api") == {bo.pk}
    assert tags_of([ada.pk, bo.pk]) == {ada.pk: ["VIP"], bo.pk: ["VIP"]}
    assert Tag.objects.count() == 1
    assert remove_tag(contact_ids=[ada.pk, bo.pk], name="Vip", now=now) == {ada.pk, bo.pk}
    assert remove_tag(contact_ids=[ada.pk], name="VIP", now=now) == set()
    assert events_of(ada) == [
        ("contact.tagged", {"tag": "VIP", "source": "manual"}),
        ("contact.untagged", {"tag": "VIP", "source": "manual"}),
    ]


@pytest.mark.parametrize("name", ["", "  \x00 ", "x" * 61])
def test_a_bad_tag_is_refused(contact, now, name):
    with pytest.raises(Invalid) as refused:
        add_tag(contact_ids=[contact("a@example.com").pk], name=name, now=now)
    assert refused.value.code == "bad_tag"
    assert not Tag.objects.exists()


def test_a_field_is_set_for_many_and_only_changes_are_told(contact, now, events_of):
    ContactField.objects.create(key="birthday", label="Birthday", type="date")
    ada = contact("ada@example.com", fields={"birthday": "1990-02-09", "loaf": "rye"})
    bo = contact("bo@example.com")
    changed = set_field(
        contact_ids=[ada.pk, bo.pk], key="birthday", value="1990-02-09", now=now, source="journey"
    )
    assert changed == {bo.pk}
    bo.refresh_from_db()
    assert bo.fields == {"birthday": "1990-02-09"}
    assert events_of(bo) == [
        ("field.changed", {"field": "birthday", "value": "1990-02-09", "source": "journey"})
    ]
    assert events_of(ada) == []
    assert set_field(contact_ids=[ada.pk, bo.pk], key="birthday", value="", now=now) == {
        ada.pk,
        bo.pk,
    }
    ada.refresh_from_db()
    assert ada.fields == {"loaf": "rye"}


def test_profile_fields_are_set_the_same_way(contact, now):
    ada = contact("ada@example.com")
    assert set_field(contact_ids=[ada.pk], key="language", value="IT", now=now) == {ada.pk}
    ada.refresh_from_db()
    assert ada.language == "it"


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("birthday", "31/02/2026", "bad_date"),
        ("visits", "lots", "bad_number"),
        ("vip", "perhaps", "bad_boolean"),
        ("size", "XL", "bad_choice"),
        ("loaf", "x" * 2001, "field_too_long"),
        ("shoe", "41", "unknown_field"),
        ("timezone", "../etc/passwd", "bad_timezone"),
        ("language", "klingon!", "bad_language"),
        ("phone", "call me", "bad_phone"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(contact, now, key, value, code):
    kinds = {"birthday": "date", "visits": "number", "vip": "boolean", "loaf": "text"}
    for name, kind in kinds.items():
        ContactField.objects.create(key=name, label=name, type=kind)
    ContactField.objects.create(key="size", label="Size", type="choice", choices=["S", "M"])
    ada = contact("ada@example.com")
    with pytest.raises(Invalid) as refused:
        set_field(contact_ids=[ada.pk], key=key, value=value, now=now)
    assert refused.value.code == code
    ada.refresh_from_db()
    assert (ada.fields, ada.phone, ada.language, ada.timezone) == ({}, "", "", "")


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2026-04-03", "dmy", "2026-04-03"),
        ("03/04/2026", "dmy", "2026-04-03"),
        ("03/04/2026", "mdy", "2026-03-04"),
        ("3.4.2026", "dmy", "2026-04-03"),
        ("2026-04-03T10:00:00Z", "ymd", "2026-04-03"),
        ("2026-04-03 10:00:00", "mdy", "2026-04-03"),
    ],
)
def test_days_are_read_in_the_order_told(text, order, day):
    assert parse_date(text, order=order) == day


@pytest.mark.parametrize("text", ["31/02/2026", "2026-13-01", "0000-00-00", "yesterday", "3/4/26"])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(ValueRefused) as refused:
        parse_date(text, order="dmy")
    assert refused.value.code == "bad_date"
    assert text in refused.value.message


@pytest.mark.parametrize(
    ("text", "number"), [("12", 12), ("12.5", 12.5), ("12,50", 12.5), ("-3", -3), (7.0, 7)]
)
def test_numbers(text, number):
    assert parse_number(text) == number


@pytest.mark.parametrize("text", ["1,234", "1.234,5", "NaN", "1e400", "", "9" * 30, True])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueRefused):
        parse_number(text)


def test_keys_come_from_labels():
    assert fields.field_key("Favourite loaf!") == "favourite_loaf"
    assert fields.field_key("?") == "field"
