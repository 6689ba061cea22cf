"""What a mail names is looked up when it leaves, once for all, and stays what it was."""

from email import message_from_bytes, policy

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import claims, sending
from campaigns.liquid_source import names_in
from campaigns.messages import NewMessage, queue_messages
from campaigns.models import Message
from campaigns.previews import preview
from campaigns.services import TemplateDraft, compile_draft, save_template, send_test
from campaigns.views.public import draw_for_browser
from contacts.contracts import MergeField, merge_fields
from contacts.erasure import erase_contact
from contacts.models import Contact

BODY = (
    "{% if parcel %}<p>{{ parcel.weight }} kg for {{ contact.first_name }}</p>"
    "{% else %}<p>Nothing</p>{% endif %}"
)


class Scales:
    """A merge field `parcel` that weighs anew each time it is asked."""

    def __init__(self):
        self.asked = []
        self.shown = []
        self.weight = 1

    def values(self, requests, now):
        self.asked.append(list(requests))
        return [{"weight": self.weight} if self.weight else None for _request in requests]

    def note(self, shown, now):
        self.shown += shown


@pytest.fixture
def scales(monkeypatch):
    own = Scales()
    field = MergeField(
        "parcel",
        "Parcel",
        own.values,
        lambda: [("parcel.weight", "Weight of the parcel", "3")],
        sample=lambda: {"weight": 33},
        shown=own.note,
    )
    monkeypatch.setitem(merge_fields._items, "parcel", field)
    return own


def saved(now, html, subject="Hello"):
    return save_template(
        draft=TemplateDraft(name="Parcel", subject=subject, body={"html": html}), now=now
    )


def queue(contact, template, now, key="one", **more):
    queue_messages(
        messages=[
            NewMessage(
                send_key=key,
                contact_id=contact.pk,
                template_version_id=template.live_version_id,
                **more,
            )
        ],
        now=now,
    )
    return Message.objects.get(send_key=key)


def drain(acme, now):
    return sending.drain(workspace=acme, clock=lambda: now)


def bodies(office):
    mails = [message_from_bytes(each.content, policy=policy.default) for each in office.taken]
    return [mail.get_body(("plain",)).get_content().strip() for mail in mails]


def test_words_of_liquid_that_may_be_names():
    source = (
        "cart {{ contact.cart | default: 'order' }}{% for item in cart.items %}"
        '{{ item["name"] }}{% endfor %}{% if event.coupon == "x" and coupon %}{% endif %}'
    )
    assert names_in(source) == {
        "contact", "default", "for", "item", "in", "cart", "endfor", "if", "event", "and",
        "coupon", "endif",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("html", "named"),
    [
        ("<p>{{ parcel.weight }}</p>", True),
        ('<a href="https://acme.example/?w={{ parcel.weight }}">Go</a>', True),
        ('<a href="https://acme.example/{% if parcel %}yes{% endif %}">Go</a>', True),
        ("<p>{{ contact.parcel }} parcel {{ event['parcel'] }}</p>", False),
    ],
)
def test_a_compiled_mail_knows_its_names(acme, html, named):
    compiled = compile_draft(TemplateDraft("x", "Hello", {"html": html}))
    assert ("parcel" in compiled.names) is named


def test_values_are_looked_up_once_for_all_when_the_mail_leaves(
    acme, office, scales, subscriber, now
):
    # given two mails queued while the parcel weighs 1
    mail = saved(now, BODY)
    ada = subscriber("ada@example.com")
    bob = subscriber("bob@example.com", first_name="Bob")
    queue(ada, mail, now, "a", context={"event": {"cart_id": "7"}})
    queue(bob, mail, now, "b")

    # when they leave, and it weighs 2
    scales.weight = 2
    drain(acme, now)

    # then that is what they say, asked for both at once, each with what it brought
    assert sorted(bodies(office)) == ["2 kg for Ada", "2 kg for Bob"]
    [asked] = scales.asked
    assert [(one.contact_id, one.event) for one in asked] == [
        (ada.pk, {"cart_id": "7"}),
        (bob.pk, {}),
    ]


def test_a_mail_that_does_not_name_it_costs_nothing(acme, office, hello, scales, subscriber, now):
    ada = subscriber("ada@example.com")
    queue(ada, hello, now)
    with CaptureQueriesContext(
        connection,
    ) as plain:
        drain(acme, now)
    assert scales.asked == []
    assert not [one for one in plain if "drawn =" in one["sql"]]
    message = Message.objects.get()
    assert message.drawn == {}


def test_what_was_sent_reads_the_same_in_the_browser(acme, office, scales, subscriber, now):
    # given a mail sent while the parcel weighed 1
    message = queue(subscriber("ada@example.com"), saved(now, BODY), now)
    drain(acme, now)
    message.refresh_from_db()
    assert message.drawn == {"parcel": {"weight": 1}}

    # when it weighs 9, and Ada is called Augusta
    scales.weight = 9
    Contact.objects.update(first_name="Augusta")

    # then the mail says what it said of the parcel, and the name of today
    assert "1 kg for Augusta" in draw_for_browser(message).html


