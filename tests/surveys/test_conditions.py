"""Segments ask how somebody answered, and whether they wrote a review."""

from datetime import timedelta

import pytest

from contacts.models import Contact
from contacts.segments import describe, matching, scope_at
from core.ids import uuid7
from surveys.models import Review, Survey
from tests.surveys.conftest import line

DAY = timedelta(days=1)


def who(config, people, at, kind="survey_answer", **scope):
    tree = {"kind": kind, "config": config}
    return matching([each.pk for each in people], tree, scope_at(at, **scope))


@pytest.fixture
def cleo(acme):
    return Contact.objects.create(email="cleo@example.com", first_name="Cleo")


@pytest.mark.parametrize(
    ("config", "names"),
    [
        ({}, {"Ada", "Bob"}),
        ({"at_most": 2}, {"Ada"}),
        ({"at_least": 3}, {"Bob"}),
        ({"at_least": 2, "at_most": 5}, {"Ada", "Bob"}),
        ({"at_least": 6}, set()),
        ({"value": "5"}, {"Bob"}),
        ({"value": "five"}, set()),
    ],
)
def test_scores(satisfaction, ada, bob, cleo, asked, answer, now, config, names):
    # given that Ada gave 2, Bob 5, and Cleo was asked and said nothing
    answer(asked(satisfaction, ada), "2")
    answer(asked(satisfaction, bob), "5")
    asked(satisfaction, cleo)
    people = [ada, bob, cleo]
    found = who({"survey": str(satisfaction.pk), **config}, people, now)
    assert {each.first_name for each in people if each.pk in found} == names


def test_the_last_time_counts(satisfaction, ada, asked, answer, now):
    # given a good answer after a bad one, to another invitation
    answer(asked(satisfaction, ada, asked_at=now - DAY), "1")
    ada.invitations.update(answered_at=now - DAY)
    ada.answers.update(answered_at=now - DAY)
    answer(asked(satisfaction, ada), "5")
    low = {"survey": str(satisfaction.pk), "at_most": 2}
    assert who(low, [ada], now) == set()
    # and a replay of yesterday sees only yesterday
    assert who(low, [ada], now - timedelta(hours=1)) == {ada.pk}
    assert who(low, [ada], now - 2 * DAY) == set()


@pytest.mark.parametrize("words", ["offers", "Offers", "OFFERS"])
def test_a_choice_is_named_by_its_value_or_its_words(
    interests, ada, bob, asked, answer, now, words
):
    answer(asked(interests, ada), ["offers", "new"])
    answer(asked(interests, bob), ["new"])
    config = {"survey": str(interests.pk), "value": words}
    assert who(config, [ada, bob], now) == {ada.pk}


def test_one_choice_of_several(acme, ada, asked, answer, now):
    why = Survey.objects.get(key="why")
    answer(asked(why, ada), "price", "Too dear")
    assert who({"survey": str(why.pk), "value": "The prices"}, [ada], now) == {ada.pk}
    assert who({"survey": str(why.pk), "value": "choice"}, [ada], now) == set()


def test_a_survey_that_is_gone_holds_for_nobody(ada, now):
    config = {"survey": str(uuid7())}
    assert who(config, [ada], now) == set()
    assert "a survey that is gone" in describe({"kind": "survey_answer", "config": config})


def test_it_is_told_in_words(satisfaction):
    config = {"survey": str(satisfaction.pk), "at_most": 2}
    assert (
        describe({"kind": "survey_answer", "config": config})
        == "People who answered “Order and shipping” with 2 or less"
    )


def test_reviews_of_anything_and_of_what_was_asked_about(ada, bob, requested, write_review, now):
    # given a journey that asked both, Ada of an order she has reviewed, Bob of one he has not
    journey = uuid7()
    first, second = requested(line()), requested(line(), contact=bob)
    for request in (first, second):
        request.journey_id = journey
        request.save()
    write_review(first)
    for order in ("any", "asked"):
        found = who({"order": order}, [ada, bob], now, "reviewed", journey_id=journey)
        assert found == {ada.pk}
    # when the journey asks Ada about her next order
    newer = requested(line())
    newer.journey_id, newer.asked_at = journey, now + DAY
    newer.save()
    # then she has reviewed something, but not that
    later = now + 2 * DAY
    assert who({"order": "any"}, [ada], later, "reviewed", journey_id=journey) == {ada.pk}
    assert who({"order": "asked"}, [ada], later, "reviewed", journey_id=journey) == set()
    # and nothing was reviewed before it was
    assert who({"order": "any"}, [ada], now - DAY, "reviewed") == set()
    assert Review.objects.count() == 1
