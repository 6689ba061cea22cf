"""A queued message leaves once, by a real SMTP conversation, or says why it did not."""

from datetime import timedelta
from email import message_from_bytes, policy
from uuid import UUID

import pytest
from django.db import connection

from campaigns import claims, sending
from campaigns.messages import NewMessage, queue_messages
from campaigns.models import Message
from contacts.consent import record_consent, suppress
from contacts.erasure import erase_contact
from tenants import sweep
from tenants.models import Agenda


def queue(contact, template, now, key="one", lane=Message.Lane.CAMPAIGN, **more):
    queue_messages(
        messages=[
            NewMessage(
                send_key=key,
                contact_id=contact.pk,
                template_version_id=template.live_version_id,
                lane=lane,
                **more,
            )
        ],
        now=now,
    )
    return Message.objects.get(send_key=key)


def drain(acme, now):
    return sending.drain(workspace=acme, clock=lambda: now)


def state(message):
    message.refresh_from_db()
    return message.status, message.reason


def test_a_subscriber_gets_the_mail_filled_in_with_its_headers(
    acme, office, hello, subscriber, now
):
    # given a queued campaign message
    message = queue(subscriber("ada@example.com"), hello, now)

    # when the lane is drained
    assert drain(acme, now) == 1

    # then the server has it, once, with what the standards ask for
    [envelope] = office.taken
    mail = message_from_bytes(envelope.content, policy=policy.default)
    assert envelope.rcpt_tos == ["ada@example.com"]
    assert mail["Subject"] == "Hello Ada"
    assert mail["From"] == "Acme <hello@viaggio.example>"
    assert mail["X-Viaggio-Send"] == str(message.pk)
    assert mail["Message-ID"] == f"<{message.pk}@viaggio.example>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Unsubscribe"].startswith("<http://acme.localhost:8000/u/")
    html = mail.get_body(("html",)).get_content()
    assert "Dear Ada" in html
    assert "http://acme.localhost:8000/r/" in html
    assert "https://acme.example/shop" not in html
    # and the row says so
    message.refresh_from_db()
    assert (message.status, message.attempts, message.sent_at) == ("accepted", 1, now)
    assert drain(acme, now) == 0
    assert len(office.taken) == 1


def test_the_same_send_key_is_the_same_send(acme, office, hello, subscriber, now):
    ada = subscriber("ada@example.com")
    queue(ada, hello, now)
    queue(ada, hello, now)
    drain(acme, now)
    assert (Message.objects.count(), len(office.taken)) == (1, 1)


def test_queueing_wakes_the_sending_lane(acme, hello, subscriber, now):
    queue(subscriber("ada@example.com"), hello, now)
    assert Agenda.objects.get(workspace=acme, lane="sending").due_at == now


def leave(contact, now):
    record_consent(contact_ids=[contact.pk], action="unsubscribed", source="one_click", now=now)


def block(contact, now):
    suppress(addresses=[contact.email], reason="bounced", now=now)


def forget(contact, now):
    erase_contact(contact_id=contact.pk, now=now)


@pytest.mark.parametrize(
    ("change", "reason"),
    [(leave, "no_consent"), (block, "suppressed"), (forget, "contact_gone")],
)
def test_whoever_left_after_queueing_gets_nothing(
    acme, office, hello, subscriber, now, change, reason
):
    # given a message in the queue, and its recipient gone before the send moment
    ada = subscriber("ada@example.com")
    message = queue(ada, hello, now)
    change(ada, now)

    drain(acme, now)

    # then nothing left, and the row says why
    assert office.taken == []
    assert state(message) == ("skipped", reason)


def test_transactional_mail_needs_no_consent_but_a_living_address(
    acme, office, hello, subscriber, now
):
    ada = subscriber("ada@example.com")
    bob = subscriber("bob@example.com")
    leave(ada, now)
    block(bob, now)
    to_ada = queue(ada, hello, now, key="a", lane=Message.Lane.TRANSACTIONAL)
    to_bob = queue(bob, hello, now, key="b", lane=Message.Lane.TRANSACTIONAL)

    drain(acme, now)

    assert state(to_ada) == ("accepted", "")
    assert state(to_bob) == ("skipped", "suppressed")
    [envelope] = office.taken
    assert b"List-Unsubscribe" not in envelope.content


