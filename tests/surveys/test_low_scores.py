"""A low score opens a task for the team: once, in words, and only for somebody known."""

from django.utils import translation

from contacts.models import Task
from core.ids import uuid7
from events.drain import drain
from events.models import Event
from events.services import record
from surveys.models import Survey
from tests.architecture.belongings import picture


def test_a_low_score_opens_one_task(acme, satisfaction, ada, asked, answer, now):
    # given a low score, given twice
    invitation = asked(satisfaction, ada, subject="Order 1042")
    answer(invitation, "1")
    answer(invitation, "2")
    # when the events are consumed
    drain(now=now)
    # then there is one task about her, with what it was about
    task = Task.objects.get()
    assert (task.contact, task.done_at, task.created_at) == (ada, None, now)
    assert task.title == "Low score: 1 for “Order and shipping”"
    assert task.note == "It was about: Order 1042"
    # and nothing more when they are consumed again
    before = picture(acme)
    drain(now=now)
    assert picture(acme) == before


def test_a_good_score_opens_none(satisfaction, ada, asked, answer, now):
    answer(asked(satisfaction, ada), "3")
    drain(now=now)
    assert not Task.objects.exists()


def test_a_survey_without_a_threshold_opens_none(satisfaction, ada, asked, answer, now):
    Survey.objects.update(low_score=None)
    answer(asked(satisfaction, ada), "1")
    drain(now=now)
    assert not Task.objects.exists()


def test_the_task_is_written_in_the_language_of_the_workspace(
    acme, satisfaction, ada, asked, answer, now
):
    acme.language = "it"
    acme.save()
    with translation.override("en"):
        answer(asked(satisfaction, ada), "1")
        drain(now=now)
        assert translation.get_language() == "en"
    assert "Order and shipping" in Task.objects.get().title


def test_somebody_who_is_not_known_any_more_gets_none(acme, now):
    record(
        type="survey.low_score",
        contact_id=uuid7(),
        data={"survey_name": "Orders", "score": 1, "subject": ""},
        now=now,
    )
    drain(now=now)
    assert not Task.objects.exists()
    assert not Event.objects.exclude(state=Event.State.DONE).exists()
