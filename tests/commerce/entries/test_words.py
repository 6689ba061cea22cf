"""What the entries say of themselves: in words, in the editor, and before publishing."""

import pytest
from django.urls import reverse

from commerce.models import Category
from journeys import services
from journeys.config_forms import clean_config
from journeys.contracts import entries
from journeys.models import Journey
from tests.commerce.entries.conftest import WAIT, shelf
from tests.journeys.conftest import definition

AT = {"at": "09:00:00"}


@pytest.mark.parametrize(
    ("kind", "config", "words"),
    [
        ("cart_abandoned", {"idle_minutes": 60}, "When a cart has not changed for 1 hour"),
        (
            "cart_abandoned",
            {"idle_minutes": 90, "min_value": "20"},
            "When a cart worth at least €20.00 has not changed for 90 minutes",
        ),
        (
            "product_viewed_not_bought",
            {"hours": 24},
            "24 hours after viewing a product without buying it",
        ),
        ("order_status", {"status": "placed"}, "When an order is placed"),
        (
            "order_status",
            {"status": "delivered", "min_value": "50"},
            "When an order worth at least €50.00 is delivered",
        ),
        (
            "order_status",
            {"status": "delivered_or_fulfilled"},
            "7 days after an order is delivered, or 14 days after it is sent if nobody says that it"
            " arrived",
        ),
        (
            "since_last_order",
            {"factor": "1.5", "days": 90, **AT},
            "When the last order is 1.5 times as long ago as they usually take, or 90 days while"
            " that is not known; at 09:00, their time",
        ),
        (
            "order_line_date",
            {"amount": 6, "unit": "years", "min_value": "500", "max_value": "1000", **AT},
            "6 years after buying something for €500.00 or more, and less than €1,000.00, at"
            " 09:00, their time",
        ),
    ],
)
def test_the_settings_in_words(kind, config, words, acme):
    assert entries.get(kind).words(config) == words


def test_a_category_is_named_and_missed_when_it_is_gone(acme, now):
    # given an entry for rye
    config = {"amount": 1, "unit": "days", "category": shelf("rye"), **AT}
    entry = entries.get("order_line_date")
    assert entry.words(config) == "1 day after buying something from “Rye”, at 09:00, their time"
    assert entry.problems(config) == []

    # when the shop has no rye any more
    Category.objects.filter(external_id="rye").delete()
    journey = services.create_journey(
        name="Rye",
        definition=definition(WAIT, entries=[{"kind": "order_line_date", "config": config}]),
        now=now,
    )
    assert [each.field for each in services.draft_problems(journey)] == ["entry:0"]


@pytest.mark.parametrize(
    ("kind", "config", "fields"),
    [
        ("cart_abandoned", {"idle_minutes": 0}, {"idle_minutes"}),
        ("cart_abandoned", {"idle_minutes": 60, "min_value": "-1"}, {"min_value"}),
        ("order_status", {"status": "lost"}, {"status"}),
        ("order_line_date", {"amount": 6, "unit": "centuries", **AT}, {"unit"}),
        ("order_line_date", {"amount": 51, "unit": "years", **AT}, {"amount"}),
        (
            "order_line_date",
            {"amount": 1, "unit": "days", "min_value": "20", "max_value": "20", **AT},
            {"max_value"},
        ),
        ("since_last_order", {"factor": "0.5", "days": 1, "at": "25:00"}, {"factor", "days", "at"}),
    ],
)
def test_settings_that_make_no_sense_are_refused(kind, config, fields, acme):
    assert set(clean_config(entries.get(kind), config)[1]) == fields


@pytest.mark.parametrize(
    "kind",
    [
        "cart_abandoned",
        "product_viewed_not_bought",
        "order_status",
        "since_last_order",
        "order_line_date",
    ],
)
def test_it_is_added_shown_and_saved_in_the_editor(kind, acme_client, now):
    # given a draft open by hand
    journey = services.create_journey(name="Shop", definition=definition(WAIT), now=now)
    urls = {name: reverse(f"journeys:{name}", args=[journey.pk]) for name in ("draft", "ops")}

    # when the entry is added from the list of ways in
    assert str(entries.get(kind).label) in acme_client.get(urls["draft"] + "?step=_entry").text
    acme_client.post(urls["ops"], {"op": "insert_entry", "kind": kind, "revision": "0"})
    page = acme_client.get(urls["draft"] + "?step=entry:1")

    # then its form is there with what it begins with, and its words stand in the tree
    assert page.status_code == 200
    for name in entries.get(kind).form.base_fields:
        assert f'name="set-{name}"' in page.text
    journey = Journey.objects.get()
    assert journey.draft["entries"][1]["kind"] == kind
