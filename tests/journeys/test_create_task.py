"""The step “Create a task”: one task a visit, for everyone who comes through."""

from datetime import timedelta

import pytest
from django.core import mail

from contacts.models import Task
from contacts.todo import create_tasks
from journeys import services
from journeys.config_forms import clean_config
from journeys.contracts import steps
from journeys.enrolment import enrol
from journeys.models import Enrolment
from tests.journeys.conftest import definition, live, run_of, settle, step

CALL = {"title": "Call back", "note": "They looked at the quote", "due_days": 2}


def test_everyone_who_comes_through_is_a_task_with_one_mail_about_all(ada, bob, owner, now):
    config = {**CALL, "assignee": str(owner.pk), "alert": True}
    journey = live(now, step("task1", "create_task", config))
    enrol(journey=journey, contact_ids=[ada.pk, bob.pk], now=now)
    settle(now)

    assert set(Task.objects.values_list("contact_id", "title", "assignee_id", "due_at")) == {
        (each.pk, "Call back", owner.pk, now + timedelta(days=2)) for each in (ada, bob)
    }
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == ([owner.email], "2 new tasks")
    assert "Ada" in sent.body
    assert "Bob" in sent.body
    assert set(Enrolment.objects.values_list("status", flat=True)) == {"finished"}


def test_a_step_that_acts_twice_makes_one_task(ada, now, monkeypatch):
    twice = []

    def again(**given):
        twice.extend([create_tasks(**given), create_tasks(**given)])

    monkeypatch.setattr("journeys.steps.create_task.create_tasks", again)
    journey = live(now, step("task1", "create_task", {**CALL, "alert": True}))
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now)
    assert [len(made) for made in twice] == [1, 0]
    assert len(mail.outbox) == 1
    assert run_of(ada).status == "finished"


def test_a_second_run_is_a_second_task(ada, now):
    journey = live(now, step("task1", "create_task", CALL), settings={"re_entry": "always"})
    for day in (0, 1):
        enrol(journey=journey, contact_ids=[ada.pk], now=now + timedelta(days=day))
        settle(now + timedelta(days=day))
    assert Task.objects.count() == 2
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "Call", "due_days": -1}, "due_days"),
        ({"title": "Call", "assignee": "019aa0a0-6c00-7000-8000-000000000001"}, "assignee"),
    ],
)
def test_settings_that_make_no_sense_are_refused(acme, globex, config, field):
    assert field in clean_config(steps.get("create_task"), config)[1]


def test_a_colleague_of_another_business_cannot_be_chosen(acme, globex, now):
    stranger = globex.memberships.get(role="owner").user
    config = {"title": "Call", "assignee": str(stranger.pk)}
    journey = services.create_journey(
        name="x", definition=definition(step("task1", "create_task", config)), now=now
    )
    assert [each.code for each in services.draft_problems(journey)] == ["invalid_settings"]


def test_its_words(acme, owner):
    summary = steps.get("create_task").summary
    assert summary(CALL) == "Call back"
    assert summary({**CALL, "assignee": str(owner.pk)}) == "Call back, for Acme Owner"
