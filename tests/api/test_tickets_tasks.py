"""Tickets and tasks by API."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_tenants.utils import tenant_context

from contacts.models import Contact, Task, Ticket
from contacts.todo import NewTask, create_tasks
from events.models import Event

ADA = {"identifiers": {"email": "ada@example.com"}}
LATE = {"external_id": "T-1", "status": "open", "subject": "Late", **ADA}


def test_a_ticket_is_told_of_and_shown_at_once(api):
    response = api.post("/tickets", LATE)
    assert response.status_code == 200
    told = response.json()
    ada = Contact.objects.get(email="ada@example.com")
    assert (told["status"], told["contact_id"], told["source"]) == ("open", str(ada.pk), "api")
    # told again without a moment of its own: nothing new happened
    again = api.post("/tickets", LATE).json()
    assert again == told
    assert Event.objects.filter(type="ticket.opened").count() == 1
    closed = api.post("/tickets", {"external_id": "T-1", "status": "closed", **ADA}).json()
    assert (closed["id"], closed["status"], closed["subject"]) == (told["id"], "closed", "Late")
    assert list(
        Event.objects.filter(type__startswith="ticket.").values_list("type", flat=True)
    ) == [
        "ticket.opened",
        "ticket.closed",
    ]


def test_a_close_before_its_open_ends_closed(api):
    now = timezone.now()
    later, earlier = now.isoformat(), (now - timedelta(hours=2)).isoformat()
    closing = {"external_id": "T-1", "status": "closed", "occurred_at": later, **ADA}
    assert api.post("/tickets", closing).json()["status"] == "closed"
    assert api.post("/tickets", {**LATE, "occurred_at": earlier}).json()["status"] == "closed"
    assert Ticket.objects.get().subject == "Late"


def test_tickets_are_listed_by_person_and_status(api):
    api.post("/tickets", LATE)
    api.post("/tickets", {**LATE, "external_id": "T-2", "status": "closed"})
    api.post("/tickets", {**LATE, "external_id": "T-3", "identifiers": {"email": "bo@example.com"}})
    ada = Contact.objects.get(email="ada@example.com")

    def listed(query):
        return [each["external_id"] for each in api.get(f"/tickets{query}").json()["results"]]

    assert listed("") == ["T-3", "T-2", "T-1"]
    assert listed("?status=open") == ["T-3", "T-1"]
    assert listed(f"?contact_id={ada.pk}&status=open") == ["T-1"]
    assert listed("?external_id=T-2") == ["T-2"]


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"identifiers": None}, "null", "identifiers"),
        ({"external_id": ""}, "blank", "external_id"),
        ({"status": "half"}, "invalid_choice", "status"),
        ({"url": "javascript:alert(1)"}, "invalid", "url"),
        ({"subject": "x" * 201}, "max_length", "subject"),
        ({"occurred_at": "2150-01-01T00:00:00Z"}, "bad_timestamp", "occurred_at"),
        ({"contact_id": "019aa0a0-6c00-7000-8000-000000000001"}, "contact_not_found", "contact_id"),
        ({"priority": 1}, "unknown_field", "priority"),
    ],
)
def test_a_bad_ticket_is_refused_and_nothing_is_kept(api, change, code, field):
    response = api.post("/tickets", {**LATE, **change})
    assert response.status_code == 400
    [error] = response.json()["errors"]
    assert (error["field"], bool(error["message"])) == (field, True)
    assert not Ticket.objects.exists()
    assert not Event.objects.exists()
    assert not Contact.objects.exists()
    if code in ("bad_timestamp", "contact_not_found", "unknown_field"):
        assert error["code"] == code


def test_a_ticket_names_a_person(api):
    response = api.post("/tickets", {"external_id": "T-1", "status": "open"})
    assert (response.status_code, response.json()["code"]) == (400, "missing_identifier")
    assert not Ticket.objects.exists()


def test_tasks_are_listed_read_and_ticked_off_once(api, owner, now):
    ada = Contact.objects.create(email="ada@example.com")
    [todo] = create_tasks(tasks=[NewTask(ada.pk, "Call", assignee_id=owner.pk)], now=now)
    create_tasks(tasks=[NewTask(ada.pk, "Write")], now=now + timedelta(hours=1))

    def listed(query):
        return [each["title"] for each in api.get(f"/tasks{query}").json()["results"]]

    assert listed("") == ["Write", "Call"]
    assert listed(f"?assignee_id={owner.pk}") == ["Call"]
    assert api.get(f"/tasks/{todo.pk}").json()["done_at"] is None
    done = api.post(f"/tasks/{todo.pk}/complete").json()
    assert done["done_at"] is not None
    assert api.post(f"/tasks/{todo.pk}/complete").json() == done
    assert listed("?status=open") == ["Write"]
    assert listed("?status=done") == ["Call"]


def test_globex_meets_neither(api, globex, integrator, key_of, acme, now):
    api.post("/tickets", LATE)
    ada = Contact.objects.get(email="ada@example.com")
    [todo] = create_tasks(tasks=[NewTask(ada.pk, "Call")], now=now)
    stranger = integrator(globex, key_of(globex)[1])
    with tenant_context(globex):
        assert stranger.get("/tickets").json()["results"] == []
        assert stranger.get("/tasks").json()["results"] == []
        assert stranger.get(f"/tasks/{todo.pk}").status_code == 404
        assert stranger.post(f"/tasks/{todo.pk}/complete").status_code == 404
        # the same number is a ticket of Globex's own, and Acme's person nobody there
        named = {**LATE, "contact_id": str(ada.pk)}
        assert stranger.post("/tickets", named).json()["code"] == "contact_not_found"
    with tenant_context(acme):
        assert Ticket.objects.get().contact_id == ada.pk
        assert Task.objects.get().done_at is None