def test_a_contact_without_an_address_is_shown_as_not_sent(acme, office, hello, now):
    from contacts.models import Contact

    message = queue(Contact.objects.create(phone="+39 06 1"), hello, now)
    drain(acme, now)
    assert state(message) == ("skipped", "no_address")
    assert office.taken == []


def test_the_cap_defers_what_is_too_much_and_drops_what_waited_too_long(
    acme, office, mail, subscriber, now
):
    # given a cap of two a week, and five messages to one person
    acme.cap_messages = 2
    acme.save()
    ada = subscriber("ada@example.com")
    messages = [queue(ada, mail(f"News {n}"), now, key=f"m{n}") for n in range(5)]

    # when they are drained today
    drain(acme, now)

    # then two went and three wait until the first leaves the window
    assert len(office.taken) == 2
    assert [state(message) for message in messages] == [
        ("accepted", ""),
        ("accepted", ""),
        ("deferred", "frequency_cap"),
        ("deferred", "frequency_cap"),
        ("deferred", "frequency_cap"),
    ]
    assert messages[2].due_at == now + timedelta(days=7)

    # when the window has passed, then two more go and the last is dropped as stale
    later = now + timedelta(days=7, seconds=1)
    drain(acme, later)
    assert len(office.taken) == 4
    assert state(messages[4]) == ("skipped", "cap_dropped")


def test_too_late_is_not_sent(acme, office, hello, subscriber, now):
    message = queue(
        subscriber("ada@example.com"), hello, now, expires_at=now - timedelta(seconds=1)
    )
    drain(acme, now)
    assert (office.taken, state(message)) == ([], ("skipped", "expired"))


def test_a_refusal_for_now_is_retried_and_given_up_after_six_attempts(
    acme, office, hello, subscriber, now
):
    message = queue(subscriber("ada@example.com"), hello, now)
    office.answers = ["451 try later"] * 6
    clock = now
    for attempt in range(1, 6):
        drain(acme, clock)
        assert state(message) == ("retry", "refused")
        assert message.attempts == attempt
        clock = message.due_at
    drain(acme, clock)
    assert state(message) == ("failed", "attempts_used_up")
    assert office.taken == []


def test_a_refusal_for_good_fails_the_one_row_and_no_other(acme, office, hello, subscriber, now):
    first = queue(subscriber("no@example.com"), hello, now, key="a")
    second = queue(subscriber("yes@example.com"), hello, now, key="b")
    office.answers = ["550 no such user"]
    drain(acme, now)
    assert state(first) == ("failed", "refused")
    assert first.reason_text == "550 no such user"
    assert state(second) == ("accepted", "")


def test_a_cut_after_the_body_is_in_doubt_and_never_resent(acme, office, hello, subscriber, now):
    # given a server that takes the mail and hangs up without a word
    message = queue(subscriber("ada@example.com"), hello, now)
    office.answers = ["cut"]

    drain(acme, now)
    drain(acme, now + timedelta(days=1))

    # then nobody guesses
    assert state(message) == ("in_doubt", "cut_off")
    assert len(office.taken) == 1


def test_an_unreachable_server_costs_no_attempt(acme, settings, hello, subscriber, now):
    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    message = queue(subscriber("ada@example.com"), hello, now)
    drain(acme, now)
    assert state(message) == ("retry", "not_tried")
    assert (message.attempts, message.due_at) == (0, now + timedelta(seconds=30))


