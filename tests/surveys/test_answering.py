"""Answering a survey: what is kept, what follows from it, what is refused."""

import json
from pathlib import Path

import pytest

from contacts.models import ConsentEntry, Contact
from contacts.tags import tags_of
from events.models import Event
from surveys.models import Answer, Survey
from tests.surveys.conftest import link_to, question_of

CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "cases" / "bad_inputs_surveys.jsonl")
    .read_text()
    .splitlines()
]


def events(kind):
    return list(Event.objects.filter(type=kind).order_by("id"))


def test_an_answer_is_kept_and_told(satisfaction, ada, asked, answer, visitor, now):
    # given that Ada is asked about her order
    invitation = asked(satisfaction, ada, subject="Order 1042")

    # when she answers
    response = answer(invitation, "4", "  Faster,\r\nplease.  ")

    # then she is thanked, and everything is in one row per question
    assert (response.status_code, response.url) == (302, f"{link_to(invitation)}thanks/")
    scale, words = Answer.objects.order_by("question__position")
    assert (scale.value, scale.score, scale.text, scale.answered_at) == (4, 4, "", now)
    assert (words.value, words.score, words.text) == (None, None, "Faster,\nplease.")
    invitation.refresh_from_db()
    assert invitation.answered_at == now
    # and the log has what journeys wait for; her own words stay out of it
    first, second = events("survey.answered")
    assert first.contact_id == ada.pk
    assert first.data == {
        "survey_id": str(satisfaction.pk),
        "survey_key": "satisfaction",
        "survey_name": "Order and shipping",
        "question_id": str(question_of(satisfaction).pk),
        "value": 4,
        "score": 4,
        "answer": "4",
        "tags": [],
    }
    assert "Faster" not in json.dumps(second.data)
    assert events("survey.low_score") == []


def test_answering_twice_changes_the_answer(satisfaction, ada, asked, answer, now):
    invitation = asked(satisfaction, ada)
    answer(invitation, "4", "Good")
    answer(invitation, "2", "Good")
    answer(invitation, "2", "Good")

    # then there is one answer, the last, and an event for each that differed
    scale = Answer.objects.get(question=question_of(satisfaction))
    assert (scale.score, scale.revision) == (2, 2)
    assert Answer.objects.count() == 2
    told = [event.data["value"] for event in events("survey.answered") if event.data["score"]]
    assert told == [4, 2]


def test_an_optional_answer_can_be_taken_back_and_given_again(satisfaction, ada, asked, answer):
    invitation = asked(satisfaction, ada)
    answer(invitation, "4", "Good")
    answer(invitation, "4", "")
    assert [each.text for each in Answer.objects.all()] == [""]
    answer(invitation, "4", "Very good")
    assert Answer.objects.get(value__isnull=True).text == "Very good"
    assert len(events("survey.answered")) == 3


@pytest.mark.parametrize(("score", "low"), [("1", True), ("2", True), ("3", False), ("5", False)])
def test_a_low_score_is_told_once(satisfaction, ada, asked, answer, score, low):
    invitation = asked(satisfaction, ada, subject="Order 1042")
    answer(invitation, score)
    answer(invitation, "5")
    answer(invitation, score)
    found = [event.data for event in events("survey.low_score")]
    expected = {
        "survey_id": str(satisfaction.pk),
        "survey_name": "Order and shipping",
        "score": int(score),
        "subject": "Order 1042",
    }
    assert found == ([expected] if low else [])


def test_interests_become_tags_and_follow_the_answer(interests, ada, asked, answer):
    invitation = asked(interests, ada)
    answer(invitation, ["new", "offers"])
    assert tags_of([ada.pk]) == {ada.pk: ["interest: news", "interest: offers"]}
    assert events("survey.answered")[0].data["tags"] == ["interest: news", "interest: offers"]

    # when she chooses others, the tag of what she took back goes
    answer(invitation, ["offers", "advice"])
    assert tags_of([ada.pk]) == {ada.pk: ["interest: advice", "interest: offers"]}
    assert Answer.objects.get().value == ["offers", "advice"]


def test_leaving_by_a_survey_unsubscribes_by_its_post_only(acme, ada, asked, answer, visitor):
    # given the question how often we may write
    invitation = asked(Survey.objects.get(key="frequency"), ada)

    # when the link that says "leave" is opened, nothing happens
    assert visitor.get(f"{link_to(invitation)}?a=leave").status_code == 200
    ada.refresh_from_db()
    assert ada.email_consent == Contact.Consent.SUBSCRIBED

    # when it is sent, she is out, and the ledger says how
    response = answer(invitation, "leave")
    ada.refresh_from_db()
    assert ada.email_consent == Contact.Consent.UNSUBSCRIBED
    entry = ConsentEntry.objects.get(contact_id=ada.pk)
    assert (entry.action, entry.source) == ("unsubscribed", "survey")
    assert entry.detail == "Stay, fewer, pause or leave"
    assert "sends you no more news" in visitor.get(response.url).content.decode()


