"""From a confirmed sign-up to the first welcome mail, through every lane of one process."""

import re
from datetime import timedelta
from email import message_from_bytes, policy

from django.test import Client

from campaigns import sending
from contacts.models import Contact
from events import drain
from journeys import services
from journeys.engine import advance
from journeys.models import Enrolment


def turn(acme, now):
    """Let every lane do what is due now."""
    while drain.drain(now=now).done or advance(now=now).claimed:
        pass
    sending.drain(workspace=acme, clock=lambda: now)


def subjects(office):
    return [
        message_from_bytes(envelope.content, policy=policy.default)["Subject"]
        for envelope in office.taken
    ]


def test_a_confirmed_sign_up_is_welcomed_over_a_week(acme, office, client_of, now, time_machine):
    # given the published welcome journey
    journey = services.create_from_recipe(key="welcome", language="en", now=now)
    services.publish_journey(journey=journey, now=now)

    # when Ada signs up on the hosted form
    time_machine.move_to(now, tick=False)
    client: Client = client_of(acme)
    page = client.get("/f/newsletter/").content.decode()
    fields = dict(re.findall(r'name="([\w-]+)"[^>]*value="([^"]*)"', page))
    answer = client.post(
        "/f/newsletter/",
        {**fields, "email": "ada@example.com", "first_name": "Ada", "consent": "on"},
        headers={"origin": "http://acme.localhost"},
    )
    assert answer.status_code == 302, answer.content.decode()[:2000]
    turn(acme, now)

    # then she is asked to confirm, and is in no journey yet
    assert subjects(office) == ["One click to confirm: news from Acme"]
    assert not Enrolment.objects.exists()

    # when she presses the button behind the mail's link
    mail = message_from_bytes(office.taken[0].content, policy=policy.default)
    text = mail.get_body(("plain",)).get_content()
    [confirm] = re.findall(r"http://acme\.localhost:8000(/confirm/\S+)", text)
    page = client.get(confirm).content.decode()
    assert Contact.objects.get().email_consent == "pending"
    fields = dict(re.findall(r'name="([\w-]+)"[^>]*value="([^"]*)"', page))
    client.post(confirm, fields, headers={"origin": "http://acme.localhost"})
    turn(acme, now)

    # then she is welcomed at once, and again on three mornings of her first days, in Rome
    assert Contact.objects.get().email_consent == "subscribed"
    assert subjects(office)[1:] == ["Welcome to Acme"]
    for days in range(1, 14):
        for hours in (0, 20, 21):
            turn(acme, now + timedelta(days=days, hours=hours))
    assert len(subjects(office)) == 5
    assert Enrolment.objects.get().status == "finished"
    assert [tag.tag.name for tag in Contact.objects.get().contact_tags.all()] == ["welcomed"]
