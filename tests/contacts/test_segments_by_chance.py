"""Random trees over a small population: the query and a judge in plain Python agree."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import Contact, Segment, Suppression
from contacts.segments import clean_tree, in_segment, matching, scope_at
from contacts.tags import add_tag

KINDS = {
    "vip": {"kind": "tag", "config": {"test": "has", "tag": "vip"}},
    "new": {"kind": "created", "config": {"test": "within", "days": 7}},
    "ada": {"kind": "profile", "config": {"field": "first_name", "test": "is", "value": "Ada"}},
    "mailable": {"kind": "consent", "config": {"state": "mailable"}},
}


@pytest.fixture
def population(contact, now):
    """Sixteen people: every combination of four facts."""
    found = {}
    for number in range(16):
        true = {name for place, name in enumerate(KINDS) if number >> place & 1}
        person = contact(
            f"p{number}@example.com",
            first_name="Ada" if "ada" in true else "Bo",
            email_consent="subscribed",
            created_at=now - timedelta(days=1 if "new" in true else 30),
        )
        if "vip" in true:
            add_tag(contact_ids=[person.pk], name="VIP", now=now)
        if "mailable" not in true:
            Suppression.objects.create(value=person.email, reason="manual")
        found[person.pk] = true
    segment = Segment.objects.create(name="VIPs", tree=KINDS["vip"])
    leaf = {"kind": "in_segment", "config": {"segment": str(segment.pk)}}
    return found, KINDS | {"in vips": leaf}


def shapes(names):
    """Trees of names; {} is everybody, and groups may be empty."""
    return st.recursive(
        st.sampled_from(names) | st.just({}),
        lambda inner: (
            st.builds(lambda parts: {"all": parts}, st.lists(inner, max_size=3))
            | st.builds(lambda parts: {"any": parts}, st.lists(inner, max_size=3))
            | st.builds(lambda tree: {"not": tree}, inner)
        ),
        max_leaves=7,
    )


def written(shape, kinds):
    if isinstance(shape, str):
        return kinds[shape]
    if "not" in shape:
        return {"not": written(shape["not"], kinds)}
    return {join: [written(each, kinds) for each in parts] for join, parts in shape.items()}


def judged(shape, true):
    if isinstance(shape, str):
        return {"in vips": "vip"}.get(shape, shape) in true
    if "all" in shape:
        return all(judged(each, true) for each in shape["all"])
    if "any" in shape:
        return any(judged(each, true) for each in shape["any"])
    if "not" in shape:
        return not judged(shape["not"], true)
    return True


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(shape=shapes([*KINDS, "in vips"]))
def test_a_tree_holds_for_those_it_should(population, now, shape):
    people, kinds = population
    tree, problems = clean_tree(written(shape, kinds))
    if problems:
        assert {each.code for each in problems} == {"rule_too_complex"}
        return
    scope = scope_at(now)
    expected = {pk for pk, true in people.items() if judged(shape, true)}
    assert set(in_segment(tree, scope).values_list("pk", flat=True)) == expected
    assert matching(list(people), tree, scope) == expected
    assert Contact.objects.count() == len(people)
