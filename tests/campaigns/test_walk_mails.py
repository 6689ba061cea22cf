"""Mails of a test walk: read as they would be got, held back as in life, and never sent."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from campaigns.gaps import gaps
from campaigns.messages import NewMessage, queue_messages
from campaigns.models import Message
from contacts.models import Contact, Suppression
from journeys.contracts import Gap
from journeys.services import create_journey
from tenants.models import Workspace
from tests.campaigns.mails import from_html
from tests.journeys.conftest import definition, step
from tests.journeys.rehearsing import every_row

AT = "2026-11-23T10:42"
DAY = timedelta(days=1)


@pytest.fixture
def ada(acme: Any, now: Any) -> Contact:
    return Contact.objects.create(
        email="ada@example.com", first_name="Ada", email_consent="subscribed", created_at=now
    )


@pytest.fixture
def journey(hello: Any, mail: Any, now: Any) -> Any:
    """Hello, two days, News."""
    news = mail("News", body=[{"kind": "footer", "settings": {}}])
    raw = definition(
        step("mail1", "send_email", {"template": str(hello.pk)}),
        step("wait1", "wait", {"amount": 2, "unit": "days"}),
        step("mail2", "send_email", {"template": str(news.pk)}),
    )
    return create_journey(name="Welcome", definition=raw, now=now)


def page(client: Any, journey: Any, *, status: int = 200, route: str = "walk", **asked: Any) -> Any:
    query = urlencode({"at": AT, **asked}, doseq=True)
    answer = client.get(f"/journeys/{journey.pk}/{route}/?{query}")
    assert answer.status_code == status
    return answer


def text(*args: Any, **asked: Any) -> str:
    return " ".join(page(*args, **asked).content.decode().split())


def test_both_mails_are_got_and_none_is_sent(acme_client, ada, journey):
    before = every_row()
    found = text(acme_client, journey)
    assert "Ada would get 2 messages" in found
    assert "All personal fields are filled in." in found
    assert "Read “Hello”" in found
    assert "Read “News”" in found
    assert every_row() == before


def test_a_mail_is_read_in_a_frame_that_can_do_nothing(acme_client, ada, journey):
    # when the first is read
    found = text(acme_client, journey, read="0")
    assert "<h2>Hello Ada</h2>" in found
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in found
    assert "/walk/mail/?" in found
    assert "Dear Ada" in found  # as plain text

    # then its HTML comes for a frame, under a policy of its own, with links that lead nowhere of us
    framed = page(acme_client, journey, route="walk/mail", read="0")
    assert "Dear Ada" in framed.content.decode()
    assert "sandbox" in framed["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in framed["Content-Security-Policy"]
    assert "/r/" not in framed.content.decode()
    assert "https://acme.example/shop" in framed.content.decode()


@pytest.mark.parametrize("number", ["", "7", "x", "-1"])
def test_a_mail_there_is_not_is_missing(acme_client, ada, journey, number):
    page(acme_client, journey, route="walk/mail", read=number, status=404)


def test_what_is_empty_is_told_with_what_is_shown_instead(acme_client, ada, journey):
    Contact.objects.filter(pk=ada.pk).update(first_name="")
    assert "“contact.first_name” is empty: shows nothing." in text(acme_client, journey)


def test_gaps_are_found_in_values_links_and_liquid():
    compiled = from_html(
        "<p>{{ contact.first_name | default: 'friend' }} {{ contact.loaf }}"
        " <a href='https://x.example/{{ contact.code }}'>go</a>"
        "{% for tag in contact.tags %}{{ tag }}{% endfor %}"
        "{% if contact.city %}{{ contact.city | upcase }}{% endif %}</p>"
    )
    known = {"contact": {"loaf": "Rye", "tags": []}}
    found = gaps(compiled, known)
    assert Gap("contact.first_name", "friend") in found
    assert Gap("contact.code") in found
    assert not {"contact.loaf", "tag"} & {gap.name for gap in found}
    everything = dict.fromkeys(("first_name", "loaf", "code", "city"), "x")
    assert gaps(compiled, {"contact": everything}) == []


def test_guards_hold_back_as_in_life_and_can_be_passed_by(acme_client, ada, journey, hello, now):
    # given a cap of one message in seven days
    Workspace.objects.filter(slug="acme").update(cap_messages=1, cap_days=7)

    # then the second mail waits until the first is seven days old
    held = text(acme_client, journey)
    assert "Would be held back until Mon 30 Nov 2026, 10:42" in held
    assert "Sent at Mon 30 Nov 2026, 10:42" in held
    assert "Ada would get 2 messages" in held

    # and goes out at once when rules are passed by, with a word about them
    sent = text(acme_client, journey, guards="off")
    assert "Would be held back until" in sent
    assert "Sent at" not in sent


def test_a_blocked_address_gets_nothing_and_it_is_told(acme_client, ada, journey, now):
    Suppression.objects.create(value="ada@example.com", reason="bounced")
    found = text(acme_client, journey)
    assert "Ada would get 0 messages" in found
    assert "Would not be sent: This address bounced, complained or was blocked." in found


def test_what_others_send_later_does_not_count_yet(acme_client, ada, journey, mail, now):
    # given a cap of one, and another mail that went out a day after the walk begins
    Workspace.objects.filter(slug="acme").update(cap_messages=1, cap_days=7)
    other = mail("Other")
    queue_messages(
        messages=[
            NewMessage(
                send_key="api:1", contact_id=ada.pk, template_version_id=other.live_version_id
            )
        ],
        now=now,
    )
    # 24 November, 09:42 UTC
    Message.objects.update(status="accepted", sent_at=now.replace(day=24, hour=9, minute=42))
    before = every_row()

    # then the first mail of the walk goes out, and the second waits for both
    found = text(acme_client, journey)
    assert found.count("Would be held back until") == 2
    assert "Would be held back until Mon 30 Nov 2026, 10:42" in found
    assert "Sent at Tue 1 Dec 2026, 10:42" in found
    assert every_row() == before


def test_opening_and_clicking_are_facts_for_the_journey(acme_client, ada, hello, now):
    # given a journey that waits for a click, after a mail with a link
    wait = {"event": "message.clicked", "amount": 3, "unit": "days"}
    raw = definition(
        step("mail1", "send_email", {"template": str(hello.pk)}),
        step("wait1", "wait_for_event", wait, [step("exit1", "exit")], []),
    )
    journey = create_journey(name="Click", definition=raw, now=now)
    before = every_row()

    offered = text(acme_client, journey)
    opened = text(acme_client, journey, do=["opens:0"])
    clicked = text(acme_client, journey, do=["opens:0", "clicks:0.0"])

    assert "Opens “Hello”" in offered
    assert "Clicks acme.example/shop in “Hello”" in offered
    assert "→ Timed out" in opened
    assert "→ It happened" in clicked
    assert "Opens “Hello” <time" in clicked
    assert every_row() == before


def test_globex_reads_no_mail_of_acme(globex_client, ada, journey):
    answer = globex_client.get(f"/journeys/{journey.pk}/walk/mail/?read=0")
    assert answer.status_code == 404
