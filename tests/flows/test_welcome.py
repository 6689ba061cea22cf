"""The welcome, as shipped: who starts it, its path, and what ends it."""

from contacts.consent import record_consent
from contacts.models import Contact
from surveys.models import Invitation
from surveys.services.answering import answer_survey
from tests.flows.conftest import DAY, HOUR

HELLO, QUESTION, FAVOURITES, STAY = (
    "Welcome to Acme",
    "What would you like to hear about?",
    "What our customers come back for",
    "Is this right for you?",
)


def test_now_two_days_four_and_seven(town):
    town.publish("welcome")
    town.subscriber("Ada")
    assert town.mails("Ada") == [HELLO]
    # Friday noon, and two days; the next morning at nine
    town.until(town.start + 2 * DAY + 19 * HOUR)
    assert town.mails("Ada") == [HELLO]
    town.until(town.start + 3 * DAY)
    assert town.mails("Ada") == [HELLO, QUESTION]
    # her answer becomes a tag
    asked = Invitation.objects.select_related("survey").get()
    question = asked.survey.questions.order_by("position").first()
    sent = {str(question.pk): ["advice"]}
    answer_survey(invitation_id=asked.pk, sent=sent, ip=None, now=town.now)
    assert Contact.objects.filter(contact_tags__tag__name="interest: advice").count() == 1
    town.until(town.start + 12 * DAY)
    assert town.mails("Ada") == [HELLO, QUESTION, FAVOURITES, STAY]
    assert town.runs("Ada") == [("finished", "")]


def test_the_first_order_ends_it(town):
    journey = town.publish("welcome")
    town.subscriber("Ada")
    town.order("Ada", "Jam")
    town.wait(12 * DAY)
    assert town.mails("Ada") == [HELLO]
    run = journey.enrolments.get()
    assert run.status != "active"
    assert run.converted_at == town.start


def test_customers_get_a_welcome_of_their_own(town):
    town.publish("welcome")
    Contact.objects.create(email="ada@example.com", first_name="Ada")
    town.order("Ada", "Jam", placed_at=town.now - 50 * DAY)
    record_consent(
        contact_ids=[Contact.objects.get().pk], action="subscribed", source="form", now=town.now
    )
    town.work()
    town.wait(12 * DAY)
    assert town.mails("Ada") == ["Good to have you on our list"]


def test_once_in_a_life(town):
    town.publish("welcome")
    ada = town.subscriber("Ada")
    for action in ("unsubscribed", "subscribed"):
        town.wait(20 * DAY)
        record_consent(contact_ids=[ada.pk], action=action, source="preferences", now=town.now)
        town.work()
    assert town.mails("Ada").count(HELLO) == 1
