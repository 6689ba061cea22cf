"""Messages by API: one per idempotency key, and everybody's fate to be read."""

from uuid import uuid4

import pytest
from django.db import connection

from campaigns.models import Message
from contacts.models import Contact


@pytest.fixture
def ada(db, now):
    return Contact.objects.create(email="ada@example.com", created_at=now)


@pytest.fixture
def receipt(api, template):
    return template("Receipt")


def send(api, key, **body):
    headers = {"idempotency-key": key} if key is not None else {}
    return api.post("/messages", {name: str(value) if name.endswith("_id") else value
                                  for name, value in body.items()}, headers=headers)  # fmt: skip


def test_a_message_is_sent_once_per_key(api, ada, receipt):
    body = {"template_id": receipt.pk, "contact_id": ada.pk, "context": {"order": "8812"}}

    first = send(api, "order-8812", **body)
    again = send(api, "order-8812", **body)
    other = send(api, "order-8813", **body)

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 201)
    assert first.json() == again.json() != other.json()
    assert Message.objects.count() == 2
    shown = first.json()
    assert {key: shown[key] for key in ("to_address", "kind", "subject", "status")} == {
        "to_address": "ada@example.com",
        "kind": "transactional",
        "subject": "Receipt for you",
        "status": "queued",
    }
    assert api.get(f"/messages/{shown['id']}").json() == shown


def test_a_key_stands_for_one_body(api, ada, receipt, template):
    # BI097
    bob = Contact.objects.create(email="bob@example.com")
    body = {"template_id": receipt.pk, "contact_id": ada.pk, "context": {"order": "1"}}
    send(api, "one", **body)

    for change in (
        {"contact_id": bob.pk},
        {"template_id": template("Other").pk},
        {"context": {"order": "2"}},
    ):
        response = send(api, "one", **{**body, **change})
        assert (response.status_code, response.json()["code"]) == (422, "idempotency_mismatch")

    assert Message.objects.count() == 1


def test_a_key_is_the_callers_own(api, integrator, acme, key_of, ada, receipt):
    # BI099: the same idempotency key under another API key is another send
    other = integrator(acme, key_of(acme)[1])
    body = {"template_id": receipt.pk, "contact_id": ada.pk}

    assert send(api, "one", **body).status_code == 201
    assert send(other, "one", **body).status_code == 201
    assert Message.objects.count() == 2


@pytest.mark.parametrize("key", [None, "", " ", "x" * 256])
def test_a_send_without_a_key_is_refused(api, ada, receipt, key):
    response = send(api, key, template_id=receipt.pk, contact_id=ada.pk)

    assert (response.status_code, response.json()["code"]) == (400, "idempotency_key_required")
    assert not Message.objects.exists()


def test_strangers_and_unknown_templates_are_refused(api, globex, template, ada, receipt):
    connection.set_tenant(globex)
    theirs = Contact.objects.create(email="canary@globex.example")
    their_mail = template("canary")
    connection.set_tenant(api.workspace)

    for body, fields in (
        ({"template_id": receipt.pk, "contact_id": theirs.pk}, ["contact_id"]),
        ({"template_id": their_mail.pk, "contact_id": ada.pk}, ["template_id"]),
        ({"template_id": uuid4(), "contact_id": uuid4()}, ["template_id", "contact_id"]),
        ({"template_id": "x", "contact_id": ada.pk}, ["template_id"]),
        ({"template_id": receipt.pk, "contact_id": ada.pk, "to": "eve@example.com"}, ["to"]),
    ):
        response = send(api, "one", **body)
        assert response.status_code == 400
        assert [error["field"] for error in response.json()["errors"]] == fields

    assert not Message.objects.exists()


def test_messages_are_listed_and_filtered(api, ada, receipt, django_assert_max_num_queries):
    for number in range(20):
        send(api, f"n{number}", template_id=receipt.pk, contact_id=ada.pk)
    Message.objects.filter(pk=Message.objects.first().pk).update(status="delivered")

    def found(query):
        return len(api.get(f"/messages?{query}").json()["results"])

    with django_assert_max_num_queries(10):
        assert found("limit=50") == 20
    assert found("status=delivered") == 1
    assert found(f"contact_id={ada.pk}") == 20
    assert found(f"contact_id={uuid4()}") == 0
    assert found(f"journey_id={uuid4()}") == 0
    assert found("queued_before=2000-01-01T00:00:00Z") == 0
    first = api.get("/messages?limit=15").json()
    assert found(f"limit=15&cursor={first['next_cursor']}") == 5


def test_another_workspaces_message_looks_like_none(api, globex, template, ada):
    connection.set_tenant(globex)
    theirs = Contact.objects.create(email="canary@globex.example")
    message = Message.objects.create(
        send_key="canary",
        contact=theirs,
        to_address=theirs.email,
        template_version=template("canary").live_version,
    )

    answers = [api.get(f"/messages/{each}") for each in (message.pk, uuid4())]

    assert [each.status_code for each in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert "canary" not in api.get("/messages").content.decode()
