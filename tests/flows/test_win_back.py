"""Win-back, as shipped: by the rhythm of orders, and by campaigns nobody opened."""

import pytest

from campaigns.launching import CampaignDraft, launch_campaign, save_campaign
from campaigns.models import Message
from campaigns.starter_mails import starter_template
from commerce.models import CouponCode
from contacts.models import Contact
from surveys.models import Invitation
from surveys.services.answering import answer_survey
from tests.flows.conftest import DAY

NEW, WHY, CODE, STAY = (
    "What is new since your last visit",
    "May we ask you something?",
    "Something to come back for",
    "Shall we go on writing to you?",
)


def dormant() -> list[str]:
    tagged = Contact.objects.filter(contact_tags__tag__name="dormant")
    return sorted(tagged.values_list("first_name", flat=True))


@pytest.fixture
def regular(town):
    """Ada has ordered every ten days, three times, the last time today."""
    town.subscriber("Ada")
    for number, days in enumerate((20, 10, 0)):
        town.order("Ada", "Jam", number=f"a{number}", placed_at=town.now - days * DAY)
    town.publish("win_back_orders")
    return town


def test_late_by_her_own_rhythm(regular):
    # when a day less than one and a half times ten days has passed, then nothing has happened
    town = regular
    town.until(town.start + 15 * DAY)
    assert town.mails("Ada") == []
    # when it is the next morning, a week, two, and twenty-four days on
    town.until(town.start + 16 * DAY)
    assert town.mails("Ada") == [NEW]
    town.until(town.start + 24 * DAY)
    assert town.mails("Ada") == [NEW, WHY]
    town.until(town.start + 31 * DAY)
    assert town.mails("Ada") == [NEW, WHY, CODE]
    assert CouponCode.objects.get().coupon.amount == 10
    town.until(town.start + 42 * DAY)
    assert town.mails("Ada") == [NEW, WHY, CODE, STAY]
    assert dormant() == []
    # and after two weeks of silence she is dormant
    town.until(town.start + 58 * DAY)
    assert dormant() == ["Ada"]
    assert town.runs("Ada") == [("finished", "")]


def test_a_good_customer_gets_the_better_code(regular):
    town = regular
    town.order("Ada", "Knife", "Knife", "Knife", number="big")
    town.until(town.start + 40 * DAY)
    assert CouponCode.objects.get().coupon.amount == 15


def test_an_order_ends_it_at_once(regular):
    # given Ada who got the first mail
    town = regular
    town.until(town.start + 16 * DAY)
    # when she orders
    town.order("Ada", "Loaf", number="back")
    # then that is all she gets until she is late again
    [(status, _reason)] = town.runs("Ada")
    assert status != "active"
    town.wait(9 * DAY)
    assert town.mails("Ada") == [NEW]


def test_her_answer_becomes_a_tag(regular):
    town = regular
    town.until(town.start + 24 * DAY)
    asked = Invitation.objects.select_related("survey").get()
    question = asked.survey.questions.order_by("position").first()
    sent = {str(question.pk): ["price"]}
    answer_survey(invitation_id=asked.pk, sent=sent, ip=None, now=town.now)
    assert Contact.objects.filter(contact_tags__tag__name="away: price").count() == 1


@pytest.fixture
def reader(town):
    """Ada and Bob have got five campaigns; Bob opened one of them."""
    for name in ("Ada", "Bob"):
        town.subscriber(name)
    town.publish("win_back_unopened")
    keys = ("welcome-story", "welcome-stay", "cross-sell", "welcome-favourites", "replacement")
    for number, key in enumerate(keys):
        template = starter_template(key=key, language="en", now=town.now)
        draft = CampaignDraft(
            name=f"News {number}", template_id=template.pk, audience_kind="everyone"
        )
        campaign = save_campaign(draft=draft, now=town.now)
        launch_campaign(campaign_id=campaign.pk, now=town.now)
        town.work()
        if number == 2:
            opened = Message.objects.get(campaign_id=campaign.pk, contact__first_name="Bob")
            town.happens("message.opened", "Bob", message_id=str(opened.pk), machine=False)
        town.wait(2 * DAY)
    return town


def test_five_campaigns_received_and_none_opened(reader):
    town = reader
    town.wait(5 * DAY)
    assert NEW in town.mails("Ada")
    assert NEW not in town.mails("Bob")


@pytest.mark.parametrize(
    ("kind", "machine", "ends"),
    [("message.opened", False, True), ("message.opened", True, False),
     ("message.clicked", False, True), ("product.viewed", None, True)],
)  # fmt: skip
def test_any_human_activity_ends_it_and_a_machine_does_not(reader, kind, machine, ends):
    # given Ada in the journey
    town = reader
    town.wait(5 * DAY)
    [(status, _reason)] = town.runs("Ada")
    assert status == "active"
    # when something opens, clicks, or looks around
    message = Message.objects.filter(contact__first_name="Ada").latest("queued_at")
    data = {"product_id": "Cake"} if machine is None else {"machine": machine}
    town.happens(kind, "Ada", message_id=str(message.pk), **data)
    # then she is out when a person did it
    [(status, _reason)] = town.runs("Ada")
    assert (status != "active") is ends
