"""Trees of conditions: who is in, in which words, and what is wrong with a bad one."""

from datetime import timedelta

import pytest

from contacts.consent import suppress
from contacts.models import ContactField
from contacts.segments import clean_tree, describe, matching, scope_at
from contacts.tags import add_tag
from events.services import record


def leaf(kind, **config):
    return {"kind": kind, "config": config}


VIP = leaf("tag", test="has", tag="vip")
MAILABLE = leaf("consent", state="mailable")


@pytest.fixture
def cast(contact, now):
    ContactField.objects.create(key="visits", label="Visits", type="number")
    ContactField.objects.create(key="birthday", label="Birthday", type="date")
    people = {
        "ada": contact("ada@example.com", first_name="Ada", email_consent="subscribed"),
        "bo": contact(
            "bo@example.com",
            first_name="Bo",
            email_consent="subscribed",
            fields={"visits": 10, "birthday": "1990-05-01"},
        ),
        "cy": contact("cy@example.org", fields={"visits": 9}, created_at=now - timedelta(days=40)),
    }
    suppress(addresses=["bo@example.com"], reason="bounced", now=now)
    add_tag(contact_ids=[people["ada"].pk, people["cy"].pk], name="VIP", now=now)
    for days in (1, 5, 40):
        record(
            type="order.placed",
            contact_id=people["ada"].pk,
            occurred_at=now - timedelta(days=days),
            now=now,
            data={"channel": "shop" if days == 5 else "site"},
        )
    return people


def order(test="did", **more):
    return leaf("happened", test=test, event="order.placed", **more)


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({}, "ada bo cy"),
        ({"all": []}, "ada bo cy"),
        ({"any": []}, ""),
        (VIP, "ada cy"),
        (leaf("tag", test="has_not", tag="VIP"), "bo"),
        (MAILABLE, "ada"),
        (leaf("consent", state="not_mailable"), "bo cy"),
        ({"all": [VIP, MAILABLE]}, "ada"),
        ({"any": [VIP, leaf("consent", state="subscribed")]}, "ada bo cy"),
        ({"any": [VIP, {}]}, "ada bo cy"),
        ({"not": VIP}, "bo"),
        ({"not": {}}, ""),
        ({"not": {"any": [VIP, MAILABLE]}}, "bo"),
        (leaf("profile", field="email", test="ends", value="EXAMPLE.org"), "cy"),
        (leaf("profile", field="first_name", test="is", value="ada"), "ada"),
        (leaf("profile", field="first_name", test="is_not", value="ada"), "bo cy"),
        (leaf("profile", field="first_name", test="empty"), "cy"),
        # numbers compare as numbers: 9 is less than 10
        (leaf("custom_field", field="visits", test="at_least", value=10), "bo"),
        (leaf("custom_field", field="visits", test="at_most", value=9), "cy"),
        (leaf("custom_field", field="visits", test="is_not", value=9), "ada bo"),
        (leaf("custom_field", field="birthday", test="at_most", value="1990-05-01"), "bo"),
        (leaf("custom_field", field="visits", test="empty"), "ada"),
        (order(), "ada"),
        (order("did_not"), "bo cy"),
        (order(times=3), "ada"),
        (order(times=4), ""),
        (order(times=3, days=30), ""),
        (order(times=2, days=30), "ada"),
        (order(property="channel", value="shop"), "ada"),
        (order(property="channel", value="phone"), ""),
        (leaf("created", test="within", days=30), "ada bo"),
        (leaf("created", test="before", days=30), "cy"),
    ],
)
def test_who_is_in(cast, now, tree, expected):
    ids = [person.pk for person in cast.values()]
    found = matching(ids, tree, scope_at(now))
    assert {name for name, person in cast.items() if person.pk in found} == set(expected.split())


def test_only_what_had_happened_by_then_counts(cast, now):
    tree = order(property="channel", value="shop")
    earlier = scope_at(now - timedelta(days=6))
    assert matching([cast["ada"].pk], tree, earlier) == set()


def test_words(cast):
    tree = {"all": [VIP, {"any": [MAILABLE, order("did_not", days=30)]}]}
    assert describe(tree) == (
        "People with the tag “vip” and (who may be emailed or without “Ordered”"
        " in the last 30 days)"
    )
    assert describe({}) == "Everybody"
    assert describe({"not": VIP}) == "People except those with the tag “vip”"


@pytest.mark.parametrize(
    ("tree", "code"),
    [
        ([], "bad_segment"),
        ("everybody", "bad_segment"),
        ({"all": ["x"]}, "bad_segment"),
        ({"kind": "astrology"}, "unknown_condition"),
        ({"kind": ["tag"]}, "unknown_condition"),
        ({"any": "x"}, "unknown_condition"),
        (leaf("tag", test="has"), "bad_condition"),
        (leaf("created", test="within", days="soon"), "bad_condition"),
        (leaf("custom_field", field="shoe", test="empty"), "bad_condition"),
        ({"all": [VIP] * 61}, "too_many_conditions"),
    ],
)
def test_a_bad_tree_is_told_in_words(cast, tree, code):
    _tree, problems = clean_tree(tree)
    assert problems[0].code == code
    assert problems[0].message


def test_a_tree_too_deep_is_refused(cast):
    tree = VIP
    for _level in range(200):
        tree = {"not": tree}
    assert clean_tree(tree)[1][0].code == "rule_too_complex"


def test_a_tree_too_broad_is_not_even_read(cast):
    tree = {"any": [{"all": [VIP] * 300}, {"all": [VIP] * 300}]}
    assert [each.code for each in clean_tree(tree)[1]] == ["too_many_conditions"]


def test_a_good_tree_comes_back_clean(cast):
    tree = {"all": [leaf("created", test="within", days="7", junk="x"), VIP]}
    assert clean_tree(tree) == ({"all": [leaf("created", test="within", days=7), VIP]}, [])
    number = leaf("custom_field", field="visits", test="at_least", value="10")
    assert clean_tree(number)[0]["config"]["value"] == 10
