"""Journeys ask: one invitation a visit, one request for what is not reviewed yet."""

from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import sending
from campaigns.services import TemplateDraft, save_template
from contacts.contracts import MergeRequest
from contacts.models import Contact
from core.ids import uuid7
from events.drain import drain
from journeys.contracts import EVER, step_metrics, steps
from journeys.enrolment import enrol
from journeys.models import Enrolment
from surveys.merge_fields import review_values, survey_values
from surveys.models import Invitation, ReviewRequest, Survey
from tests.campaigns.conftest import office as office
from tests.journeys.conftest import live, path_of, run_of, settle, step
from tests.surveys.conftest import line, link_to, review_url

HOUR = timedelta(hours=1)
PAUSE = step("pause1", "wait", {"amount": 2, "unit": "days"})


def enter(journey: Any, *people: Contact, now: Any, context: Any = None, key: str = "") -> None:
    enrol(
        journey=journey,
        contact_ids=[each.pk for each in people],
        now=now,
        context=context or {},
        key=key,
    )
    settle(now)


@pytest.fixture
def order():
    """What starts a run when an order arrives."""
    return {
        "order_id": str(uuid7()),
        "number": "1042",
        "lines": [line("Rye"), line("Buns"), line("Cake"), line("Jam")],
    }


def test_asking_makes_one_invitation_for_each(satisfaction, ada, bob, now, order):
    # given a journey that asks
    journey = live(now, step("ask1", "ask_survey", {"survey": str(satisfaction.pk)}), PAUSE)
    # when two people come by
    enter(journey, ada, bob, now=now, context=order)
    # then each is asked once, about their order
    asked = Invitation.objects.filter(survey=satisfaction)
    assert {each.contact_id for each in asked} == {ada.pk, bob.pk}
    mine = asked.get(contact=ada)
    run = run_of(ada)
    assert (mine.enrolment_id, mine.journey_id, mine.step_id) == (run.pk, journey.pk, "ask1")
    assert (mine.subject, mine.asked_at, mine.answered_at) == ("1042", now, None)


def test_a_visit_that_is_run_again_asks_once(satisfaction, ada, now):
    from surveys.services.asking import NewInvitation, Visit, invite

    visit = Visit(ada.pk, enrolment_id=uuid7(), step_id="ask1", visit=3)
    asked = [NewInvitation(satisfaction.pk, visit)]
    assert invite(invitations=asked, now=now) == 1
    assert invite(invitations=asked, now=now) == 0
    assert invite(invitations=[], now=now) == 0
    # and whoever is gone meanwhile is left out
    nobody = Visit(uuid7(), enrolment_id=uuid7(), step_id="ask1")
    assert invite(invitations=[NewInvitation(satisfaction.pk, nobody)], now=now) == 0


def test_many_are_asked_in_one_statement(satisfaction, acme, now):
    people = [Contact.objects.create(email=f"p{n}@example.com") for n in range(20)]
    journey = live(now, step("ask1", "ask_survey", {"survey": str(satisfaction.pk)}), PAUSE)
    enrol(journey=journey, contact_ids=[each.pk for each in people], now=now)
    with CaptureQueriesContext(connection) as queries:
        settle(now)
    written = [each["sql"] for each in queries if "INTO surveys_invitation" in each["sql"]]
    assert len(written) == 1
    assert Invitation.objects.count() == 20


