"""The review request, as shipped: satisfaction first, then stars, the same thanks for everybody."""

from uuid import UUID

import pytest

from commerce.models import CouponCode
from contacts.models import Task
from surveys.models import Invitation, ReviewRequest
from surveys.services.answering import answer_survey
from surveys.services.reviewing import Written, submit_review
from tests.flows.conftest import DAY, HOUR

HOW, STARS, REMINDER, THANKS = (
    "How was your order?",
    "What do you think of it?",
    "Two minutes for the next one?",
    "Thank you for your review",
)


@pytest.fixture
def bought(town):
    """Ada's order of four things was delivered today."""
    town.publish("review_request")
    town.subscriber("Ada")
    town.order("Ada", "Loaf", "Cake", "Knife", "Jam", number="7", delivered_at=town.now)
    return town


def answer(town, score: int) -> None:
    asked = Invitation.objects.select_related("survey").get()
    question = asked.survey.questions.order_by("position").first()
    answer_survey(
        invitation_id=asked.pk, sent={str(question.pk): [str(score)]}, ip=None, now=town.now
    )
    town.work()


def review(town, stars: int) -> None:
    asked = ReviewRequest.objects.get()
    submit_review(
        request_id=asked.pk, line_id=UUID(asked.items[0]["line_id"]),
        written=Written(stars=str(stars), text="So it is."), now=town.now,
    )  # fmt: skip
    town.work()


def test_seven_days_after_the_delivery_and_two_more(bought):
    town = bought
    town.until(town.start + 8 * DAY)
    assert town.mails("Ada") == []
    town.until(town.start + 10 * DAY)
    assert town.mails("Ada") == [HOW]


def test_fourteen_days_after_it_was_sent_when_nobody_says_more(town):
    town.publish("review_request")
    town.subscriber("Ada")
    town.order("Ada", "Loaf", number="7", fulfilled_at=town.now)
    town.until(town.start + 15 * DAY)
    assert town.mails("Ada") == []
    town.until(town.start + 17 * DAY)
    assert town.mails("Ada") == [HOW]


@pytest.mark.parametrize("stars", [1, 5])
def test_the_same_thanks_for_every_rating(bought, stars):
    # given Ada who is content, and was asked for a review of three of the four things
    town = bought
    town.until(town.start + 10 * DAY)
    answer(town, 5)
    town.wait(2 * HOUR)
    assert town.mails("Ada") == [HOW, STARS]
    assert len(ReviewRequest.objects.get().items) == 3
    # when she writes one
    review(town, stars)
    # then she is thanked with a code, whatever she said
    assert town.mails("Ada") == [HOW, STARS, THANKS]
    code = CouponCode.objects.get()
    assert code.coupon.amount == 10
    assert code.code in town.last_text("Ada")
    assert town.runs("Ada") == [("finished", "")]


def test_a_low_score_opens_a_task_and_delays_the_question(bought):
    town = bought
    town.until(town.start + 10 * DAY)
    answered = town.now
    answer(town, 1)
    # then somebody has a task, and Ada is not asked for a review for a week
    assert Task.objects.filter(contact__first_name="Ada", done_at=None).count() == 1
    town.until(answered + 6 * DAY)
    assert town.mails("Ada") == [HOW]
    town.until(answered + 9 * DAY)
    assert town.mails("Ada") == [HOW, STARS]


def test_one_reminder_after_a_week_and_no_more(bought):
    town = bought
    town.until(town.start + 10 * DAY)
    answer(town, 4)
    town.wait(8 * DAY)
    assert town.mails("Ada") == [HOW, STARS, REMINDER]
    town.wait(20 * DAY)
    assert town.mails("Ada") == [HOW, STARS, REMINDER]
    assert town.runs("Ada") == [("exited", "No review")]
    assert CouponCode.objects.count() == 0


@pytest.mark.parametrize("moment", ["cancelled_at", "refunded_at"])
def test_refunded_or_cancelled_it_stops(bought, moment):
    town = bought
    town.until(town.start + 10 * DAY)
    town.tell("7", **{moment: town.now})
    town.wait(20 * DAY)
    assert town.mails("Ada") == [HOW]
    [(status, _reason)] = town.runs("Ada")
    assert status == "exited"


def test_held_while_a_ticket_is_open(bought):
    town = bought
    town.happens("ticket.opened", "Ada", external_id="t1", subject="Broken")
    town.until(town.start + 10 * DAY)
    assert town.mails("Ada") == []
    town.happens("ticket.closed", "Ada", external_id="t1")
    town.wait(DAY)
    assert town.mails("Ada") == [HOW]
