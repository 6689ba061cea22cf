"""A journey with people at every kind of place, for the tests of its pages."""

from datetime import datetime

from campaigns.models import Message, Template
from campaigns.services import TemplateDraft, save_template
from contacts.models import Contact
from contacts.tags import add_tag
from journeys.enrolment import enrol, remove
from journeys.models import Enrolment, Journey
from tests.journeys.conftest import DAY, live, settle, step

VIP = {"condition": {"kind": "tag", "config": {"test": "has", "tag": "vip"}}}
GOAL = {"event": "order.placed", "within_days": 30, "then": "exit"}


def mail(now: datetime) -> Template:
    """A saved mail with its footer."""
    body = [
        {"kind": "text", "settings": {"html": "<p>Hello</p>"}},
        {"kind": "footer", "settings": {}},
    ]
    return save_template(draft=TemplateDraft(name="Hello", subject="Hello", body=body), now=now)


def seed(now: datetime) -> Journey:
    """Twelve people: two still wait, one was taken out there, three VIPs end, six leave.

    Ten mails were sent, one bounced, four were opened, two clicked, one was held back.
    """
    journey = live(
        now,
        step("mail1", "send_email", {"template": str(mail(now).pk)}),
        step("wait1", "wait", {"amount": 2, "unit": "days"}),
        step(
            "split1",
            "if_else",
            VIP,
            [step("tag1", "add_tag", {"tag": "known"})],
            [step("out1", "exit", {"reason": "No VIP"})],
        ),
        goal=GOAL,
    )
    made = [Contact.objects.create(email=f"p{n:02}@example.com") for n in range(12)]
    add_tag(contact_ids=[each.pk for each in made[:3]], name="vip", now=now)
    enrol(journey=journey, contact_ids=[each.pk for each in made[:10]], now=now)
    settle(now)
    last = Enrolment.objects.filter(contact=made[9]).values_list("pk", flat=True)
    remove(enrolment_ids=last, now=now)
    settle(now + 2 * DAY)
    enrol(journey=journey, contact_ids=[each.pk for each in made[10:]], now=now + 2 * DAY)
    settle(now + 2 * DAY)
    Enrolment.objects.filter(contact=made[0]).update(converted_at=now + DAY)
    _settle_mails(now)
    return journey


def _settle_mails(now: datetime) -> None:
    """What became of each mail; machines open everything, and nobody counts them."""
    for number, message in enumerate(Message.objects.order_by("to_address")):
        message.status = ["bounced", *["accepted"] * 9, "skipped", "queued"][number]
        message.sent_at = now if number < 10 else None
        message.opened_at = now if 1 <= number <= 4 else None
        message.clicked_at = now if 1 <= number <= 2 else None
        message.machine_opened_at = now
        message.reason_text = "Over the limit of mails a week." if number == 10 else ""
        message.save()
