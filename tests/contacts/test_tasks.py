"""Tasks: made once, told about by mail, ticked off by the team."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection
from django_tenants.utils import tenant_context

from contacts.erasure import erase_contact
from contacts.models import Task
from contacts.todo import NewTask, create_tasks, finish_task
from tenants.models import Membership, User

PAGE = "/tasks/"


@pytest.fixture
def ada(contact):
    return contact("ada@example.com", first_name="Ada", last_name="Byron")


@pytest.fixture
def colleague(acme):
    user = User.objects.create_user("gino@acme.example", "x", name="Gino", language="it")
    Membership.objects.create(user=user, workspace=acme, role="editor")
    return user


@pytest.fixture
def task(ada, now):
    def make(title="Call back", alert=False, **values):
        [made] = create_tasks(tasks=[NewTask(ada.pk, title, **values)], now=now, alert=alert)
        return made

    return make


def test_the_same_source_makes_one_task_and_one_mail(ada, colleague, now):
    wanted = [
        NewTask(ada.pk, "Call back", assignee_id=colleague.pk, source_key=key)
        for key in ("journey:a:bb:1", "journey:b:bb:1", "journey:a:bb:1")
    ]
    assert len(create_tasks(tasks=wanted, now=now, alert=True)) == 2
    assert create_tasks(tasks=wanted, now=now, alert=True) == []
    assert Task.objects.count() == 2
    assert [each.to for each in mail.outbox] == [["gino@acme.example"]]
    # those made by hand have no key and are never the same
    assert len(create_tasks(tasks=[NewTask(ada.pk, "x")] * 2, now=now)) == 2


def test_the_mail_says_what_is_to_be_done_about_whom(task, colleague, ada, now):
    task(
        alert=True,
        assignee_id=colleague.pk,
        note="Offer 12",
        due_at=now + timedelta(days=2),
    )
    [sent] = mail.outbox
    assert sent.subject == "Call back: Ada Byron"
    assert "Offer 12" in sent.body
    assert f"acme.localhost:8000/contacts/{ada.pk}/" in sent.body.replace("http://", "")
    assert "22" in sent.body


@pytest.mark.parametrize("assignee", [None, uuid4()])
def test_without_a_colleague_the_leads_are_told(task, colleague, owner, assignee):
    task(alert=True, assignee_id=assignee)
    assert [each.to for each in mail.outbox] == [[owner.email]]


def test_names_cannot_break_the_subject(contact, owner, now):
    eve = contact("eve@example.com", first_name="Eve\r\nBcc: all@example.com")
    create_tasks(tasks=[NewTask(eve.pk, "Call")], now=now, alert=True)
    assert mail.outbox[0].subject == "Call: Eve Bcc: all@example.com"


def test_the_page_shows_mine_all_and_done(acme_client, task, owner, colleague, now):
    task("Mine", assignee_id=owner.pk, due_at=now - timedelta(days=3))
    task("Gino's", assignee_id=colleague.pk, note="Soon")
    done = task("Finished")
    finish_task(task_id=done.pk, by_id=owner.pk, now=now)

    def shown(query=""):
        page = acme_client.get(PAGE + query).content.decode()
        return {title for title in ("Mine", "Gino&#x27;s", "Finished") if f"<b>{title}</b>" in page}

    assert shown() == {"Mine", "Gino&#x27;s"}
    assert shown("?show=mine") == {"Mine"}
    assert shown("?show=done") == {"Finished"}
    assert shown("?show=nonsense") == {"Mine", "Gino&#x27;s"}
    page = acme_client.get(PAGE).content.decode()
    assert "Late: " in page
    assert page.index("<b>Mine</b>") < page.index("<b>Gino")
    assert 'class="pill' in page


def test_a_task_is_ticked_off_and_opened_again(acme_client, task, owner):
    todo = task()
    url = f"/tasks/{todo.pk}/done/"
    assert acme_client.post(url, {"show": "mine"})["Location"] == "/tasks/?show=mine"
    todo.refresh_from_db()
    first = todo.done_at
    assert first is not None
    assert todo.done_by_id == owner.pk
    acme_client.post(url, {"back": "contact"})
    todo.refresh_from_db()
    assert todo.done_at == first
    acme_client.post(url, {"undo": "1"})
    todo.refresh_from_db()
    assert (todo.done_at, todo.done_by_id) == (None, None)


def test_the_contacts_page_has_a_box_to_add_and_tick_off(acme_client, ada, owner):
    panel = f"/contacts/{ada.pk}/panels/tasks/"
    assert "Nothing to do." in acme_client.get(panel).content.decode()
    acme_client.post(f"/contacts/{ada.pk}/tasks/", {"title": "  Send   the quote "})
    acme_client.post(f"/contacts/{ada.pk}/tasks/", {"title": " \x00 "})
    acme_client.post(f"/contacts/{ada.pk}/tasks/", {"title": "x" * 201})
    assert list(Task.objects.values_list("title", "assignee_id")) == [("Send the quote", owner.pk)]
    assert "Send the quote" in acme_client.get(panel).content.decode()


def test_erasing_the_person_takes_their_tasks_along(task, ada, now):
    task(note="Ada's secret")
    erase_contact(contact_id=ada.pk, now=now)
    assert not Task.objects.exists()


def test_the_empty_page_says_where_tasks_come_from(acme_client):
    assert "Nothing to do" in acme_client.get(PAGE).content.decode()
    assert "Nothing done yet" in acme_client.get(f"{PAGE}?show=done").content.decode()


def test_globex_neither_sees_nor_ticks(globex_client, globex, acme, task, ada):
    todo = task()
    assert globex_client.post(f"/tasks/{todo.pk}/done/").status_code == 404
    assert globex_client.post(f"/contacts/{ada.pk}/tasks/", {"title": "x"}).status_code == 404
    assert "Call back" not in globex_client.get(PAGE).content.decode()
    connection.set_tenant(acme)
    assert Task.objects.get().done_at is None
    with tenant_context(globex):
        assert not Task.objects.exists()
