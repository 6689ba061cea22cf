"""Conformance: every registered step, entry and recipe, whoever brought it, keeps the contract."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from lucide import IconDoesNotExist
from lucide.templatetags.lucide import lucide

from campaigns.models import Template
from contacts.models import Contact
from core.discovery import import_plugins
from core.ids import uuid7
from journeys import services
from journeys.config_forms import clean_config, config_form
from journeys.contracts import (
    Branch,
    Exit,
    Next,
    Run,
    StepBatch,
    TimedEntry,
    WaitFor,
    WaitUntil,
    entries,
    recipes,
    steps,
)
from journeys.definition import new_step_id, parse, walk
from journeys.moments import Scope
from journeys.store import LiveStore

import_plugins()
STEPS = [pytest.param(each, id=each.key) for each in steps]
ENTRIES = [pytest.param(each, id=each.key) for each in entries]
TIMED = [each for each in ENTRIES if isinstance(each.values[0], TimedEntry)]
PLUGINS = [*STEPS, *ENTRIES]
FAMILIES = {"trigger", "message", "wait", "logic", "data", "exit"}


@pytest.mark.parametrize("plugin", PLUGINS)
def test_it_has_a_name_and_an_icon(plugin):
    assert str(plugin.label)
    try:
        lucide(plugin.icon)
    except IconDoesNotExist:
        pytest.fail(f"{plugin.icon} is no Lucide icon")


@pytest.mark.parametrize("plugin", PLUGINS)
def test_its_settings_survive_the_form(plugin, db):
    cleaned, errors = clean_config(plugin, plugin.example())
    if errors:
        pytest.skip("its example needs rows that this workspace does not have")
    assert clean_config(plugin, cleaned) == (cleaned, {})
    form = config_form(plugin, initial=cleaned)
    assert all(name in str(form) for name in form.fields)


@pytest.mark.parametrize("plugin", PLUGINS)
def test_it_says_its_settings_in_words(plugin, db):
    assert isinstance(plugin.summary(plugin.example()), str)
    for half_written in ({}, dict.fromkeys(plugin.form.base_fields, "x"), {"shares": 5}):
        assert isinstance(plugin.words(half_written), str)


@pytest.mark.parametrize("plugin", PLUGINS)
def test_every_setting_has_a_label_and_the_whole_a_line_of_words(plugin, db):
    fields = plugin.form.base_fields
    assert all(str(each.label or "") for each in fields.values())
    assert str(plugin.summary(plugin.example())) or not fields


@pytest.mark.parametrize("step", STEPS)
def test_a_message_may_be_too_late(step):
    assert step.family != "message" or "not_after_hours" in step.form.base_fields


@pytest.mark.parametrize("plugin", PLUGINS)
def test_its_problems_are_sentences(plugin, db):
    for problem in plugin.problems(plugin.example()):
        assert problem.code.islower()
        assert problem.message.endswith(".")


@pytest.mark.parametrize("step", STEPS)
def test_its_family_is_known_and_its_lanes_have_names(step, db):
    assert step.family in FAMILIES
    lanes = step.lanes(step.example())
    assert lanes is None or (len(lanes) > 1 and all(lanes))
    assert isinstance(step.lane_names(dict.fromkeys(step.form.base_fields, 5)), list)


@pytest.mark.parametrize("step", STEPS)
def test_it_gives_the_same_answer_twice_and_decides_only(step, acme, now):
    # given three people at the step
    people = [Contact.objects.create(email=f"p{n}@example.com") for n in range(3)]
    zone = ZoneInfo("Europe/Rome")
    batch = StepBatch(
        step_id=new_step_id(),
        config=step.example(),
        journey_id=uuid7(),
        version_id=uuid7(),
        now=now,
        timezone=zone,
        runs=[
            Run(
                enrolment_id=uuid7(),
                contact_id=each.pk,
                entered_step_at=now - timedelta(minutes=1),
                started_at=now - timedelta(hours=1),
                visit=1,
            )
            for each in people
        ],
        store=LiveStore([each.pk for each in people], zone),
    )

    # when it is asked twice
    first, second = list(step.run(batch)), list(step.run(batch))

    # then it answers for each, the same, with an outcome that exists
    assert first == second
    assert len(first) == 3
    lanes = len(step.lanes(batch.config) or ())
    for outcome in first:
        assert isinstance(outcome, (Next, Branch, WaitUntil, WaitFor, Exit))
        assert not isinstance(outcome, Branch) or 0 <= outcome.index < lanes


@pytest.mark.parametrize("entry", ENTRIES)
def test_it_names_an_event_or_none(entry, db):
    assert isinstance(entry.event_type(entry.example()), str)


@pytest.mark.parametrize("entry", TIMED)
def test_a_timed_entry_can_be_asked_and_says_when_to_ask_again(entry, acme, now):
    # given Ada, of whom nothing is known
    Contact.objects.create(email="ada@example.com")
    config, errors = clean_config(entry, entry.example())
    if errors:
        pytest.skip("its example needs rows that this workspace does not have")
    scope = Scope(
        now - timedelta(days=1), now, now - timedelta(days=9), uuid7(), ZoneInfo("Europe/Rome")
    )

    # when it is asked
    select, parameters = entry.select(config, scope)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT due.* FROM ({select}) AS due (contact_id, key, started_at, context)"
            " WHERE pg_typeof(contact_id) = 'uuid'::regtype"
            " AND pg_typeof(started_at) = 'timestamptz'::regtype"
            " AND pg_typeof(context) = 'jsonb'::regtype AND key IS NOT NULL"
            " AND started_at > %(since)s AND started_at <= %(now)s",
            parameters | scope.parameters,
        )
        # then nothing has made it her moment
        assert cursor.fetchall() == []
    again = entry.next_due(config, scope)
    assert again is None or again > now


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize("key", recipes.keys())
def test_a_recipe_is_explained_and_can_be_published_as_it_is(key, language, acme, now):
    # given a recipe with its reasons
    recipe = recipes.get(key)
    assert str(recipe.name)
    assert str(recipe.description)
    assert all(map(str, recipe.why))
    # when it is used and published at once
    journey = services.create_from_recipe(key=key, language=language, now=now)
    version = services.publish_journey(journey=journey, now=now)
    # then it runs, with steps of its own
    assert version.number == 1
    assert len({node.id for node, _place in walk(parse(journey.draft).steps)}) > 0
    # and used once more, it makes no second mail of the same kind
    templates = Template.objects.count()
    services.create_from_recipe(key=key, language=language, now=now)
    assert Template.objects.count() == templates
