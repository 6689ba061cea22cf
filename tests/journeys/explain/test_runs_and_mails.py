"""What happened to who came in: steps, splits, messages, endings; each with code and sentence."""

from datetime import timedelta

import pytest

from campaigns.models import Message
from contacts.models import Contact, Suppression
from contacts.tags import add_tag, remove_tag
from events.services import record
from journeys import services
from journeys.enrolment import enrol, remove
from journeys.explain.answer import UnknownStep
from journeys.models import Enrolment
from tests.journeys.conftest import DAY, HOUR, live, settle, step
from tests.journeys.explain.conftest import VIP, WAIT, asked, listen, order, ordering, said
from tests.journeys.seeding import mail

SPLIT = {"condition": {"any": [VIP, {"kind": "consent", "config": {"state": "unsubscribed"}}]}}


@pytest.fixture
def hello(acme, now):
    return step("mail1", "send_email", {"template": str(mail(now).pk)})


@pytest.fixture
def ada(acme):
    return Contact.objects.create(
        email="ada@example.com", first_name="Ada", email_consent="subscribed", timezone="Asia/Tokyo"
    )


def mails(journey, contact, now):
    found = asked(journey, contact, now)
    return [(each.code, each.words, each.reason) for each in found.mails[0]]


def test_she_got_it_and_why_in_her_own_time(ada, hello, now):
    # given that Ada's order at 21:00 her time brought her a mail
    journey = ordering(now, hello, WAIT)
    order(ada, now)
    settle(now)
    Message.objects.update(status="delivered", sent_at=now + timedelta(minutes=5))
    # when it is asked why she got it
    found = said(journey, ada, now + HOUR, step="mail1")
    # then
    assert (found.code, found.reason) == ("sent", "")
    assert found.sentence == (
        "Ada got “Hello” on 20 Nov 2026, 21:05, because they came in: “Ordered” (When this"
        " happens: Ordered, where total is at least “50”)."
    )
    assert mails(journey, ada, now + HOUR) == [
        ("sent", "Sent on 20 Nov 2026, 21:05. Its state: Delivered.", "")
    ]


def test_what_was_skipped_says_the_guards_sentence(ada, hello, now):
    journey = ordering(now, hello)
    order(ada, now)
    settle(now)
    Message.objects.update(
        status="skipped", reason="suppressed", reason_text="This address bounced."
    )
    found = said(journey, ada, now + HOUR, step="mail1")
    assert (found.code, found.reason) == ("skipped", "suppressed")
    assert found.sentence == "Ada did not get “Hello”. This address bounced."


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (
            "no_consent",
            "If it left now, it would be dropped: This person has not agreed to marketing mail, or"
            " no longer does.",
        ),
        (
            "suppressed",
            "If it left now, it would be dropped: This address bounced, complained or was blocked.",
        ),
        (
            "frequency_cap",
            "If it left now, it would be held back until 27 Nov 2026, 20:00: This person has had"
            " enough messages for now; it waits its turn.",
        ),
        (
            "exit_reached",
            "If it left now, it would be dropped: This person left the journey before the message"
            " went out.",
        ),
        ("", "If it left now, nothing would hold it back."),
    ],
)
def test_guards_are_asked_about_what_has_not_left(ada, acme, hello, now, key, words):
    # given a mail in the queue, and one reason against it
    journey = ordering(now, hello, WAIT)
    order(ada, now)
    settle(now)
    _object(key, ada, acme, now)
    before = list(Message.objects.order_by("pk").values())
    # when it is asked about
    found = said(journey, ada, now + HOUR, step="mail1")
    # then the guard answers, and nothing was written
    assert (found.code, found.reason) == ("waiting", key)
    queued = "Queued on 20 Nov 2026, 21:00, and not sent yet."
    assert found.sentence == f"Ada did not get “Hello” yet. {queued} {words}"
    assert list(Message.objects.order_by("pk").values()) == before


