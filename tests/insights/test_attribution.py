"""An order belongs to the last message its buyer clicked within five days; opens never count."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from campaigns.launching import CampaignDraft, save_campaign
from campaigns.models import Message
from campaigns.services import TemplateDraft, save_template
from commerce.models import Currency, Order
from contacts.models import Contact
from core.errors import Invalid
from events.drain import drain
from events.services import record
from insights.attribution import change_window, has_recount, recount
from insights.models import Attribution
from journeys import services

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ada(acme: Any) -> Contact:
    Currency.objects.update_or_create(code="EUR", defaults={"is_main": True})
    return Contact.objects.create(email="ada@example.com", first_name="Ada")


@pytest.fixture
def letter(acme: Any, now: datetime) -> UUID:
    draft = TemplateDraft(name="News", subject="News", body=[{"kind": "footer", "settings": {}}])
    version = save_template(draft=draft, now=now).live_version_id
    assert version
    return version


def sent(to: Contact, version: UUID, *, lane: int = 1, **where: Any) -> Message:
    return Message.objects.create(
        send_key=f"test-{uuid4()}", contact=to, to_address=to.email or "", lane=lane,
        template_version_id=version, status="accepted", **where,
    )  # fmt: skip


def clicked(
    message: Message, at: datetime, *, kind: str = "clicked", machine: bool = False
) -> None:
    record(
        type=f"message.{kind}", contact_id=message.contact_id, now=at, source="tracking",
        data={"message_id": str(message.pk), "machine": machine}, message_id=str(uuid4()),
    )  # fmt: skip
    drain(now=at)


def ordered(
    by: Contact, at: datetime, *, value: str = "40", told_at: datetime | None = None
) -> Order:
    order = Order.objects.create(
        external_id=str(uuid4()), contact=by, status="placed", currency="EUR", total=value,
        value=value, placed_at=at,
    )  # fmt: skip
    record(
        type="order.placed", contact_id=by.pk, now=told_at or at, occurred_at=at,
        data={"order_id": str(order.pk)}, message_id=f"placed:{order.pk}",
    )  # fmt: skip
    drain(now=told_at or at)
    return order


def message_of(order: Order) -> UUID | None:
    return Attribution.objects.filter(order=order).values_list("message_id", flat=True).first()


def test_the_last_click_within_five_days_has_the_order(ada: Contact, letter: UUID, now: Any):
    # given two messages clicked, the older one last
    first, second = sent(ada, letter), sent(ada, letter)
    clicked(second, now)
    clicked(first, now + DAY)
    # then an order belongs to what was clicked last, for five days less a moment
    assert message_of(ordered(ada, now + 2 * DAY)) == first.pk
    assert message_of(ordered(ada, now + 6 * DAY - MINUTE)) == first.pk
    # and to nothing once they are over
    assert message_of(ordered(ada, now + 6 * DAY)) is None


@pytest.mark.parametrize(
    ("kind", "machine", "lane"),
    [("opened", False, 1), ("clicked", True, 1), ("clicked", False, 0)],
    ids=["an open", "a scanner", "transactional mail"],
)
def test_what_never_counts(
    ada: Contact, letter: UUID, now: Any, kind: str, machine: bool, lane: int
):
    message = sent(ada, letter, lane=lane)
    clicked(message, now, kind=kind, machine=machine)
    assert message_of(ordered(ada, now + DAY)) is None


def test_a_click_after_the_order_has_nothing(ada: Contact, letter: UUID, now: Any):
    message = sent(ada, letter)
    order = ordered(ada, now)
    clicked(message, now + MINUTE)
    assert message_of(order) is None


def test_a_click_that_is_told_late_still_has_its_order(ada: Contact, letter: UUID, now: Any):
    # given an order whose click comes to us an hour later
    message = sent(ada, letter)
    order = ordered(ada, now + MINUTE)
    record(
        type="message.clicked", contact_id=ada.pk, now=now + DAY, occurred_at=now,
        data={"message_id": str(message.pk), "machine": False}, message_id="late",
    )  # fmt: skip
    drain(now=now + DAY)
    assert message_of(order) == message.pk


def test_somebody_else_s_click_has_nothing(ada: Contact, letter: UUID, now: Any):
    bob = Contact.objects.create(email="bob@example.com")
    clicked(sent(bob, letter), now)
    assert message_of(ordered(ada, now + DAY)) is None


def test_told_twice_it_is_one(ada: Contact, letter: UUID, now: Any):
    message = sent(ada, letter)
    clicked(message, now)
    order = ordered(ada, now + DAY)
    record(
        type="order.placed", contact_id=ada.pk, now=now + DAY, source="other",
        data={"order_id": str(order.pk)},
    )  # fmt: skip
    drain(now=now + DAY)
    assert Attribution.objects.count() == 1


def test_events_of_the_same_name_without_an_order_do_no_harm(ada: Contact, now: Any):
    for number, told in enumerate(({}, {"order_id": "7"}, {"order_id": str(uuid4())})):
        record(type="order.placed", contact_id=ada.pk, now=now, data=told, message_id=str(number))
    assert drain(now=now).failed == 0
    assert Attribution.objects.count() == 0


def test_another_window_is_carried_out_for_all_orders(ada: Contact, letter: UUID, now: Any):
    # given an order three days after the click
    message = sent(ada, letter)
    clicked(message, now)
    order = ordered(ada, now + 3 * DAY)
    # when the window shrinks, and grows again
    change_window(days=2, now=now)
    assert message_of(order) == message.pk
    while has_recount():
        recount(now)
    assert message_of(order) is None
    change_window(days=30, now=now)
    while has_recount():
        recount(now)
    assert message_of(order) == message.pk
    # and one that makes no sense is refused
    with pytest.raises(Invalid):
        change_window(days=0, now=now)
    assert not has_recount()


def test_the_journey_list_shows_what_the_rows_say(
    ada: Contact, letter: UUID, now: Any, acme_client: Client
):
    # given a journey with mails to two people, three orders, one of which was cancelled
    bob = Contact.objects.create(email="bob@example.com", first_name="Bob")
    step = {"id": "m1", "kind": "send_email", "config": {"template": str(_template(letter))}}
    journey = services.create_journey(
        name="Cart", now=now,
        definition={"entries": [{"kind": "manual", "config": {}}], "steps": [step]},
    )  # fmt: skip
    services.publish_journey(journey=journey, now=now)
    where = {"journey_id": journey.pk, "step_id": "m1", "sent_at": now}
    for person in (ada, bob):
        clicked(sent(person, letter, **where), now)
    ordered(ada, now + DAY, value="40")
    ordered(ada, now + DAY + MINUTE, value="2.50")
    gone = ordered(bob, now + DAY, value="99")
    Order.objects.filter(pk=gone.pk).update(status="cancelled")
    # then the list, the report and the people behind agree
    page = acme_client.get("/journeys/").content.decode()
    assert "€42.50" in page
    assert "2 orders" in page
    report = acme_client.get(f"/journeys/{journey.pk}/").content.decode()
    assert "earned by 2 orders" in report
    assert "€42.50" in report
    people = acme_client.get(f"/journeys/{journey.pk}/people/?what=ordered").content.decode()
    assert "Ada" in people
    assert "Bob" not in people
    of_step = acme_client.get(f"/journeys/{journey.pk}/people/?step=m1&what=revenue")
    assert "Who ordered after a click" in of_step.content.decode()
    assert "Bob" not in of_step.content.decode()


def _template(version: UUID) -> UUID:
    from campaigns.models import TemplateVersion

    return TemplateVersion.objects.get(pk=version).template_id


def test_the_campaign_report_shows_what_the_rows_say(
    ada: Contact, letter: UUID, now: Any, acme_client: Client
):
    # given a campaign that Ada clicked and ordered after
    campaign = save_campaign(
        draft=CampaignDraft(
            name="News", template_id=_template(letter), audience_kind="everyone"
        ),
        now=now,
    )  # fmt: skip
    campaign.status, campaign.started_at = "sent", now
    campaign.template_version_id = letter
    campaign.save()
    message = sent(ada, letter, lane=2, campaign_id=campaign.pk, sent_at=now)
    clicked(message, now)
    ordered(ada, now + DAY, value="42.50")
    # then list, report and people agree
    assert "€42.50" in acme_client.get("/campaigns/").content.decode()
    report = acme_client.get(f"/campaigns/{campaign.pk}/").content.decode()
    assert "€42.50" in report
    people = acme_client.get(f"/campaigns/{campaign.pk}/people/?what=orders").content.decode()
    assert "Ada" in people


def test_the_window_is_set_by_an_admin(ada: Contact, acme_client: Client):
    page = acme_client.get("/settings/attribution/").content.decode()
    assert 'value="5"' in page
    assert acme_client.post("/settings/attribution/", {"days": "0"}).status_code == 422
    assert not has_recount()
    assert acme_client.post("/settings/attribution/", {"days": "7"}).status_code == 302
    assert has_recount()
    assert "looked at again" in acme_client.get("/settings/attribution/").content.decode()
