"""Beside a mail of a journey: what it earned by week, how soon people order, how clicks compare."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from campaigns.models import Message, TemplateVersion
from campaigns.report_panels import _compared
from commerce.models import Currency, Order
from contacts.models import Contact
from insights.models import Attribution
from journeys.models import Journey
from tests.journeys.conftest import live, step
from tests.journeys.seeding import mail, seed

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def _two_days_later(now: datetime) -> Iterator[None]:
    with time_machine.travel(now + 2 * DAY, tick=False):
        yield


@pytest.fixture
def seeded(acme: Any, now: datetime) -> Journey:
    Currency.objects.update_or_create(code="EUR", defaults={"is_main": True})
    return seed(now)


def bought(message: Message, clicked_at: datetime, after: timedelta, value: str) -> None:
    """An order that followed a click on the mail."""
    order = Order.objects.create(
        external_id=str(uuid4()), contact=message.contact, status="placed", currency="EUR",
        total=value, value=value, placed_at=clicked_at + after,
    )  # fmt: skip
    Attribution.objects.create(
        order=order, message=message, contact=message.contact, journey_id=message.journey_id,
        step_id=message.step_id, clicked_at=clicked_at,
    )  # fmt: skip


def panel(client: Client, journey: Journey, **given: str) -> str:
    return client.get(
        f"/journeys/{journey.pk}/", {"step": "mail1", **given}, headers={"HX-Request": "true"}
    ).content.decode()


def test_a_mail_that_earned_nothing_says_nothing(seeded: Journey, acme_client: Client) -> None:
    assert "Revenue from this mail" not in panel(acme_client, seeded)


def test_revenue_stands_by_week_and_is_the_total(
    seeded: Journey, acme_client: Client, now: datetime
) -> None:
    # given orders in the week of the 16th and two weeks later; Friday 20 November is now
    message = Message.objects.get(to_address="p01@example.com")
    bought(message, now, HOUR, "40")
    bought(message, now, 2 * DAY, "2.50")
    bought(message, now + 12 * DAY, DAY, "100")
    # when the panel is opened
    page = panel(acme_client, seeded)
    # then each week has its sum, the one between them nothing, and the whole is theirs
    assert "<b>€142.50</b></a></div>" in page
    for week, value in (("16 Nov", "€42.50"), ("23 Nov", "€0.00"), ("30 Nov", "€100.00")):
        assert f'<td>{week}</td><td class="num">{value}</td>' in page
    # and three orders are too few to say when the next one comes
    assert "Half of those who order" not in page
    # and another period has none of it
    later = {"period": "own", "since": "2026-11-21"}
    assert "Revenue from this mail" not in panel(acme_client, seeded, **later)


def test_ten_orders_say_how_soon_people_order(
    seeded: Journey, acme_client: Client, now: datetime
) -> None:
    # given ten orders, one to ten hours after the click
    message = Message.objects.get(to_address="p01@example.com")
    for hours in range(1, 11):
        bought(message, now, hours * HOUR, "10")
    # when the whole page is opened on the mail
    with CaptureQueriesContext(connection) as queries:
        page = acme_client.get(f"/journeys/{seeded.pk}/", {"step": "mail1"}).content.decode()
    # then the middle is between the fifth and the sixth, and nobody asked too much
    assert "Half of those who order do so within 5.5 hours of their click." in page
    assert len([each for each in queries if not each["sql"].startswith("SET ")]) <= 12


def mailed(journey: Journey, step_id: str, now: datetime, *, delivered: int, clicked: int) -> None:
    """So many people got the mail of a step, and the first of them clicked."""
    version = TemplateVersion.objects.values_list("pk", flat=True)[0]
    people = Contact.objects.bulk_create(
        Contact(email=f"{step_id}-{number}@example.com") for number in range(delivered)
    )
    Message.objects.bulk_create(
        Message(
            send_key=f"{step_id}-{number}", contact=person, to_address=person.email or "",
            template_version_id=version, journey_id=journey.pk, step_id=step_id,
            status="accepted", sent_at=now, clicked_at=now if number < clicked else None,
        )
        for number, person in enumerate(people)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("clicked", "others", "sentence"),
    [
        (40, 20, "Clicks are 2.0 times those of the other mails of this journey"),
        (9, 20, ""),
        (40, 9, "Clicks are 1.6 times those of your average mail of the last 30 days"),
    ],
)
def test_clicks_are_compared_when_there_are_enough(
    acme_client: Client, now: datetime, clicked: int, others: int, sentence: str
) -> None:
    # given a mail that reached 100 people, and another that reached as many
    template = {"template": str(mail(now).pk)}
    journey = live(
        now, step("mail1", "send_email", template), step("mail2", "send_email", template)
    )
    mailed(journey, "mail1", now, delivered=100, clicked=clicked)
    mailed(journey, "mail2", now, delivered=100, clicked=others)
    # then the sentence is there only with ten clicks on either side
    page = panel(acme_client, journey)
    assert (sentence or "Clicks are") in page or not sentence
    assert ("Clicks are" in page) is bool(sentence)
    if others == 20 and sentence:
        assert "(20 clicks of 100 delivered)" in page


def test_fewer_clicks_than_usual_are_a_warning() -> None:
    assert _compared((10, 100), (20, 100), "x")["tone"] == "warn"
