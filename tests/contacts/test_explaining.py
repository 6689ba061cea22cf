"""Trees told condition by condition: the words, and that the verdict is the segment's own."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings

from contacts.contracts import conditions
from contacts.explaining import Asked, Finding, explain
from contacts.models import Contact
from contacts.naming import names_read_once
from contacts.segments import clean_config, matching, scope_at
from contacts.tags import add_tag
from events.services import record
from tests.contacts import test_condition_conformance, test_segments_by_chance

people = test_condition_conformance.people
population = test_segments_by_chance.population
NAMES = [*test_segments_by_chance.KINDS, "in vips"]
VIP = {"kind": "tag", "config": {"test": "has", "tag": "vip"}}
CLICKED = {"kind": "happened", "config": {"test": "did", "event": "door.opened"}}


@pytest.fixture
def ada(contact, now):
    person = contact("ada@example.com", first_name="Ada")
    add_tag(contact_ids=[person.pk], name="vip", now=now)
    return person


def test_each_condition_has_its_own_answer_in_the_shape_of_the_tree(ada, now):
    # given somebody with the tag who did nothing
    tree = {"all": [VIP, {"any": [CLICKED, {"not": VIP}]}]}
    # when the tree is explained
    [found] = explain([Asked(tree, scope_at(now))], ada.pk)
    # then
    vip = Finding(True, "with the tag “vip”")
    opened = Finding(False, "with “door.opened”")
    either = Finding(False, join="any", parts=(opened, Finding(False, join="none", parts=(vip,))))
    assert found == Finding(False, join="all", parts=(vip, either))
    assert list(found.leaves()) == [vip, opened, vip]


def test_a_condition_is_asked_about_its_own_moment(ada, now):
    # given an event of yesterday
    day = timedelta(days=1)
    record(type="door.opened", contact_id=ada.pk, now=now, occurred_at=now - day)
    # when it is asked about the time before it, and about now
    moments = [now - 2 * day, now]
    found = explain([Asked(CLICKED, scope_at(at)) for at in moments], ada.pk)
    # then
    assert [each.holds for each in found] == [False, True]


def test_all_conditions_of_all_trees_take_one_statement(ada, now):
    tree = {"all": [VIP, CLICKED, {"not": CLICKED}]}
    questions = [Asked(tree, scope_at(now - timedelta(hours=each))) for each in range(10)]
    with CaptureQueriesContext(connection) as queries:
        assert len(explain(questions, ada.pk)) == 10
    assert len([each for each in queries if not each["sql"].startswith("SET ")]) == 1


def test_an_empty_tree_is_everybody_and_an_unknown_condition_nobody(ada, now):
    unknown = {"kind": "moon_phase", "config": {}}
    trees = [{}, {"all": []}, {"any": []}, {"not": {}}, unknown]
    found = explain([Asked(tree, scope_at(now)) for tree in trees], ada.pk)
    assert [each.holds for each in found] == [True, True, False, False, False]
    assert found[0].words == "everybody"
    assert found[4].words == "with a condition that is not available any more"


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(shape=test_segments_by_chance.shapes(NAMES))
def test_the_verdict_is_the_segments_own(population, now, shape):
    everybody, kinds = population
    tree = test_segments_by_chance.written(shape, kinds)
    scope = scope_at(now)
    inside = matching(list(everybody), tree, scope)
    # Four of the sixteen, one of each kind of difference.
    for person in list(everybody)[::5]:
        [found] = explain([Asked(tree, scope)], person)
        assert found.holds == (person in inside)


@pytest.mark.parametrize("key", conditions.keys())
def test_every_condition_is_explained_as_it_is_asked(key, people, now):
    """One statement a person for all settings that its form can produce."""
    condition, scope = conditions.get(key), scope_at(now)
    cleaned = [clean_config(key, each) for each in test_condition_conformance.configs_of(condition)]
    trees = [{"kind": key, "config": config} for config, problems in cleaned if not problems]
    members = [matching(people, tree, scope) for tree in trees]
    with names_read_once():
        for person in people:
            found = explain([Asked(tree, scope) for tree in trees], person)
            assert [each.holds for each in found] == [person in inside for inside in members]
            assert all(each.words for each in found)


def test_another_workspaces_person_is_in_nothing(ada, globex, now):
    from django_tenants.utils import schema_context

    with schema_context(globex.schema_name):
        assert not Contact.objects.filter(pk=ada.pk).exists()
        [found] = explain([Asked(VIP, scope_at(now))], ada.pk)
    assert not found.holds
