"""A contact's timeline tells of messages and journeys too, in order, a page at a time."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from campaigns.messages import NewMessage, queue_messages
from campaigns.models import Message
from campaigns.services import TemplateDraft, save_template
from contacts.models import Contact
from contacts.timeline import timeline_of
from journeys import services
from journeys.enrolment import enrol


def titles(page):
    return [entry.title for _day, entries in page.days for entry in entries]


def test_messages_and_journeys_stand_in_the_timeline(acme, now):
    # given Ada in a journey, one mail sent to her and one that was not
    ada = Contact.objects.create(email="ada@example.com", first_name="Ada", created_at=now)
    body = [{"kind": "footer", "settings": {}}]
    template = save_template(draft=TemplateDraft(name="Hello", subject="Hello", body=body), now=now)
    wait = {"id": "w1", "kind": "wait", "config": {"amount": 2, "unit": "days"}}
    definition = {"entries": [{"kind": "manual", "config": {}}], "steps": [wait]}
    journey = services.create_journey(name="Welcome", definition=definition, now=now)
    services.publish_journey(journey=journey, now=now)
    enrol(journey=journey, contact_ids=[ada.pk], now=now + timedelta(minutes=1))
    queue_messages(
        messages=[
            NewMessage(
                send_key=key, contact_id=ada.pk, template_version_id=template.live_version_id
            )
            for key in ("a", "b")
        ],
        now=now + timedelta(minutes=2),
    )
    Message.objects.filter(send_key="a").update(
        status="accepted", sent_at=now + timedelta(minutes=3)
    )
    Message.objects.filter(send_key="b").update(
        status="skipped", reason_text="This person has not agreed."
    )

    # then all of it is told, newest first
    zone = ZoneInfo("Europe/Rome")
    assert titles(timeline_of(ada, zone=zone)) == [
        "Got “Hello”",
        "“Hello”: Not sent",
        "Entered “Welcome”",
        "Added to your contacts",
    ]
    # and each filter shows its own
    assert titles(timeline_of(ada, zone=zone, kind="journeys")) == ["Entered “Welcome”"]
    assert len(titles(timeline_of(ada, zone=zone, kind="messages"))) == 2


def test_a_long_timeline_pages_without_loss_or_doubles(acme, now):
    # given sixty messages, one a minute
    ada = Contact.objects.create(email="ada@example.com", created_at=now)
    body = [{"kind": "footer", "settings": {}}]
    template = save_template(draft=TemplateDraft(name="Hello", subject="Hello", body=body), now=now)
    for number in range(60):
        queue_messages(
            messages=[
                NewMessage(
                    send_key=str(number),
                    contact_id=ada.pk,
                    template_version_id=template.live_version_id,
                )
            ],
            now=now + timedelta(minutes=number),
        )

    # when every page is read
    seen, cursor = [], ""
    for _ in range(4):
        page = timeline_of(ada, zone=ZoneInfo("UTC"), kind="messages", before=cursor)
        seen += [entry.at for _day, entries in page.days for entry in entries]
        cursor = page.earlier
        if not cursor:
            break

    # then each message was there once, newest first
    assert seen == [now + timedelta(minutes=number) for number in reversed(range(60))]