def test_the_mail_of_the_run_carries_the_link_of_the_run(satisfaction, interests, ada, now):
    # given two journeys that ask Ada different things, the second a little later
    first = live(now, step("ask1", "ask_survey", {"survey": str(satisfaction.pk)}), PAUSE)
    enter(first, ada, now=now)
    second = live(
        now + HOUR, step("ask1", "ask_survey", {"survey": str(interests.pk)}), PAUSE, name="Two"
    )
    enter(second, ada, now=now + HOUR)
    run = Enrolment.objects.get(journey=first)
    # then a mail of the first run has its own question, one without a run the newest
    requests = [
        MergeRequest(ada.pk, enrolment_id=run.pk),
        MergeRequest(ada.pk),
        MergeRequest(uuid7()),
        MergeRequest(None),
    ]
    with CaptureQueriesContext(connection) as queries:
        mine, newest, nobody, nothing = survey_values(requests, now + HOUR)
    assert (nobody, nothing) == (None, None)
    assert mine["question"] == "How happy are you with your order and its delivery?"
    link = f"http://acme.localhost:8000{link_to(Invitation.objects.get(survey=satisfaction))}"
    assert mine["url"] == link
    assert mine["scale"] == [
        {"value": n, "label": n, "url": f"{link}?a={n}"} for n in ("1", "2", "3", "4", "5")
    ]
    assert (mine["lowest"], mine["highest"]) == ("Not at all happy", "Very happy")
    assert newest["name"] == "Interests"
    assert len([each for each in queries if "surveys_" in each["sql"]]) == 1
    # and what lay ahead is not known before it comes, nor a survey that was closed
    assert survey_values([MergeRequest(ada.pk)], now)[0]["name"] == "Order and shipping"
    Survey.objects.update(is_open=False)
    assert survey_values([MergeRequest(ada.pk)], now + HOUR) == [None]


def test_a_mail_is_filled_in_with_the_links(satisfaction, ada, now, acme, office):
    # given a journey that asks and then writes
    body = [{"kind": "survey", "settings": {"ends": True}}, {"kind": "footer", "settings": {}}]
    mail = save_template(draft=TemplateDraft("Ask", "How was it?", body), now=now)
    journey = live(
        now,
        step("ask1", "ask_survey", {"survey": str(satisfaction.pk)}),
        step("mail1", "send_email", {"template": str(mail.pk)}),
    )
    enter(journey, ada, now=now)
    # when the mail leaves
    assert sending.drain(workspace=acme, clock=lambda: now) == 1
    # then every answer in it has its own address, which leads to Ada's invitation
    [taken] = office.taken
    mime = message_from_bytes(taken.content, policy=policy.default)
    html = mime.get_body(("html",)).get_content()
    link = f"http://acme.localhost:8000{link_to(Invitation.objects.get())}"
    for score in range(1, 6):
        assert html.count(f'href="{link}?a={score}"') == 1
    assert f"4: {link}?a=4" in mime.get_body(("plain",)).get_content()
    assert "1 = Not at all happy, 5 = Very happy" in html


def test_asking_without_a_survey_cannot_be_published(satisfaction, acme):
    ask = steps.get("ask_survey")
    assert ask.problems({"survey": str(satisfaction.pk)}) == []
    assert ask.words({"survey": str(satisfaction.pk)}) == "Order and shipping"
    Survey.objects.filter(pk=satisfaction.pk).update(is_open=False)
    [closed] = ask.problems({"survey": str(satisfaction.pk)})
    assert closed.code == "survey_closed"
    for nothing in ({}, {"survey": "x"}, {"survey": str(uuid7())}):
        assert [each.code for each in ask.problems(nothing)] == ["survey_missing"]
        assert ask.words(nothing) == "No survey chosen"


def test_three_products_at_most_are_asked_about(ada, now, order):
    journey = live(now, step("rev1", "request_review", {"most": 3}), PAUSE)
    # given that one product stands in two lines
    order["lines"][1]["product_id"] = order["lines"][0]["product_id"]
    enter(journey, ada, now=now, context=order)
    asked = ReviewRequest.objects.get()
    assert (asked.contact, str(asked.order_id)) == (ada, order["order_id"])
    assert [item["name"] for item in asked.items] == ["Rye", "Cake", "Jam"]
    assert set(asked.items[0]) == {"line_id", "product_id", "name", "sku", "url", "image_url"}


def test_what_was_reviewed_before_is_left_out(ada, bob, now, order, requested, write_review):
    # given that Ada has reviewed her rye bread, of another order
    write_review(requested(line("Rye", product_id=order["lines"][0]["product_id"])))
    # and her buns, of this very line
    write_review(requested(line("Buns", line_id=order["lines"][1]["line_id"])))
    ReviewRequest.objects.all().delete()
    journey = live(now, step("rev1", "request_review", {"most": 3}), PAUSE)
    enter(journey, ada, bob, now=now, context=order)
    names = {
        each.contact_id: [item["name"] for item in each.items]
        for each in ReviewRequest.objects.all()
    }
    assert names == {ada.pk: ["Cake", "Jam"], bob.pk: ["Rye", "Buns", "Cake"]}