def _object(key, ada, acme, now):
    if key == "no_consent":
        Contact.objects.update(email_consent="unsubscribed")
    elif key == "suppressed":
        Suppression.objects.create(value=ada.email, reason="bounced")
    elif key == "frequency_cap":
        acme.cap_messages, acme.cap_days = 1, 7
        acme.save()
        version = Message.objects.values_list("template_version", flat=True).first()
        Message.objects.create(
            send_key="campaign:x",
            lane=Message.Lane.CAMPAIGN,
            contact=ada,
            to_address=ada.email,
            template_version_id=version,
            status="bounced",
            sent_at=now - HOUR,
        )
    elif key == "exit_reached":
        runs = Enrolment.objects.values_list("pk", flat=True)
        remove(enrolment_ids=runs, now=now + timedelta(minutes=1))


def test_what_is_held_back_says_until_when(ada, hello, now):
    journey = ordering(now, hello, WAIT)
    order(ada, now)
    settle(now)
    Message.objects.update(
        status="deferred", reason="open_ticket", reason_text="There is a ticket.", due_at=now + DAY
    )
    assert mails(journey, ada, now + HOUR) == [
        (
            "held_back",
            "There is a ticket. It is tried again on 21 Nov 2026, 21:00. If it left now, nothing"
            " would hold it back.",
            "open_ticket",
        )
    ]


def test_a_split_says_what_it_saw_and_who_went_elsewhere_did_not_get_the_mail(ada, hello, now):
    # given a mail for VIPs alone, and Ada is none
    journey = ordering(now, step("split1", "if_else", SPLIT, [hello], [WAIT]))
    order(ada, now)
    settle(now)
    found = asked(journey, ada, now + HOUR)
    # then the split's conditions are told with their answers
    split = found.runs[0].stays[0]
    assert (split.outcome, split.words, split.agrees) == ("branch:1", "No", True)
    assert [(leaf.words, leaf.holds) for leaf in split.decision.leaves()] == [
        ("with the tag “vip”", False),
        ("who unsubscribed from email", False),
    ]
    # and the mail was on the other way
    [answer] = found.mails[0]
    assert (answer.code, answer.reason) == ("other_branch", "split1")
    assert answer.words == (
        "At “People with the tag “vip” or who unsubscribed from email” they went another way: “No”."
    )
    # and where they are is said in the verdict
    assert said(journey, ada, now + HOUR).sentence == (
        "Ada is in “Welcome” since 20 Nov 2026, 21:00: “Ordered” (When this happens: Ordered,"
        " where total is at least “50”). Now at “Wait: 2 days”. Goes on at 22 Nov 2026, 21:00."
    )


def test_a_split_that_would_go_otherwise_now_says_so(ada, hello, now):
    journey = ordering(now, step("split1", "if_else", SPLIT, [hello], [WAIT]))
    add_tag(contact_ids=[ada.pk], name="vip", now=now)
    order(ada, now)
    settle(now)
    remove_tag(contact_ids=[ada.pk], name="vip", now=now + HOUR)
    split = asked(journey, ada, now + DAY).runs[0].stays[0]
    assert (split.outcome, split.decision.holds, split.agrees) == ("branch:0", False, False)


def test_what_comes_after_a_wait_is_not_reached_yet(ada, hello, now):
    journey = ordering(now, WAIT, hello)
    order(ada, now)
    settle(now)
    found = said(journey, ada, now + HOUR, step="mail1")
    assert (found.code, found.reason) == ("not_reached_yet", "wait1")
    assert found.sentence == (
        "Ada did not get “Hello” yet. They are at “Wait: 2 days”. Goes on at 22 Nov 2026, 21:00."
    )