def test_what_a_dead_worker_held_is_put_right(acme, hello, subscriber, now):
    # given a worker that claimed three messages, had called two of them, and died
    contacts = [subscriber(f"{n}@example.com") for n in range(3)]
    marketing = queue(contacts[0], hello, now, key="a")
    receipt = queue(contacts[1], hello, now, key="b", lane=Message.Lane.TRANSACTIONAL)
    untouched = queue(contacts[2], hello, now, key="c")
    rows = {row.id: row for row in claims.claim(now=now, limit=10)}
    called = [claims.Approved(pk, rows[pk].fence) for pk in (marketing.pk, receipt.pk)]
    assert claims.call(approved=called, now=now) == {marketing.pk, receipt.pk}

    # when its lease is over
    assert claims.recover(now=now + claims.LEASE) == (0, 0)
    assert claims.recover(now=now + claims.LEASE + timedelta(seconds=1)) == (1, 2)

    # then what was never called is queued, marketing is in doubt, a receipt goes once more
    assert state(untouched) == ("queued", "")
    assert state(marketing) == ("in_doubt", "cut_off")
    assert state(receipt) == ("queued", "cut_off")


def test_a_worker_that_lost_its_lease_changes_nothing(acme, hello, subscriber, now):
    message = queue(subscriber("ada@example.com"), hello, now)
    [old] = claims.claim(now=now, limit=1)
    claims.recover(now=now + claims.LEASE * 2)
    [new] = claims.claim(now=now + claims.LEASE * 2, limit=1)
    late = claims.Settlement(message.pk, old.fence, "failed")

    assert claims.settle([late]) == 0
    assert claims.call(approved=[claims.Approved(message.pk, old.fence)], now=now) == set()
    assert state(message) == ("claimed", "")
    assert new.fence == old.fence + 1


def test_a_mail_that_cannot_be_drawn_fails_alone(acme, office, subscriber, now):
    # given a mail whose Liquid explodes for one person only
    from campaigns.services import TemplateDraft, save_template

    bomb = "{% if contact.first_name == 'Bomb' %}{{ (1..30000000) | join: ',' }}{% endif %}Hi"
    template = save_template(
        draft=TemplateDraft(
            name="Bomb",
            subject="Hi",
            body=[
                {"kind": "text", "settings": {"html": f"<p>{bomb}</p>"}},
                {"kind": "footer", "settings": {}},
            ],
        ),
        now=now,
    )
    bad = queue(subscriber("b@example.com", first_name="Bomb"), template, now, key="bad")
    good = queue(subscriber("g@example.com"), template, now, key="good")

    drain(acme, now)

    assert state(bad)[0] == "failed"
    assert state(good) == ("accepted", "")
    assert [envelope.rcpt_tos for envelope in office.taken] == [["g@example.com"]]


def test_an_account_keeps_to_its_rate(acme, office, settings, hello, subscriber, now):
    # given an account of its own with two tokens and one more a second
    from campaigns.models import ProviderAccount
    from core.mail_url import parse_mail_url

    ProviderAccount.objects.create(
        kind="smtp",
        label="Ours",
        credentials=parse_mail_url(settings.EMAIL_URL),
        is_default=True,
        rate=1,
        burst=2,
        tokens=2,
        tokens_at=now,
    )
    for n in range(4):
        queue(subscriber(f"{n}@example.com"), hello, now, key=f"k{n}")

    drain(acme, now)
    assert len(office.taken) == 2
    drain(acme, now + timedelta(seconds=1))
    assert len(office.taken) == 3
    waiting = Message.objects.get(status="retry")
    assert (waiting.reason, waiting.attempts) == ("rate_limit", 0)
    assert isinstance(waiting.pk, UUID)


def test_a_lost_wake_up_is_found_by_the_sweep(acme, hello, subscriber, now):
    # given a message in the queue, and an agenda that knows nothing of it
    queue(subscriber("ada@example.com"), hello, now)
    Agenda.objects.filter(workspace=acme).delete()

    # when the sweep comes by
    connection.set_schema_to_public()
    assert sweep.sweep(now=now) == 1

    # then the lane is due again, and the next sweep finds nothing
    assert Agenda.objects.get(workspace=acme, lane="sending").due_at == now
    assert sweep.sweep(now=now) == 0
