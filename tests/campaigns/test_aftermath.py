"""What follows a send: dead addresses are left alone, and erased people leave their messages."""

from email import message_from_bytes, policy

import pytest

from campaigns import bounces, claims, sending
from campaigns.messages import NewMessage, queue_messages
from campaigns.models import Message
from campaigns.panels import latest_messages
from campaigns.services import send_test
from campaigns.smtp import Accepted, InDoubt, NotTried, Refused
from contacts.erasure import erase_contact
from contacts.models import Contact, Suppression
from core.errors import Invalid


def queue(contact, template, now, key="one"):
    queue_messages(messages=[NewMessage(key, contact.pk, template.live_version_id)], now=now)
    return Message.objects.get(send_key=key)


def drain(acme, now):
    return sending.drain(workspace=acme, clock=lambda: now)


@pytest.mark.parametrize(
    ("verdict", "is_dead"),
    [
        (Refused(True, 550, "no such user"), True),
        (Refused(True, 550, "5.1.1 <ada@example.com>: Recipient address rejected"), True),
        (Refused(True, 554, "5.1.10 null MX"), True),
        (Refused(True, 551, "user not local"), True),
        (Refused(True, 550, "5.2.1 mailbox disabled"), True),
        # the message's or the sender's fault, or only for now
        (Refused(True, 550, "5.7.1 blocked by policy"), False),
        (Refused(True, 550, "5.1.8 bad sender's domain"), False),
        (Refused(True, 550, "message looks like spam"), False),
        (Refused(True, 552, "mailbox full"), False),
        (Refused(True, 552, "5.2.2 over quota"), False),
        (Refused(True, 554, "transaction failed"), False),
        (Refused(True, 422, "bad request"), False),
        (Refused(False, 450, "4.1.1 greylisted"), False),
        (Refused(True, 0, "our own gate: 5.1.1"), False),
        (Accepted("1"), False),
        (InDoubt("cut"), False),
        (NotTried("down"), False),
    ],
)
def test_only_an_address_that_is_gone_counts_as_dead(verdict, is_dead):
    assert bounces.is_dead_address(verdict) is is_dead


def test_a_recipient_refused_for_good_is_never_written_to_again(
    acme, office, hello, subscriber, now
):
    # given two people, one of whom no server knows
    gone = queue(subscriber("gone@example.com"), hello, now, key="a")
    here = queue(subscriber("here@example.com"), hello, now, key="b")
    office.answers = ["550 5.1.1 no such user"]

    # when both are written to
    drain(acme, now)

    # then one address is on the list, with the server's words, and stays unwritten to
    [entry] = Suppression.objects.all()
    assert (entry.value, entry.reason) == ("gone@example.com", "bounced")
    assert entry.detail == "5.1.1 no such user"
    gone.refresh_from_db()
    here.refresh_from_db()
    assert (gone.status, here.status) == ("failed", "accepted")
    again = queue(gone.contact, hello, now, key="c")
    drain(acme, now)
    again.refresh_from_db()
    assert (again.status, again.reason) == ("skipped", "suppressed")


def test_a_refusal_for_spam_suppresses_nobody(acme, office, hello, subscriber, now):
    queue(subscriber("ada@example.com"), hello, now)
    office.answers = ["550 5.7.1 we take this for spam"]
    drain(acme, now)
    assert Suppression.objects.count() == 0


def test_an_erased_person_leaves_their_messages_and_what_waited_is_not_sent(
    acme, office, hello, subscriber, now
):
    # given one message sent, one waiting, one in a worker's hands, one of somebody else
    ada = subscriber("ada@example.com")
    sent = queue(ada, hello, now, key="sent")
    drain(acme, now)
    claimed = queue(ada, hello, now, key="claimed")
    [held] = claims.claim(now=now, limit=10)
    waiting = queue(ada, hello, now, key="waiting")
    other = queue(subscriber("bob@example.com"), hello, now, key="other")

    # when Ada is erased
    erase_contact(contact_id=ada.pk, now=now)

    # then the rows stay, and name nobody
    for row in (sent, claimed, waiting, other):
        row.refresh_from_db()
    for row in (sent, claimed, waiting):
        assert (row.contact_id, row.to_address, row.context, row.destinations) == (
            None,
            "",
            {},
            [],
        )
    assert (sent.status, sent.reason) == ("accepted", "")
    assert (waiting.status, waiting.reason) == ("skipped", "contact_gone")
    assert (claimed.status, claimed.reason) == ("skipped", "contact_gone")
    # and the worker that held one changes nothing any more
    assert claims.call(approved=[claims.Approved(held.id, held.fence)], now=now) == set()
    assert (other.to_address, other.status) == ("bob@example.com", "queued")


def test_a_test_goes_to_any_address_filled_in_for_the_chosen_contact(acme, office, hello, now):
    # given a contact who never agreed to anything
    maya = Contact.objects.create(email="maya@example.com", first_name="Maya")

    # when the owner asks for a test
    assert send_test(template=hello, to="owner@acme.example", contact_id=maya.pk, now=now) == 1
    drain(acme, now)

    # then it came to the owner, with Maya's name, and is no marketing
    [envelope] = office.taken
    assert envelope.rcpt_tos == ["owner@acme.example"]
    mail = message_from_bytes(envelope.content, policy=policy.default)
    assert mail["Subject"] == "Hello Maya"
    assert "Dear Maya" in mail.get_body(("html",)).get_content()
    assert "List-Unsubscribe" not in mail


def test_a_test_needs_no_contact(acme, office, hello, now):
    assert send_test(template=hello, to="owner@acme.example", contact_id=None, now=now) == 1
    drain(acme, now)
    [envelope] = office.taken
    assert b"Subject: Hello Ada" in envelope.content


def test_a_test_is_refused_in_words(acme, hello, subscriber, now):
    for to, contact_id, code in [
        ("owner", None, "invalid_email"),
        ("owner@acme.example", hello.pk, "no_such_contact"),
    ]:
        with pytest.raises(Invalid) as refused:
            send_test(template=hello, to=to, contact_id=contact_id, now=now)
        assert refused.value.code == code
    assert Message.objects.count() == 0


def test_a_test_to_a_blocked_address_is_not_sent(acme, office, hello, now):
    from contacts.consent import suppress

    suppress(addresses=["owner@acme.example"], reason="bounced", now=now)
    send_test(template=hello, to="owner@acme.example", contact_id=None, now=now)
    drain(acme, now)
    assert (office.taken, Message.objects.get().reason) == ([], "suppressed")


def test_other_mail_still_goes_only_to_the_contacts_own_address(
    acme, office, hello, subscriber, now
):
    # given a queued message, and a contact who then changed address
    message = queue(subscriber("ada@example.com"), hello, now)
    Contact.objects.update(email="new@example.com")
    drain(acme, now)
    message.refresh_from_db()
    assert (office.taken, message.reason) == ([], "contact_gone")


def test_the_panel_shows_the_newest_messages_or_stays_away(hello, subscriber, now):
    ada = subscriber("ada@example.com")
    assert latest_messages(ada, now) is None
    messages = [queue(ada, hello, now, key=f"k{n}") for n in range(8)]
    context = latest_messages(ada, now)
    assert [row.pk for row in context["rows"]] == [m.pk for m in reversed(messages)][:6]
    assert context["has_more"]
