"""Tags, the consent ledger and custom fields by API."""

from uuid import uuid4

import pytest

from contacts.models import ConsentEntry, ConsentWording, Contact, ContactField, Tag
from events.models import Event

WORDS = "Yes, send me news. I can leave at any time."


@pytest.fixture
def ada(db, now):
    return Contact.objects.create(email="ada@example.com", created_at=now)


def refusal(response):
    body = response.json()
    return response.status_code, body["code"], [error.get("field") for error in body["errors"]]


# --- tags


def test_tags_are_added_and_taken_off(api, ada):
    added = api.post(f"/contacts/{ada.pk}/tags", {"names": ["vip", "bread/rolls"]})
    removed = api.delete(f"/contacts/{ada.pk}/tags/bread/rolls")

    assert (added.status_code, added.json()) == (200, {"tags": ["bread/rolls", "vip"]})
    assert removed.status_code == 204
    assert api.get(f"/contacts/{ada.pk}").json()["tags"] == ["vip"]
    assert api.delete(f"/contacts/{ada.pk}/tags/bread/rolls").status_code == 404
    assert api.delete(f"/contacts/{ada.pk}/tags/%00").status_code in {400, 404}


@pytest.mark.parametrize("names", [[], [""], ["x" * 61], "vip", [["vip"]], None])
def test_names_that_are_no_tags_are_refused(api, ada, names):
    response = api.post(f"/contacts/{ada.pk}/tags", {"names": names})

    assert response.status_code == 400
    assert not Tag.objects.exists()


def test_one_tag_goes_on_many_and_comes_off(api, ada):
    bob = Contact.objects.create(email="bob@example.com")
    api.post(f"/contacts/{ada.pk}/tags", {"names": ["vip"]})
    ids = [str(ada.pk), str(bob.pk), str(uuid4()), "nonsense"]

    added = api.post("/tags/bulk", {"name": "vip", "action": "add", "contact_ids": ids})
    removed = api.post("/tags/bulk", {"name": "vip", "action": "remove", "contact_ids": ids})

    assert [each["status"] for each in added.json()["results"]] == [
        "unchanged",
        "added",
        "refused",
        "refused",
    ]
    assert added.json()["results"][2]["errors"][0]["code"] == "contact_not_found"
    assert removed.json()["counts"] == {"removed": 2, "refused": 2}


def test_tags_are_listed_with_their_contacts(api, ada):
    api.post(f"/contacts/{ada.pk}/tags", {"names": ["vip"]})
    Tag.objects.create(name="alone")

    rows = api.get("/tags").json()["results"]

    assert [(row["name"], row["contacts"]) for row in rows] == [("alone", 0), ("vip", 1)]


# --- consents


def test_a_subscription_is_recorded_with_where_and_which_words(api, ada):
    response = api.post(
        f"/contacts/{ada.pk}/consents",
        {
            "action": "subscribed",
            "source": "checkout",
            "wording": WORDS,
            "ip": "203.0.113.7",
            "occurred_at": "2026-11-01T10:00:00Z",
        },
    )

    assert response.status_code == 201
    [line] = api.get(f"/contacts/{ada.pk}/consents").json()["results"]
    assert {key: line[key] for key in ("action", "source", "detail", "ip", "occurred_at")} == {
        "action": "subscribed",
        "source": "api",
        "detail": "checkout",
        "ip": "203.0.113.7",
        "occurred_at": "2026-11-01T10:00:00Z",
    }
    assert line["wording"] == {"key": "api", "number": 1, "language": "en", "text": WORDS}
    ada.refresh_from_db()
    assert ada.email_consent == "subscribed"
    assert Event.objects.get().type == "consent.confirmed"


def test_the_same_words_are_one_version_and_others_the_next(api, ada):
    for words in (WORDS, WORDS, "Other words."):
        body = {"action": "subscribed", "source": "shop", "wording": words}
        assert api.post(f"/contacts/{ada.pk}/consents", body).status_code == 201

    assert list(ConsentWording.objects.filter(key="api").values_list("number", "text")) == [
        (1, WORDS),
        (2, "Other words."),
    ]


def test_a_version_can_be_named(api, ada, now):
    ConsentWording.objects.create(key="checkout", number=3, language="it", text="Sì")
    version = {"key": "checkout", "number": 3, "language": "it"}
    body = {"action": "subscribed", "source": "shop", "wording_version": version}

    response = api.post(f"/contacts/{ada.pk}/consents", body)

    assert response.json()["wording"]["text"] == "Sì"


def test_leaving_twice_is_leaving_once(api, ada):
    first = api.post(f"/contacts/{ada.pk}/consents", {"action": "unsubscribed"})
    again = api.post(f"/contacts/{ada.pk}/consents", {"action": "unsubscribed"})

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert ConsentEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"action": "subscribed"}, "source"),
        ({"action": "subscribed", "source": "shop"}, "wording"),
        ({"action": "subscribed", "wording": WORDS}, "source"),
        ({"action": "subscribed", "source": "shop", "wording": WORDS,
          "wording_version": {"key": "x", "number": 1, "language": "en"}}, "wording"),
        ({"action": "subscribed", "source": "shop",
          "wording_version": {"key": "x", "number": 1, "language": "en"}}, "wording_version"),
        ({"action": "subscribed", "source": "shop",
          "wording_version": {"key": "x", "number": 2**40, "language": "en"}},
         "wording_version.number"),
        ({"action": "requested"}, "action"),
        ({"action": "unsubscribed", "channel": "pigeon"}, "channel"),
        ({"action": "unsubscribed", "ip": "here"}, "ip"),
        ({"action": "unsubscribed", "occurred_at": "2999-01-01T00:00:00Z"}, "occurred_at"),
        ({"action": "unsubscribed", "occurred_at": "soon"}, "occurred_at"),
        ({"action": "unsubscribed", "status": "x"}, "status"),
    ],
)  # fmt: skip
def test_a_consent_that_proves_nothing_is_refused(api, ada, body, field):
    response = api.post(f"/contacts/{ada.pk}/consents", body)

    assert response.status_code == 400
    assert field in refusal(response)[2]
    assert not ConsentEntry.objects.exists()
    assert not ConsentWording.objects.filter(key="api").exists()
    ada.refresh_from_db()
    assert ada.email_consent == "none"


# --- custom fields


def test_a_custom_field_is_created_once(api):
    body = {"key": "size", "label": "Size", "type": "choice", "choices": ["S", "M"]}

    created = api.post("/contact-fields", body)
    again = api.post("/contact-fields", {**body, "label": "Other"})

    assert created.status_code == 201
    assert refusal(again) == (409, "field_exists", ["key"])
    [row] = api.get("/contact-fields").json()["results"]
    assert (row["key"], row["label"], row["type"], row["choices"]) == (
        "size",
        "Size",
        "choice",
        ["S", "M"],
    )


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"key": "Size", "label": "Size", "type": "text"},
        {"key": "size", "label": "Size", "type": "colour"},
        {"key": "size", "label": "Size", "type": "choice"},
        {"key": "size", "label": "Size", "type": "text", "choices": ["S"]},
        {"key": "size", "label": "", "type": "text"},
    ],
)
def test_a_field_that_cannot_be_is_refused(api, body):
    assert api.post("/contact-fields", body).status_code == 400
    assert not ContactField.objects.exists()