def test_nothing_shown_stays_nothing(acme, office, scales, subscriber, now):
    scales.weight = 0
    message = queue(subscriber("ada@example.com"), saved(now, BODY), now)
    drain(acme, now)
    message.refresh_from_db()
    assert bodies(office) == ["Nothing"]
    assert message.drawn == {"parcel": None}
    scales.weight = 9
    assert "Nothing" in draw_for_browser(message).html
    assert scales.shown == []


def test_a_mail_refused_for_now_is_drawn_anew(acme, office, scales, subscriber, now):
    message = queue(subscriber("ada@example.com"), saved(now, BODY), now)
    office.answers = ["450 later"]
    drain(acme, now)
    scales.weight = 2
    message.refresh_from_db()
    drain(acme, message.due_at)
    assert bodies(office) == ["2 kg for Ada"]
    message.refresh_from_db()
    assert message.drawn == {"parcel": {"weight": 2}}


def test_a_mail_asked_again_by_its_send_id_is_the_same_mail(acme, scales, subscriber, now):
    # given a call without an answer, at a provider that knows the send id
    message = queue(subscriber("ada@example.com"), saved(now, BODY), now)
    [row] = claims.claim(now=now, limit=1)
    first = claims.Approved(row.id, row.fence, drawn={"parcel": {"weight": 1}})
    assert claims.call(approved=[first], now=now) == {message.pk}
    again = claims.Settlement(row.id, row.fence, "retry", claims.ASKED_AGAIN, due_at=now)
    claims.settle([again])

    # when it is drawn once more
    [row] = claims.claim(now=now, limit=1)
    made = sending.Studio(acme).recipients([row], now=now)

    # then nothing is looked up but the person
    assert scales.asked == []
    assert made[0].context["parcel"] == {"weight": 1}
    assert made[0].kept == {"parcel": {"weight": 1}}


def test_what_the_message_brings_goes_first(acme, office, scales, subscriber, now):
    message = queue(
        subscriber("ada@example.com"), saved(now, BODY), now, context={"parcel": {"weight": 5}}
    )
    drain(acme, now)
    message.refresh_from_db()
    assert bodies(office) == ["5 kg for Ada"]
    assert (scales.asked, scales.shown, message.drawn) == ([], [], {})


def test_the_field_is_told_what_was_shown_at_the_send_moment(acme, office, scales, subscriber, now):
    mail = saved(now, BODY)
    ada = subscriber("ada@example.com")
    queue(ada, mail, now, "a")
    # somebody who may not be written to is shown nothing
    bob = subscriber("bob@example.com")
    queue(bob, mail, now, "b")
    Contact.objects.filter(pk=bob.pk).update(email_consent="unsubscribed")
    drain(acme, now)
    assert scales.shown == [(ada.pk, {"weight": 1})]


def test_a_test_mail_invents_what_is_missing_and_shows_nobody_anything(
    acme, office, scales, subscriber, now
):
    mail = saved(now, BODY)
    ada = subscriber("ada@example.com", first_name="Maya")
    send_test(template=mail, to="me@acme.example", contact_id=None, now=now)
    scales.weight = 0
    send_test(template=mail, to="me@acme.example", contact_id=ada.pk, now=now)
    scales.weight = 4
    send_test(template=mail, to="me@acme.example", contact_id=ada.pk, now=now)
    drain(acme, now)
    assert sorted(bodies(office)) == ["33 kg for Ada", "33 kg for Maya", "4 kg for Maya"]
    assert scales.shown == []


def test_a_preview_shows_the_persons_own_value_or_the_sample(acme, scales, subscriber, now):
    compiled = compile_draft(TemplateDraft("x", "Hello", {"html": BODY}))
    ada = subscriber("ada@example.com", first_name="Maya")
    assert "33 kg for Ada" in preview(compiled=compiled, contact_id=None, now=now).html
    assert "1 kg for Maya" in preview(compiled=compiled, contact_id=ada.pk, now=now).html
    scales.weight = 0
    assert "33 kg for Maya" in preview(compiled=compiled, contact_id=ada.pk, now=now).html


def test_the_editor_lists_the_name_with_its_label(acme_client, hello, scales):
    page = acme_client.get(f"/templates/{hello.pk}/").content.decode()
    assert "{{ parcel.weight }}" in page
    assert "Weight of the parcel" in page


def test_erasing_somebody_empties_what_their_mails_showed(acme, office, scales, subscriber, now):
    ada = subscriber("ada@example.com")
    message = queue(ada, saved(now, BODY), now)
    drain(acme, now)
    erase_contact(contact_id=ada.pk, now=now)
    message.refresh_from_db()
    assert message.drawn == {}


def test_a_contact_has_its_tags_in_a_mail(acme, office, subscriber, now):
    from contacts.tags import add_tags

    ada = subscriber("ada@example.com", fields={"loaf": "rye"})
    add_tags(pairs=[(ada.pk, "vip"), (ada.pk, "bread")], now=now)
    html = "<p>{{ contact.tags | join: ' ' }} {{ contact.loaf }} {{ contact.fields.loaf }}</p>"
    queue(ada, saved(now, html), now)
    drain(acme, now)
    assert bodies(office) == ["bread vip rye rye"]