def test_who_left_before_is_told_where_and_why(ada, hello, now):
    exits = [{"event": "order.cancelled", "reason": "Cancelled"}]
    journey = ordering(now, WAIT, hello, exits=exits)
    order(ada, now)
    settle(now)
    record(type="order.cancelled", contact_id=ada.pk, now=now + DAY)
    listen(now + DAY)
    found = said(journey, ada, now + 2 * DAY, step="mail1")
    assert (found.code, found.reason) == ("left_before", "Cancelled")
    assert found.sentence == (
        "Ada did not get “Hello”. They were at “Wait: 2 days” when the journey ended for them on"
        " 21 Nov 2026, 21:00. Left: Cancelled."
    )
    whole = said(journey, ada, now + 2 * DAY)
    assert (whole.code, whole.reason) == ("left", "Cancelled")
    assert whole.sentence.endswith(". Left: Cancelled, on 21 Nov 2026, 21:00.")


def test_the_goal_and_the_end_are_told(ada, bob, now):
    goal = {"event": "order.paid", "within_days": 30, "then": "exit"}
    journey = ordering(now, WAIT, goal=goal)
    order(ada, now)
    order(bob, now)
    record(type="order.paid", contact_id=ada.pk, now=now + DAY)
    listen(now + DAY)
    settle(now + 3 * DAY)
    reached, ended = (said(journey, each, now + 4 * DAY) for each in (ada, bob))
    assert (reached.code, reached.reason) == ("goal", "goal")
    assert reached.sentence.endswith(". Reached the goal on 21 Nov 2026, 21:00.")
    assert (ended.code, ended.reason) == ("completed", "")
    assert ended.sentence.endswith(". Came to the end on 23 Nov 2026, 13:00.")


def test_a_step_that_failed_says_so_and_what_comes_after_is_not_reached(ada, hello, now):
    # given a step that no part of this installation knows (any more)
    journey = ordering(now, WAIT, hello)
    order(ada, now)
    settle(now)
    version = journey.live_version
    compiled = version.compiled
    compiled["steps"]["wait1"]["kind"] = "moon_phase"
    type(version).objects.filter(pk=version.pk).update(compiled=compiled)
    from journeys import programs

    programs._cache.clear()
    settle(now + 3 * DAY)
    programs._cache.clear()
    found = said(journey, ada, now + 4 * DAY, step="mail1")
    assert (found.code, found.reason) == ("failed_before", "failed")
    assert "No part of this installation knows the step “moon_phase”." in found.sentence
    assert said(journey, ada, now + 4 * DAY).code == "failed"


def test_a_paused_journey_holds_them(ada, hello, now):
    journey = ordering(now, WAIT, hello)
    order(ada, now)
    settle(now)
    services.pause_journey(journey=journey, now=now + HOUR)
    found = said(journey, ada, now + DAY)
    assert found.code == "held"
    assert found.sentence.endswith("Held at “Wait: 2 days”, since the journey is paused.")


def test_who_is_on_an_older_version_is_told_what_that_did_not_have(ada, hello, now):
    journey = ordering(now, WAIT)
    order(ada, now)
    settle(now)
    journey.refresh_from_db()
    journey.draft = {**journey.draft, "steps": [WAIT, hello]}
    journey.save()
    services.publish_journey(journey=journey, now=now + HOUR)
    found = said(journey, ada, now + DAY, step="mail1")
    assert (found.code, found.reason) == ("not_in_version", "")
    assert found.sentence == (
        "Ada did not get “Hello”. They went by version 1, which does not have this step."
    )
    assert not asked(journey, ada, now + DAY).runs[0].is_live_version


def test_several_runs_are_told_newest_first(ada, hello, now):
    journey = live(now, hello, settings={"re_entry": "always"})
    for number in range(7):
        enrol(journey=journey, contact_ids=[ada.pk], now=now + number * HOUR)
        settle(now + number * HOUR)
    found = asked(journey, ada, now + DAY)
    assert [each.run.started_at for each in found.runs] == [
        now + number * HOUR for number in (6, 5, 4, 3, 2)
    ]
    assert found.older_runs == 2
    assert said(journey, ada, now + DAY).sentence.startswith(
        "Ada came into “Welcome” on 21 Nov 2026, 03:00: By hand or API."
    )


def test_a_step_that_never_was_is_unknown(ada, now):
    journey = ordering(now)
    with pytest.raises(UnknownStep):
        asked(journey, ada, now, step="nosuch")
