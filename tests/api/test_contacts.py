"""Contacts by API: written by what names them, read in stable pages, erased for good."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from contacts.models import Contact, ContactField, Identity
from events.models import Event


def refusal(response):
    body = response.json()
    return response.status_code, body["code"], [error.get("field") for error in body["errors"]]


@pytest.fixture
def ada(db, now):
    return Contact.objects.create(
        email="ada@example.com", first_name="Ada", created_at=now, updated_at=now
    )


def test_a_contact_is_created_then_updated(api):
    ContactField.objects.create(key="city", label="City")
    body = {"email": "Ada@Example.com", "first_name": "Ada", "fields": {"city": "London"}}

    created = api.post("/contacts", {**body, "tags": ["vip"]})
    again = api.post("/contacts", {**body, "last_name": "Lovelace"})

    assert (created.status_code, again.status_code) == (201, 200)
    contact = Contact.objects.get()
    shown = again.json()
    assert {key: shown[key] for key in ("id", "email", "first_name", "last_name", "tags")} == {
        "id": str(contact.pk),
        "email": "ada@example.com",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "tags": ["vip"],
    }
    assert (shown["fields"], shown["email_consent"]) == ({"city": "London"}, "none")


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "no_identifier", None),
        ({"email": "nobody"}, "invalid_email", "email"),
        ({"email": ["a@example.com"]}, "bad_text", "email"),
        ({"external_id": "undefined"}, "placeholder_id", "external_id"),
        ({"email": "a@example.com", "language": "klingon!"}, "bad_language", "language"),
        ({"email": "a@example.com", "timezone": "../etc"}, "bad_timezone", "timezone"),
        ({"email": "a@example.com", "fields": {"shoe": 1}}, "unknown_field", "fields.shoe"),
        ({"email": "a@example.com", "fields": []}, None, None),
        ({"email": "a@example.com", "fields": [1]}, "invalid", "fields"),
        ({"email": "a@example.com", "tags": ["x" * 61]}, "bad_tag", "tags"),
        ({"email": "a@example.com", "tags": "vip"}, "invalid", "tags"),
        ({"email": "a@example.com", "is_staff": True}, "unknown_field", "is_staff"),
        ({"email": "a@example.com", "email_consent": "subscribed"}, "unknown_field",
         "email_consent"),
        ({"email": "a@example.com", "id": 2147483648}, "unknown_field", "id"),
    ],
)  # fmt: skip
def test_a_contact_that_cannot_be_is_refused_by_field(api, body, code, field):
    response = api.post("/contacts", body)

    if code is None:
        assert response.status_code == 201
        return
    assert refusal(response) == (400, code, [field])
    assert not Contact.objects.exists()


def test_an_identity_of_two_people_is_a_conflict(api, ada):
    Contact.objects.create(external_id="1815")

    response = api.post("/contacts", {"email": "ada@example.com", "external_id": "1815"})

    assert refusal(response)[:2] == (409, "identity_conflict")
    assert Contact.objects.count() == 2


def test_a_batch_gives_each_contact_its_own_result(api, ada):
    response = api.post(
        "/contacts/bulk",
        {
            "contacts": [
                {"email": "bob@example.com"},
                {"email": "nobody"},
                {"email": "ada@example.com", "first_name": "Augusta"},
                "nonsense",
                {"email": "ada@example.com"},
                {"email": "carl@example.com", "x": 1},
                {"email": "dora@example.com", "first_name": "D\x00"},
            ]
        },
    )

    assert response.status_code == 200
    results = response.json()["results"]
    assert [each["index"] for each in results] == list(range(7))
    assert [each["status"] for each in results] == [
        "created", "refused", "updated", "refused", "unchanged", "refused", "refused",
    ]  # fmt: skip
    assert results[2]["id"] == results[4]["id"] == str(ada.pk)
    assert [each["errors"][0]["code"] for each in results if each["errors"]] == [
        "invalid_email",
        "invalid",
        "unknown_field",
        "nul_character",
    ]
    assert set(Contact.objects.values_list("email", "first_name")) == {
        ("bob@example.com", ""),
        ("ada@example.com", "Augusta"),
    }


def test_a_thousand_contacts_cost_as_many_statements_as_one(api, django_assert_max_num_queries):
    batch = {"contacts": [{"email": f"n{number}@example.com"} for number in range(1000)]}

    with django_assert_max_num_queries(30):
        response = api.post("/contacts/bulk", batch)

    assert response.json()["counts"] == {"created": 1000}


def test_pages_follow_a_cursor_while_people_arrive(api, now):
    # given five contacts, two of them of the very same moment
    for number, minutes in enumerate([0, 1, 1, 2, 3]):
        at = now + timedelta(minutes=minutes)
        Contact.objects.create(external_id=str(number), created_at=at)

    first = api.get("/contacts?limit=2").json()
    Contact.objects.create(external_id="late", created_at=now + timedelta(hours=1))
    second = api.get(f"/contacts?limit=2&cursor={first['next_cursor']}").json()
    third = api.get(f"/contacts?limit=2&cursor={second['next_cursor']}").json()

    # then each is seen once, and the newcomer moved nobody
    seen = [row["external_id"] for page in (first, second, third) for row in page["results"]]
    assert (seen[:2], sorted(seen[2:4]), seen[4:]) == (["4", "3"], ["1", "2"], ["0"])
    assert third["next_cursor"] is None


def test_a_cursor_is_good_for_its_own_list_and_workspace_only(
    api, integrator, acme, globex, key_of, now
):
    # BI090: given a cursor of Acme's list
    for number in range(3):
        Contact.objects.create(external_id=str(number), created_at=now)
    cursor = api.get("/contacts?limit=1").json()["next_cursor"]
    theirs = integrator(globex, key_of(globex)[1])

    attempts = [
        theirs.get(f"/contacts?cursor={cursor}"),
        api.get(f"/tags?cursor={cursor}"),
        api.get(f"/contacts?order_by=created_at&cursor={cursor}"),
        api.get(f"/contacts?cursor={cursor[:-1]}"),
        api.get("/contacts?cursor=garbage"),
        api.get("/contacts?cursor="),
    ]

    assert [refusal(each) for each in attempts] == [(400, "invalid_cursor", ["cursor"])] * 6


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ("order_by=password", "invalid_order_field", "order_by"),
        ("order_by=tenant__secret", "invalid_order_field", "order_by"),
        ("order_by=--created_at", "invalid_order_field", "order_by"),
        ("order_by=", "invalid_order_field", "order_by"),
        ("consent=", "invalid_filter", "consent"),
        ("search=", "invalid_filter", "search"),
        ("limit=", "invalid_limit", "limit"),
        ("limit=0", "invalid_limit", "limit"),
        ("limit=201", "invalid_limit", "limit"),
        ("limit=²", "invalid_limit", "limit"),
        ("limit=-1", "invalid_limit", "limit"),
        ("consent=maybe", "invalid_filter", "consent"),
        ("created_after=yesterday", "invalid_filter", "created_after"),
        ("created_before=0001-01-01T00:00:00%2B14:00", "invalid_filter", "created_before"),
        ("search=%00", "invalid_filter", "search"),
        ("contact_tags__tag__name=vip", "unknown_parameter", "contact_tags__tag__name"),
    ],
)
def test_a_query_outside_the_list_of_allowed_ones_is_refused(api, query, code, field):
    # BI088
    assert refusal(api.get(f"/contacts?{query}")) == (400, code, [field])


def test_filters_narrow_the_list(api, ada, now):
    bob = Contact.objects.create(
        email="bob@example.com",
        email_consent="subscribed",
        created_at=now - timedelta(days=2),
        updated_at=now - timedelta(days=2),
    )
    api.post(f"/contacts/{bob.pk}/tags", {"names": ["VIP"]})

    def found(query):
        return [row["email"] for row in api.get(f"/contacts?{query}").json()["results"]]

    assert found("email=ADA@example.com") == ["ada@example.com"]
    assert found("tag=vip") == ["bob@example.com"]
    assert found("consent=subscribed") == ["bob@example.com"]
    assert found("search=ada") == ["ada@example.com"]
    assert found("created_after=2026-11-20T00:00:00Z") == ["ada@example.com"]
    assert found("updated_before=2026-11-20T00:00:00%2B01:00") == ["bob@example.com"]
    assert found("order_by=created_at") == ["bob@example.com", "ada@example.com"]


def test_a_long_list_costs_as_many_statements_as_a_short_one(
    api, django_assert_max_num_queries, now
):
    contacts = Contact.objects.bulk_create(
        Contact(external_id=str(number), created_at=now) for number in range(100)
    )
    api.post(
        "/tags/bulk",
        {"name": "vip", "action": "add", "contact_ids": [str(each.pk) for each in contacts]},
    )

    with django_assert_max_num_queries(12):
        response = api.get("/contacts?limit=100")

    assert [row["tags"] for row in response.json()["results"]] == [["vip"]] * 100


def test_a_contact_is_changed_by_id(api, ada):
    ContactField.objects.create(key="city", label="City")
    ContactField.objects.create(key="size", label="Size", type="choice", choices=["S", "M"])
    ada.fields = {"size": "M"}
    ada.phone = "+39055123456"
    ada.save()

    response = api.patch(
        f"/contacts/{ada.pk}",
        {
            "email": "ada@new.example.com",
            "phone": None,
            "last_name": "L",
            "fields": {"city": "Rome"},
        },
    )

    # then what was named changed, the rest stayed, and the old address is still hers
    assert response.status_code == 200
    ada.refresh_from_db()
    assert (ada.email, ada.phone, ada.first_name, ada.last_name, ada.fields) == (
        "ada@new.example.com",
        "",
        "Ada",
        "L",
        {"size": "M", "city": "Rome"},
    )
    assert Identity.objects.get(contact=ada, kind="email").value == "ada@example.com"
    assert Event.objects.filter(type="field.changed", contact_id=ada.pk).count() == 4


def test_a_change_that_changes_nothing_leaves_no_trace(api, ada):
    response = api.patch(f"/contacts/{ada.pk}", {"first_name": "Ada"})

    assert response.status_code == 200
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"email": "bob@example.com"}, 409, "identity_taken"),
        ({"email": "bob@old.example.com"}, 409, "identity_taken"),
        ({"email": None}, 400, "no_identifier"),
        ({"email": "nobody"}, 400, "invalid_email"),
        ({"language": "!"}, 400, "bad_language"),
        ({"fields": {"shoe": 44}}, 400, "unknown_field"),
        ({"tags": ["vip"]}, 400, "unknown_field"),
        ({"email_consent": "subscribed"}, 400, "unknown_field"),
        ({"first_name": "x" * 5000}, 400, "field_too_long"),
        ({"first_name": ["x"]}, 400, "invalid"),
    ],
)
def test_a_refused_change_changes_nothing(api, ada, now, changes, status, code):
    bob = Contact.objects.create(email="bob@example.com")
    Identity.objects.create(contact=bob, kind="email", value="bob@old.example.com")

    response = api.patch(f"/contacts/{ada.pk}", {"last_name": "Changed", **changes})

    assert refusal(response)[:2] == (status, code)
    before = (ada.email, ada.first_name, ada.last_name, ada.updated_at)
    ada.refresh_from_db()
    assert (ada.email, ada.first_name, ada.last_name, ada.updated_at) == before


def test_an_erased_contact_is_gone_and_not_taken_again(api, ada):
    erased = api.delete(f"/contacts/{ada.pk}")

    assert (erased.status_code, erased.content) == (204, b"")
    assert api.get(f"/contacts/{ada.pk}").status_code == 404
    assert api.delete(f"/contacts/{ada.pk}").status_code == 404
    again = api.post("/contacts", {"email": "ada@example.com"})
    assert refusal(again)[:2] == (400, "erased_contact")
    assert not Contact.objects.exists()


def test_another_workspaces_contact_looks_like_none(api, globex, ada, now):
    # given a contact of Globex
    connection.set_tenant(globex)
    theirs = Contact.objects.create(email="canary@globex.example", created_at=now, updated_at=now)
    before = Contact.objects.filter(pk=theirs.pk).values().get()

    def answers(contact_id):
        return [
            (each.status_code, each.content.replace(str(contact_id).encode(), b"id"))
            for each in (
                api.get(f"/contacts/{contact_id}"),
                api.patch(f"/contacts/{contact_id}", {"first_name": "X"}),
                api.delete(f"/contacts/{contact_id}"),
                api.get(f"/contacts/{contact_id}/consents"),
                api.post(f"/contacts/{contact_id}/consents", {"action": "unsubscribed"}),
                api.post(f"/contacts/{contact_id}/tags", {"names": ["x"]}),
                api.delete(f"/contacts/{contact_id}/tags/x"),
                api.post(
                    "/tags/bulk",
                    {"name": "x", "action": "add", "contact_ids": [str(contact_id)]},
                ),
                api.post("/events", {"type": "call", "contact_id": str(contact_id)}),
            )
        ]

    # then every door answers as if it had never been
    assert answers(theirs.pk) == answers(uuid4())
    assert [status for status, _body in answers(theirs.pk)] == [404] * 7 + [200, 400]
    assert "canary" not in api.get("/contacts").content.decode()
    connection.set_tenant(globex)
    assert Contact.objects.filter(pk=theirs.pk).values().get() == before
    assert not Event.objects.exists()
