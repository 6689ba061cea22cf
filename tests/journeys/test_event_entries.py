"""Ways in that look at what was told of a contact: each takes its own news and no other."""

from uuid import uuid4

import pytest

from events.drain import drain
from events.models import Event
from events.services import record
from journeys.config_forms import clean_config
from journeys.contracts import entries
from journeys.models import Enrolment
from tests.journeys.conftest import live, step

REST = step("rest", "wait", {"amount": 60, "unit": "days"})
NOBODY_S = str(uuid4())
CASES = [
    ("tag_removed", {"tag": "VIP"}, "contact.untagged", {"tag": "vip"}, True),
    ("tag_removed", {"tag": "VIP"}, "contact.untagged", {"tag": "friend"}, False),
    ("tag_removed", {"tag": "VIP"}, "contact.tagged", {"tag": "vip"}, False),
    ("field_changed", {"field": "language"}, "field.changed", {"field": "language"}, True),
    ("field_changed", {"field": "language"}, "field.changed", {"field": "city"}, False),
    (
        "field_changed",
        {"field": "language", "value": "IT"},
        "field.changed",
        {"field": "language", "value": "it"},
        True,
    ),
    (
        "field_changed",
        {"field": "language", "value": "it"},
        "field.changed",
        {"field": "language", "value": "en"},
        False,
    ),
    (
        "field_changed",
        {"field": "language", "value": "it"},
        "field.changed",
        {"field": "language"},
        False,
    ),
    ("page_viewed", {}, "page.viewed", {"url": "https://a.example/"}, True),
    (
        "page_viewed",
        {"contains": "/Quotes/"},
        "page.viewed",
        {"url": "https://a.example/quotes/7"},
        True,
    ),
    ("page_viewed", {"contains": "/quotes/"}, "page.viewed", {"url": "https://a.example/"}, False),
    ("page_viewed", {"contains": "/quotes/"}, "page.viewed", {}, False),
    ("page_viewed", {}, "page.viewed", {"historical": True}, False),
    (
        "link_clicked",
        {"contains": "offers"},
        "message.clicked",
        {"url": "https://a.example/offers", "machine": False, "message_id": NOBODY_S},
        True,
    ),
    (
        "link_clicked",
        {"contains": "offers"},
        "message.clicked",
        {"url": "https://a.example/offers", "machine": True, "message_id": NOBODY_S},
        False,
    ),
    (
        "link_clicked",
        {"contains": "offers"},
        "message.clicked",
        {"url": "https://a.example/help", "machine": False, "message_id": NOBODY_S},
        False,
    ),
    ("form_submitted", {}, "form.submitted", {"form": "join"}, True),
]


@pytest.mark.parametrize(("kind", "config", "event", "data", "opens"), CASES)
def test_the_entry_opens_for_its_own_news(acme, now, ada, kind, config, event, data, opens):
    # given a journey that begins so
    entry = entries.get(kind)
    assert clean_config(entry, config)[1] == {}
    live(now, REST, entries=[{"kind": kind, "config": config}])
    # when it happens
    record(type=event, contact_id=ada.pk, data=data, now=now)
    drain(now=now)
    # then they came in, or not
    assert Enrolment.objects.filter(contact=ada, entry_kind=kind).exists() is opens
    # and what the entry says of the event agrees
    found = entry.checks(config, Event(type=event, data=data))
    assert event != entry.event_type(config) or all(each.passed for each in found) is opens


@pytest.mark.parametrize("config", [{"field": "shoe-size"}, {"field": ""}, {}])
def test_a_field_that_is_not_there_is_refused(acme, config):
    assert "field" in clean_config(entries.get("field_changed"), config)[1]


def test_a_form_that_is_not_there_is_refused_and_one_that_is_told_apart(acme, now):
    from capture.models import SignupForm
    from contacts.models import ConsentWording

    entry = entries.get("form_submitted")
    assert "form" in clean_config(entry, {"form": "join"})[1]
    wording = ConsentWording.objects.create(key="form", text="Yes, write to me.", number=1)
    SignupForm.objects.create(
        slug="join", name="Newsletter", title="Join", button="Join", wording=wording
    )
    config, errors = clean_config(entry, {"form": "join"})
    assert errors == {}
    assert entry.summary(config) == "When the form “Newsletter” is filled in"
    assert entry.matches(config, Event(type="form.submitted", data={"form": "join"}))
    assert not entry.matches(config, Event(type="form.submitted", data={"form": "other"}))