def test_who_has_reviewed_everything_leaves(ada, now, order, requested, write_review):
    order["lines"] = order["lines"][:1]
    write_review(requested(order["lines"][0]))
    journey = live(now, step("rev1", "request_review", {"most": 3}), PAUSE)
    enter(journey, ada, now=now, context=order)
    assert path_of(ada) == [("rev1", "exit:already_reviewed")]
    assert ReviewRequest.objects.count() == 1


@pytest.mark.parametrize(
    "context",
    [{}, {"lines": []}, {"lines": "x"}, {"lines": [1, None, {"line_id": "x"}]}, {"lines": None}],
)
def test_a_run_without_an_order_has_nothing_to_review(ada, now, context):
    journey = live(now, step("rev1", "request_review", {"most": 3}), PAUSE)
    enter(journey, ada, now=now, context=context)
    assert path_of(ada) == [("rev1", "exit:nothing_to_review")]


def test_a_run_about_one_line_asks_about_that_line(ada, now):
    bought = line("Oven")
    journey = live(now, step("rev1", "request_review", {"most": 3}), PAUSE)
    enter(journey, ada, now=now, context={"order_id": str(uuid7()), **bought})
    assert [item["line_id"] for item in ReviewRequest.objects.get().items] == [bought["line_id"]]


def test_the_mail_shows_what_is_still_to_be_reviewed(ada, requested, write_review, now):
    request = requested(line("Rye"), line("Buns"))
    write_review(request, 0)
    [found] = review_values([MergeRequest(ada.pk)], now)
    [item] = found["items"]
    url = f"http://acme.localhost:8000{review_url(request, 1)}"
    assert (item["name"], item["url"]) == ("Buns", url)
    assert item["stars"] == [{"n": n, "url": f"{url}?a={n}"} for n in (1, 2, 3, 4, 5)]
    # and nothing once everything is reviewed
    write_review(request, 1)
    assert review_values([MergeRequest(ada.pk)], now) == [None]


def test_the_steps_count_who_was_asked_and_who_answered(
    satisfaction, ada, bob, now, order, answer, write_review
):
    journey = live(
        now,
        step("ask1", "ask_survey", {"survey": str(satisfaction.pk)}),
        step("rev1", "request_review", {"most": 3}),
        PAUSE,
    )
    enter(journey, ada, bob, now=now, context=order)
    answer(Invitation.objects.get(contact=ada), "5")
    write_review(ReviewRequest.objects.get(contact=bob))
    for key, step_id, who in (("survey", "ask1", ada), ("review", "rev1", bob)):
        metrics = step_metrics.get(key)
        [asked, answered] = metrics.collect(journey.pk, [step_id], EVER)[step_id]
        assert (asked.what, asked.count, asked.of) == ("asked", 2, None)
        assert (answered.what, answered.count, answered.of) == ("answered", 1, 2)
        # and each number opens the people behind it
        assert set(metrics.people(journey.pk, step_id, "asked", EVER)) == {ada.pk, bob.pk}
        assert list(metrics.people(journey.pk, step_id, "answered", EVER)) == [who.pk]
        assert metrics.totals([journey.pk], EVER) == {}
    notes = step_metrics.get("survey").notes(run_of(ada).pk)
    assert [(each.step_id, str(each.text), each.tone) for each in notes] == [
        ("ask1", "Answered", "ok")
    ]


def test_an_answer_starts_a_journey(satisfaction, ada, bob, now, asked, answer):
    journey = live(
        now,
        PAUSE,
        entries=[
            {"kind": "survey_answered", "config": {"survey": str(satisfaction.pk), "at_most": 2}}
        ],
    )
    answer(asked(satisfaction, ada), "2")
    answer(asked(satisfaction, bob), "3")
    drain(now=now)
    assert [run.contact_id for run in journey.enrolments.all()] == [ada.pk]
