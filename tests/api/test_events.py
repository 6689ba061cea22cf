"""Events from outside: each has its own verdict, and accepted means stored."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from contacts.models import Contact
from events.models import Event

CASES = {
    case["id"]: case
    for case in map(
        json.loads,
        (Path(__file__).parent.parent / "cases/bad_inputs_api.jsonl").read_text().splitlines(),
    )
}


def event(**changes):
    return {"type": "cart.updated", "identifiers": {"email": "ada@example.com"}, **changes}


def codes(response):
    return [error["code"] for error in response.json()["errors"]]


def results(response):
    return [
        (each["status"], [error["code"] for error in each["errors"]])
        for each in response.json()["results"]
    ]


def test_an_event_is_stored_as_sent(api):
    response = api.post(
        "/events",
        event(
            message_id="cart-1",
            occurred_at="2026-11-20T13:00:00+01:00",
            data={"value": 59.9, "items": [{"sku": "A1"}]},
        ),
    )

    assert (response.status_code, response.json()) == (
        200,
        {"message_id": "cart-1", "status": "accepted"},
    )
    stored = Event.objects.get()
    assert (stored.source, stored.type, stored.identifiers, stored.data, stored.occurred_at) == (
        "api",
        "cart.updated",
        {"email": "ada@example.com"},
        {"value": 59.9, "items": [{"sku": "A1"}]},
        datetime(2026, 11, 20, 12, tzinfo=UTC),
    )


def test_an_event_without_an_id_gets_one(api):
    response = api.post("/events", event())

    assert Event.objects.get().message_id == response.json()["message_id"]


def test_the_same_id_again_is_a_duplicate_and_the_first_is_kept(api):
    # BI113: same message id, other content
    api.post("/events", event(message_id="one", data={"value": 1}))

    response = api.post("/events", event(message_id="one", data={"value": 2}))

    assert response.json() == {"message_id": "one", "status": "duplicate"}
    assert Event.objects.get().data == {"value": 1}


def test_a_batch_gives_each_event_its_own_verdict(api):
    # given one stored event, and a batch with it, two good ones, a bad one and a repetition
    api.post("/events", event(message_id="old"))

    response = api.post(
        "/events/bulk",
        {
            "events": [
                event(message_id="old"),
                event(message_id="new"),
                event(message_id="bad", occurred_at="yesterday"),
                event(message_id="new"),
                "nonsense",
                event(message_id="last"),
            ]
        },
    )

    # then the bad ones kept nobody out
    assert response.status_code == 200
    assert results(response) == [
        ("duplicate", []),
        ("accepted", []),
        ("rejected", ["bad_timestamp"]),
        ("duplicate", []),
        ("rejected", ["invalid"]),
        ("accepted", []),
    ]
    assert response.json()["counts"] == {"duplicate": 2, "accepted": 2, "rejected": 2}
    assert [each["id"] for each in response.json()["results"]] == [
        "old", "new", "bad", "new", None, "last",
    ]  # fmt: skip
    assert list(Event.objects.order_by("id").values_list("message_id", flat=True)) == [
        "old",
        "new",
        "last",
    ]


def test_a_thousand_events_cost_as_many_statements_as_one(api, django_assert_max_num_queries):
    batch = {"events": [event(message_id=f"n{number}") for number in range(1000)]}

    with django_assert_max_num_queries(20):
        response = api.post("/events/bulk", batch)

    assert response.json()["counts"] == {"accepted": 1000}
    assert Event.objects.count() == 1000


def test_an_empty_batch_is_fine_and_stores_nothing(api):
    # BI107
    response = api.post("/events/bulk", {"events": []})

    assert (response.status_code, response.json()) == (200, {"counts": {}, "results": []})
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ([], "required"),
        ({}, "required"),
        ({"events": {}}, "required"),
        ({"events": [], "more": 1}, "unknown_field"),
        ({"events": [{}] * 1001}, "too_many_items"),
    ],
)
def test_a_body_that_is_no_batch_is_refused_whole(api, body, code):
    response = api.post("/events/bulk", body)

    assert (response.status_code, response.json()["code"]) == (400, code)
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("case", "change", "code"),
    [
        ("BI111", {"data": {"text": "x" * 40_000}}, "event_too_large"),
        ("BI115", {"message_id": "x" * 10_000}, "id_too_long"),
        ("BI119", {"occurred_at": "2026-02-30T00:00:00Z"}, "bad_timestamp"),
        ("BI119", {"occurred_at": "0001-01-01"}, "bad_timestamp"),
        ("BI119", {"occurred_at": "0001-01-01T00:00:00+14:00"}, "bad_timestamp"),
        ("BI119", {"occurred_at": "+275760-09-13"}, "bad_timestamp"),
        ("BI119", {"occurred_at": "1763640000000"}, "bad_timestamp"),
        ("BI119", {"occurred_at": 1763640000000}, "bad_timestamp"),
        ("BI119", {"occurred_at": "2026-11-20T12:00:00"}, "bad_timestamp"),
        ("BI126", {"identifiers": {"external_id": "null"}}, "placeholder_id"),
        ("BI126", {"identifiers": {"external_id": "undefined"}}, "placeholder_id"),
        ("BI126", {"identifiers": {"external_id": "anonymous"}}, "placeholder_id"),
        ("BI126", {"identifiers": {"external_id": "0"}}, "placeholder_id"),
        ("BI126", {"identifiers": {"external_id": 0}}, "placeholder_id"),
        ("BI126", {"identifiers": {"external_id": "NaN"}}, "placeholder_id"),
        ("", {"identifiers": {"external_id": True}}, "bad_id"),
        ("", {"identifiers": {"external_id": "x" * 129}}, "id_too_long"),
        ("", {"identifiers": {"email": "nobody"}}, "invalid_email"),
        ("", {"identifiers": {"user": "1"}}, "unknown_field"),
        ("", {"identifiers": {}}, "missing_identifier"),
        ("", {"identifiers": []}, "invalid"),
        ("", {"data": []}, "invalid"),
        ("", {"data": {"a": 2**63}}, "out_of_range"),
        ("", {"data": {"a\x00": 1}}, "nul_character"),
        ("", {"data": {"a": "b\x00"}}, "nul_character"),
        ("", {"message_id": 5}, "bad_id"),
        ("", {"message_id": " "}, "bad_id"),
        ("", {"contact_id": "me"}, "bad_id"),
        ("", {"contact_id": str(uuid4())}, "contact_not_found"),
        ("", {"type": None}, "required"),
        ("", {"type": "a\nb"}, "bad_type"),
        ("", {"type": "x" * 101}, "bad_type"),
        ("", {"type": "consent.confirmed"}, "reserved_type"),
        ("", {"is_staff": True}, "unknown_field"),
    ],
)
def test_a_bad_event_is_refused_with_its_reason_and_stands_in_nobodys_way(
    api, now, case, change, code
):
    assert not case or CASES[case]["surface"] == "event_ingest"

    # when the bad event comes alone, and when it comes between two good ones
    alone = api.post("/events", event(**change))
    response = api.post("/events/bulk", {"events": [event(), event(**change), event()]})

    # then both doors say the same, and the good ones are stored
    assert (alone.status_code, codes(alone)) == (400, [code])
    assert results(response) == [("accepted", []), ("rejected", [code]), ("accepted", [])]
    assert Event.objects.count() == 2


def test_an_event_nested_too_deep_is_refused_alone(api):
    # BI123: 2,000 nested objects
    deep = b'{"a":' * 2000 + b"1" + b"}" * 2000
    good = json.dumps(event()).encode()
    bad = good[:-1] + b', "data": ' + deep + b"}"

    response = api.post("/events/bulk", b'{"events": [' + b",".join([good, bad, good]) + b"]}")

    assert response.status_code == 200
    assert results(response) == [
        ("accepted", []),
        ("rejected", ["too_deep"]),
        ("accepted", []),
    ]


def test_the_number_123_and_the_text_123_are_the_same_person(api):
    # BI125
    api.post("/events", event(identifiers={"external_id": 123}))
    api.post("/events", event(identifiers={"external_id": "123"}))

    assert [each.identifiers for each in Event.objects.all()] == [{"external_id": "123"}] * 2


def test_an_event_may_name_a_contact_of_the_workspace_by_id(api):
    ada = Contact.objects.create(email="ada@example.com")

    response = api.post("/events", {"type": "call", "contact_id": str(ada.pk)})

    assert response.status_code == 200
    assert Event.objects.get().contact_id == ada.pk