def test_a_pause_is_a_tag(acme, ada, asked, answer):
    answer(asked(Survey.objects.get(key="frequency"), ada), "pause")
    assert tags_of([ada.pk]) == {ada.pk: ["mail: pause"]}
    ada.refresh_from_db()
    assert ada.email_consent == Contact.Consent.SUBSCRIBED


@pytest.mark.parametrize(
    "value", ["11", "-1", "5; DROP", "5.5", "true", "٣", "05", " 5", "0", "\x00", "9" * 5000]
)
def test_a_rating_that_is_none_is_refused(satisfaction, ada, asked, answer, value):
    # BI201
    invitation = asked(satisfaction, ada)
    response = answer(invitation, value, "Good")
    assert response.status_code == 400
    page = response.content.decode()
    assert "“How happy are you with your order and its delivery?”: Choose one of" in page
    assert nothing_was_kept(invitation)


def nothing_was_kept(invitation):
    invitation.refresh_from_db()
    return (
        invitation.answered_at is None
        and not Answer.objects.exists()
        and not Event.objects.exists()
    )


def test_the_cases_are_those_of_surveys():
    assert {case["id"] for case in CASES} == {"BI201", "BI207", "BI211"}


def test_two_ratings_at_once_are_refused(satisfaction, ada, asked, answer):
    invitation = asked(satisfaction, ada)
    response = answer(invitation, ["4", "5"])
    assert response.status_code == 400
    assert "Choose one answer only." in response.content.decode()
    assert nothing_was_kept(invitation)


def test_no_rating_is_refused_with_the_words_kept_in_the_form(satisfaction, ada, asked, answer):
    invitation = asked(satisfaction, ada)
    response = answer(invitation, "", "I wrote a lot")
    assert response.status_code == 400
    page = response.content.decode()
    assert "Choose or write an answer." in page
    assert "I wrote a lot" in page
    assert nothing_was_kept(invitation)


@pytest.mark.parametrize(
    ("text", "says"),
    [("x" * 1_000_000, "At most 2000 characters"), ("a\x00b", "NUL character")],
)
def test_words_that_are_too_many_or_no_words_are_refused(
    satisfaction, ada, asked, answer, text, says
):
    # BI207
    invitation = asked(satisfaction, ada)
    response = answer(invitation, "4", text)
    assert response.status_code == 400
    assert says in response.content.decode()
    assert nothing_was_kept(invitation)


def test_only_spaces_are_no_answer(satisfaction, ada, asked, answer):
    # BI207
    assert answer(asked(satisfaction, ada), "4", " \t\r\n ").status_code == 302
    assert Answer.objects.get().score == 4


@pytest.mark.parametrize(
    "text",
    [
        "\u202eevil\u202c",
        "<script>alert(1)</script>",
        "Robert'); DROP TABLE answers;--",
        "{{ 7*7 }} {% include 'x' %}",
        "田中さん 👩🏽‍🚒 ᚠᛇᚻ",
        "\ufeff\u200b\u2028",
        "../../../etc/passwd%00",
        "$HOME `id` |cat",
    ],
)
def test_odd_words_are_kept_and_shown_by_themselves(
    satisfaction, ada, asked, answer, acme_client, text
):
    # BI207
    assert answer(asked(satisfaction, ada), "4", text).status_code == 302
    assert Answer.objects.get(value__isnull=True).text == text.strip()
    page = acme_client.get(f"/surveys/{satisfaction.pk}/").content.decode()
    assert "<bdi>" in page
    assert "<script>alert" not in page


def test_a_closed_survey_takes_no_answer(satisfaction, ada, asked, answer, visitor):
    invitation = asked(satisfaction, ada)
    Survey.objects.update(is_open=False)
    for response in (answer(invitation, "4"), visitor.get(link_to(invitation))):
        assert response.status_code == 410
        assert "This survey is closed" in response.content.decode()
    assert nothing_was_kept(invitation)


def test_another_site_cannot_send_an_answer(satisfaction, ada, asked, answer):
    invitation = asked(satisfaction, ada)
    response = answer(invitation, "4", headers={"origin": "https://evil.test"})
    assert response.status_code == 403
    assert "Reload and try again" in response.content.decode()
    assert nothing_was_kept(invitation)


def test_a_link_is_not_sent_for_ever(satisfaction, ada, asked, answer, monkeypatch):
    from datetime import timedelta

    from core.rate_limits import Limit

    limit = Limit("surveys.answers", most=2, window=timedelta(hours=1))
    monkeypatch.setattr("surveys.views.answer.ANSWERS_OF_LINK", limit)
    invitation = asked(satisfaction, ada)
    answers = [answer(invitation, score) for score in ("5", "4", "3")]
    assert [each.status_code for each in answers] == [302, 302, 429]
    assert answers[2]["Retry-After"] == "3600"
    assert Answer.objects.get().score == 4
