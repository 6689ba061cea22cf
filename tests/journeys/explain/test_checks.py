"""What entries look at in an event, one by one: the words, and that they agree with `matches`."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.naming import names_read_once
from core.discovery import import_plugins
from events.models import Event
from journeys.contracts import Check, Entry, entries

import_plugins()
ENTRIES = [pytest.param(each, id=each.key) for each in entries]
TOTAL = {"event": "order.placed", "property": "total", "operator": "at_least", "value": "50"}
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 90),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from(["50", "vip", "VIP", "import", "s1", "1e999999", "", "x" * 300]),
    st.just(["a"]),
)
DATA = st.dictionaries(
    st.sampled_from(
        [
            "total",
            "value",
            "tag",
            "source",
            "historical",
            "survey_id",
            "score",
            "field",
            "form",
            "url",
            "machine",
        ]
    ),
    VALUES,
) | st.fixed_dictionaries(
    {"lines": st.just([{"category_ids": ["c1"]}]), "value": VALUES, "historical": st.booleans()}
)
CONFIGS = {
    "event_received": st.fixed_dictionaries(
        {
            "event": st.just("order.placed"),
            "property": st.sampled_from(["", "total", "total.net", "historical"]),
            "operator": st.sampled_from(
                ["is", "is_not", "contains", "at_least", "less_than", "exists"]
            ),
            "value": st.sampled_from(["", "50", "vip", "true", "none"]),
        }
    ),
    "tag_added": st.fixed_dictionaries({"tag": st.sampled_from(["vip", "Vip", ""])}),
    "tag_removed": st.fixed_dictionaries({"tag": st.sampled_from(["vip", "Vip", ""])}),
    "field_changed": st.fixed_dictionaries(
        {"field": st.sampled_from(["total", ""]), "value": st.sampled_from(["50", "", "true"])}
    ),
    "form_submitted": st.fixed_dictionaries({"form": st.sampled_from(["s1", ""])}),
    "link_clicked": st.fixed_dictionaries({"contains": st.sampled_from(["VIP", ""])}),
    "page_viewed": st.fixed_dictionaries({"contains": st.sampled_from(["vip", ""])}),
    "consent_confirmed": st.just({}),
    "survey_answered": st.fixed_dictionaries(
        {"survey": st.sampled_from(["s1", ""])}, optional={"at_most": st.integers(0, 10)}
    ),
    "order_status": st.fixed_dictionaries(
        {"status": st.just("placed"), "min_value": st.sampled_from([None, "0", "50"])},
        optional={"category": st.just("c1")},
    ),
}


def event(data, type="order.placed"):
    return Event(type=type, data=data)


def test_a_filter_says_what_it_wanted_and_what_the_event_had():
    entry = entries.get("event_received")
    assert entry.checks(TOTAL, event({"total": 42})) == [
        Check("it is news, not history", True),
        Check("total is at least “50”", False, "it was “42”"),
    ]


def test_what_is_missing_is_said_to_be_missing():
    checks = entries.get("event_received").checks(TOTAL, event({"historical": True}))
    assert checks == [
        Check("it is news, not history", False, "it is history"),
        Check("total is at least “50”", False, "it has no “total”"),
    ]


def test_the_tag_that_was_added_is_named():
    checks = entries.get("tag_added").checks({"tag": "vip"}, event({"tag": "guest"}))
    assert checks == [Check("the tag is “vip”", False, "it was “guest”")]


def test_an_import_is_no_consent_of_their_own():
    checks = entries.get("consent_confirmed").checks({}, event({"source": "import"}))
    assert checks == [Check("they subscribed by themselves", False, "it came from an import")]


def test_an_order_is_told_in_the_currency_of_the_shop(db):
    config = {"status": "placed", "min_value": "50"}
    checks = entries.get("order_status").checks(config, event({"value": "42.00"}))
    assert checks[1] == Check("it is worth at least €50.00", False, "it was worth “42.00”")


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_entry_gives_its_checks_in_words(entry, db):
    config = entry.example()
    for data in ({}, {"total": "80", "value": "80", "tag": "vip", "lines": "odd"}):
        happened = event(data, entry.event_type(config))
        checks = entry.checks(config, happened)
        assert checks
        assert all(check.label for check in checks)
        assert all(check.passed for check in checks) == entry.matches(config, happened)


@pytest.mark.parametrize("key", CONFIGS)
def test_the_checks_pass_exactly_when_the_entry_takes_the_event(key, db):
    entry = entries.get(key)

    @settings(
        max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(config=CONFIGS[key], data=DATA)
    def agree(config, data):
        happened = event(data)
        checks = entry.checks(config, happened)
        assert all(check.passed for check in checks) == entry.matches(config, happened)

    with names_read_once():
        agree()


def test_every_entry_that_events_open_is_tried_at_random():
    """A new one with checks of its own brings its settings into this file."""
    own = {each.key for each in entries if type(each).checks is not Entry.checks}
    assert own == set(CONFIGS)
