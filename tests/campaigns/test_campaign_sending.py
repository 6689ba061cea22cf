"""A campaign goes to each of its audience once, and everybody's fate is on record."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import claims, launching, queueing, row_moves, sending, tasks
from campaigns.models import Campaign, Message
from contacts.consent import record_consent, suppress
from contacts.erasure import erase_contact
from contacts.lane import drain_bulk_lane
from contacts.models import Contact
from core.errors import Invalid
from tenants.models import Agenda


def launch(campaign, now):
    launching.launch_campaign(campaign_id=campaign.pk, now=now)
    drain_bulk_lane(clock=lambda: now)


def drain(acme, now):
    launching.start_due(now=now)
    done = sending.drain(workspace=acme, clock=lambda: now)
    launching.finish_sent(now=now)
    return done


def status(campaign):
    campaign.refresh_from_db()
    return campaign.status


def states(campaign):
    rows = Message.objects.filter(campaign_id=campaign.pk).values_list("status", "reason")
    return Counter(rows)


def assert_equation(campaign, recipients):
    found = Counter(each for each, _reason in states(campaign).elements())
    assert sum(found.values()) == recipients
    assert set(found) <= {"accepted", "delivered", "bounced", "skipped", "failed", "in_doubt"}


def test_everybody_of_the_audience_is_sent_to_or_has_a_reason(acme, office, campaign, crowd, now):
    # given an audience of seven, four of whom cannot be written to
    crowd(3, tag="vip")
    crowd(1, tag="vip", word="none", email_consent="none")
    crowd(1, tag="vip", word="gone", email_consent="unsubscribed")
    crowd(1, tag="vip", word="bounced")
    crowd(1, tag="vip", email=None)
    crowd(2, word="others")
    suppress(addresses=["bounced0000@example.com"], reason="bounced", now=now)
    spring = campaign(tag="vip")

    # when it is started, written and sent
    launch(spring, now)
    assert status(spring) == "sending"
    drain(acme, now)

    # then three have it, four have a reason, nobody else was touched
    assert states(spring) == {
        ("accepted", ""): 3,
        ("skipped", "no_consent"): 2,
        ("skipped", "suppressed"): 1,
        ("skipped", "no_address"): 1,
    }
    assert_equation(spring, 7)
    assert len(office.taken) == 3
    assert (status(spring), spring.finished_at) == ("sent", now)
    texts = set(Message.objects.filter(status="skipped").values_list("reason_text", flat=True))
    assert texts == {
        "This person has not agreed to marketing mail, or no longer does.",
        "This address bounced, complained or was blocked.",
        "This person has no email address.",
    }


def test_a_message_is_the_same_row_queueing_by_hand_would_write(campaign, crowd, now):
    [ada] = crowd(1)
    spring = campaign()
    launch(spring, now)
    message = Message.objects.get()
    assert message.send_key == f"campaign:{spring.pk}:{ada.pk}"
    assert (message.lane, message.channel, message.context, message.destinations) == (
        Message.Lane.CAMPAIGN,
        "email",
        {},
        [],
    )
    assert (message.due_at, message.queued_at, message.attempts) == (now, now, 0)
    assert message.template_version_id == spring.template.live_version_id
    assert message.pk.version == 7


def test_slices_go_on_where_the_last_one_ended_and_write_nobody_twice(
    campaign, crowd, now, monkeypatch
):
    # given slices of four for ten people, and one of them killed before its commit
    monkeypatch.setattr(queueing, "SLICE", 4)
    crowd(10)
    spring = campaign()
    launching.launch_campaign(campaign_id=spring.pk, now=now)
    queueing.write_slice(now)
    assert (Message.objects.count(), status(spring)) == (4, "queueing")
    pointer = spring.queued_to

    # when a slice is done over again from an older pointer, as a restored row would have it
    Campaign.objects.update(queued_to=None)
    queueing.write_slice(now)

    # then it wrote nobody again and stands where it stood
    spring.refresh_from_db()
    assert (Message.objects.count(), spring.queued_to) == (4, pointer)
    queueing.write_slice(now)
    queueing.write_slice(now)
    assert (Message.objects.count(), status(spring)) == (10, "sending")
    assert Message.objects.values("contact").distinct().count() == 10
    # and the lane has no more to do
    assert not queueing.has_work()
    queueing.write_slice(now)
    assert Message.objects.count() == 10


def test_a_slice_is_one_insert_whatever_its_size(campaign, crowd, now):
    for number in (3, 300):
        crowd(number, word=f"n{number}-")
        spring = campaign(f"For {number}")
        launching.launch_campaign(campaign_id=spring.pk, now=now)
        with CaptureQueriesContext(connection) as seen:
            queueing.write_slice(now)
        writes = [each["sql"] for each in seen if "campaigns_message" in each["sql"]]
        assert len(writes) == 1
    assert Message.objects.count() == 3 + 303


def test_whoever_comes_after_the_start_is_not_of_the_audience(campaign, crowd, now, monkeypatch):
    monkeypatch.setattr(queueing, "SLICE", 2)
    crowd(3)
    spring = campaign()
    launching.launch_campaign(campaign_id=spring.pk, now=now)
    queueing.write_slice(now)
    crowd(2, word="late", created_at=now + timedelta(seconds=1))
    queueing.write_slice(now + timedelta(seconds=2))
    assert (Message.objects.count(), status(spring)) == (3, "sending")


def test_the_guards_are_asked_at_the_send_moment(acme, office, campaign, crowd, now):
    # given a written campaign, and people who leave before it leaves
    ada, bob, eve = crowd(3)
    spring = campaign()
    launch(spring, now)
    record_consent(contact_ids=[ada.pk], action="unsubscribed", source="one_click", now=now)
    erase_contact(contact_id=bob.pk, now=now)

    drain(acme, now)

    assert states(spring) == {
        ("accepted", ""): 1,
        ("skipped", "no_consent"): 1,
        ("skipped", "contact_gone"): 1,
    }
    assert [envelope.rcpt_tos for envelope in office.taken] == [[eve.email]]
    assert status(spring) == "sent"


def test_an_erasure_that_takes_the_last_one_lets_the_campaign_end(acme, campaign, crowd, now):
    [ada] = crowd(1)
    spring = campaign()
    launch(spring, now)
    Agenda.objects.filter(workspace=acme).update(due_at=None)
    erase_contact(contact_id=ada.pk, now=now)
    assert Agenda.objects.get(workspace=acme, lane="sending").due_at == now
    drain(acme, now)
    assert status(spring) == "sent"


def test_a_campaign_is_not_done_while_somebody_waits(acme, office, campaign, crowd, mail, now):
    # given somebody who is at their cap until next week
    acme.cap_messages = 1
    acme.save()
    crowd(1)
    first, second = campaign(), campaign("Summer", template_id=mail("Other").pk)
    launch(first, now)
    drain(acme, now)
    launch(second, now)
    drain(acme, now)

    # then the second waits, and ends when they had theirs
    assert (status(first), status(second)) == ("sent", "sending")
    assert states(second) == {("deferred", "frequency_cap"): 1}
    later = now + timedelta(days=7, seconds=1)
    drain(acme, later)
    assert (states(second), status(second)) == ({("accepted", ""): 1}, "sent")


def test_the_version_at_the_start_is_what_everybody_gets(acme, office, campaign, crowd, hello, now):
    from campaigns.preflight import draft_of
    from campaigns.services import save_template

    crowd(2)
    spring = campaign()
    launch(spring, now)
    frozen = hello.live_version_id
    save_template(draft=draft_of(hello), template=hello, now=now)
    drain(acme, now)
    hello.refresh_from_db()
    assert hello.live_version_id != frozen
    assert set(Message.objects.values_list("template_version_id", flat=True)) == {frozen}


# --- at a time


def test_a_scheduled_campaign_starts_when_its_time_comes(acme, office, campaign, crowd, now):
    # given a campaign for tomorrow
    crowd(2)
    at = now + timedelta(days=1)
    spring = campaign(send_at=at)
    Agenda.objects.filter(workspace=acme).delete()

    # when it is launched, then the agenda knows, and nothing starts before
    launching.launch_campaign(campaign_id=spring.pk, now=now)
    assert status(spring) == "scheduled"
    assert Agenda.objects.get(workspace=acme, lane="sending").due_at == at
    drain(acme, at - timedelta(seconds=1))
    assert (status(spring), claims.next_due()) == ("scheduled", at)
    assert not Message.objects.exists()

    # when its time has come
    launching.start_due(now=at)
    assert (status(spring), spring.started_at) == ("queueing", at)
    assert Agenda.objects.get(workspace=acme, lane="bulk").due_at <= at
    drain_bulk_lane(clock=lambda: at)
    drain(acme, at)
    assert (status(spring), len(office.taken)) == ("sent", 2)
    # and starting what is due again starts nothing
    assert launching.start_due(now=at) == 0


def test_the_lane_s_task_starts_and_closes_campaigns(acme, office, campaign, crowd):
    from django.utils import timezone

    crowd(1)
    spring = campaign(send_at=timezone.now() + timedelta(hours=1))
    launching.launch_campaign(campaign_id=spring.pk, now=timezone.now())
    Campaign.objects.update(send_at=timezone.now() - timedelta(seconds=1))
    from tenants.celery import HEADER

    tasks.send.apply(headers={HEADER: acme.schema_name}, throw=True)
    assert status(spring) == "queueing"
    drain_bulk_lane(clock=timezone.now)
    tasks.send.apply(headers={HEADER: acme.schema_name}, throw=True)
    assert (status(spring), len(office.taken)) == ("sent", 1)


def test_a_scheduled_campaign_can_be_a_draft_again(acme, campaign, crowd, now):
    crowd(1)
    spring = campaign(send_at=now + timedelta(hours=1))
    launching.launch_campaign(campaign_id=spring.pk, now=now)
    launching.unschedule_campaign(campaign_id=spring.pk, now=now)
    assert status(spring) == "draft"
    drain(acme, now + timedelta(hours=2))
    assert status(spring) == "draft"


# --- pause, resume, cancel


def test_a_pause_leaves_the_rest_alone_and_resuming_sends_exactly_it(
    acme, office, campaign, crowd, now
):
    # given a campaign of six, two of whom have theirs
    crowd(6)
    spring = campaign()
    launch(spring, now)
    two = list(Message.objects.order_by("id").values_list("pk", flat=True)[:2])
    Message.objects.exclude(pk__in=two).update(due_at=now + timedelta(seconds=30))
    drain(acme, now)
    assert len(office.taken) == 2

    # when it is paused, then nothing moves and nothing is due
    assert launching.pause_campaign(campaign_id=spring.pk, now=now) == 4
    assert (status(spring), claims.next_due()) == ("paused", None)
    assert drain(acme, now + timedelta(hours=5)) == 0
    assert states(spring) == {("accepted", ""): 2, ("held", ""): 4}

    # when it is resumed, then the rest goes, each once, and it ends
    assert launching.resume_campaign(campaign_id=spring.pk, now=now) == 4
    drain(acme, now + timedelta(hours=5))
    assert states(spring) == {("accepted", ""): 6}
    assert sorted(envelope.rcpt_tos[0] for envelope in office.taken) == [
        f"p{n:04}@example.com" for n in range(6)
    ]
    assert status(spring) == "sent"


def test_a_pause_while_messages_are_written_goes_on_from_there(
    acme, office, campaign, crowd, now, monkeypatch
):
    monkeypatch.setattr(queueing, "SLICE", 2)
    crowd(5)
    spring = campaign()
    launching.launch_campaign(campaign_id=spring.pk, now=now)
    queueing.write_slice(now)
    assert launching.pause_campaign(campaign_id=spring.pk, now=now) == 2
    # nothing is written while it rests
    drain_bulk_lane(clock=lambda: now)
    assert (Message.objects.count(), queueing.has_work()) == (2, False)

    launching.resume_campaign(campaign_id=spring.pk, now=now)
    assert status(spring) == "queueing"
    drain_bulk_lane(clock=lambda: now)
    drain(acme, now)
    assert (states(spring), status(spring)) == ({("accepted", ""): 5}, "sent")


def test_what_a_worker_holds_at_the_pause_does_not_leave(acme, office, campaign, crowd, now):
    # given messages claimed by a worker that has not called yet
    crowd(3)
    spring = campaign()
    launch(spring, now)
    batch = claims.claim(now=now, limit=10)
    assert len(batch) == 3

    # when the campaign is paused before it goes on
    launching.pause_campaign(campaign_id=spring.pk, now=now)
    sender = sending.Sender(acme, lambda: now, _stack())
    sender.send(batch)

    # then nothing left, and the worker's verdicts changed nothing
    assert office.taken == []
    assert states(spring) == {("held", ""): 3}


def _stack():
    from contextlib import ExitStack

    return ExitStack()


@pytest.mark.parametrize(
    ("stopped", "expected"),
    [("paused", ("deferred", "campaign_paused")), ("cancelled", ("skipped", "campaign_cancelled"))],
)
def test_a_row_the_pause_passed_over_is_caught_at_the_send_moment(
    acme, office, campaign, crowd, now, stopped, expected
):
    # given a campaign stopped while a row of it was locked, and so still queued
    crowd(1)
    spring = campaign()
    launch(spring, now)
    Campaign.objects.update(status=stopped)

    drain(acme, now)
    assert (office.taken, states(spring)) == ([], {expected: 1})

    # and a resume finds it at once
    if stopped == "paused":
        assert launching.resume_campaign(campaign_id=spring.pk, now=now) == 1
        drain(acme, now)
        assert (states(spring), status(spring)) == ({("accepted", ""): 1}, "sent")


def test_a_resume_keeps_the_time_and_the_reason_of_what_waited_anyway(
    acme, office, campaign, crowd, now
):
    # given one held back by the cap until later, and one that is to be asked again
    crowd(2)
    spring = campaign()
    launch(spring, now)
    first, second = Message.objects.order_by("id")
    until = now + timedelta(days=2)
    Message.objects.filter(pk=first.pk).update(
        status="deferred", reason="frequency_cap", reason_text="Enough.", due_at=until
    )
    Message.objects.filter(pk=second.pk).update(status="retry", reason="asked_again", attempts=1)

    launching.pause_campaign(campaign_id=spring.pk, now=now)
    launching.resume_campaign(campaign_id=spring.pk, now=now)

    rows = Message.objects.order_by("id").values_list("status", "reason", "reason_text", "due_at")
    assert list(rows) == [
        ("queued", "frequency_cap", "Enough.", until),
        ("queued", "asked_again", "", now),
    ]


def test_cancelling_skips_the_unsent_with_the_reason(acme, office, campaign, crowd, now):
    # given a paused campaign of which one has theirs, and one may have it
    crowd(4)
    spring = campaign()
    launch(spring, now)
    first, doubtful, *_rest = Message.objects.order_by("id").values_list("pk", flat=True)
    Message.objects.filter(pk=first).update(status="accepted", sent_at=now)
    Message.objects.filter(pk=doubtful).update(status="retry", reason="asked_again")
    launching.pause_campaign(campaign_id=spring.pk, now=now)

    assert launching.cancel_campaign(campaign_id=spring.pk, now=now) == 3

    assert states(spring) == {
        ("accepted", ""): 1,
        ("in_doubt", "cut_off"): 1,
        ("skipped", "campaign_cancelled"): 2,
    }
    assert_equation(spring, 4)
    assert (status(spring), spring.finished_at) == ("cancelled", now)
    drain(acme, now)
    assert (office.taken, status(spring)) == ([], "cancelled")


def test_a_large_campaign_is_moved_piece_by_piece_and_never_leaves_meanwhile(
    acme, office, campaign, crowd, now, monkeypatch
):
    # given pieces of two rows for five people
    monkeypatch.setattr(row_moves, "PIECE", 2)
    crowd(5)
    spring = campaign()
    launch(spring, now)

    # when it is paused, then two are held at once, and no other one leaves
    assert launching.pause_campaign(campaign_id=spring.pk, now=now) == 5
    assert (states(spring)["held", ""], row_moves.has_work()) == (2, True)
    drain(acme, now)
    assert states(spring) == {("held", ""): 2, ("deferred", "campaign_paused"): 3}
    drain_bulk_lane(clock=lambda: now)
    assert states(spring) == {("held", ""): 2, ("held", "campaign_paused"): 3}
    assert not row_moves.has_work()

    # when it is resumed and drained before all are let go, it is not done
    launching.resume_campaign(campaign_id=spring.pk, now=now)
    drain(acme, now)
    assert (len(office.taken), status(spring)) == (2, "sending")
    drain_bulk_lane(clock=lambda: now)
    drain(acme, now)
    assert (states(spring), status(spring)) == ({("accepted", ""): 5}, "sent")


def test_a_large_campaign_is_cancelled_piece_by_piece(
    acme, office, campaign, crowd, now, monkeypatch
):
    monkeypatch.setattr(row_moves, "PIECE", 2)
    crowd(5)
    spring = campaign()
    launch(spring, now)
    assert launching.cancel_campaign(campaign_id=spring.pk, now=now) == 5
    assert states(spring) == {("skipped", "campaign_cancelled"): 2, ("queued", ""): 3}
    drain_bulk_lane(clock=lambda: now)
    drain(acme, now)
    assert states(spring) == {("skipped", "campaign_cancelled"): 5}
    assert office.taken == []


MOVES = {
    "launch": lambda pk, now: launching.launch_campaign(campaign_id=pk, now=now),
    "unschedule": lambda pk, now: launching.unschedule_campaign(campaign_id=pk, now=now),
    "pause": lambda pk, now: launching.pause_campaign(campaign_id=pk, now=now),
    "resume": lambda pk, now: launching.resume_campaign(campaign_id=pk, now=now),
    "cancel": lambda pk, now: launching.cancel_campaign(campaign_id=pk, now=now),
    "delete": lambda pk, now: launching.delete_campaign(campaign_id=pk),
}
ALLOWED = {
    "draft": {"launch", "delete"},
    "scheduled": {"unschedule", "cancel"},
    "queueing": {"pause", "cancel"},
    "sending": {"pause", "cancel"},
    "paused": {"resume", "cancel"},
    "cancelled": set(),
    "sent": set(),
}


@pytest.mark.parametrize("state", ALLOWED)
def test_what_cannot_be_done_now_is_refused_and_changes_nothing(campaign, crowd, now, state):
    crowd(1)
    spring = campaign()
    Campaign.objects.update(status=state)
    before = Campaign.objects.values().get()
    for name in MOVES.keys() - ALLOWED[state]:
        with pytest.raises(launching.WrongState) as refusal:
            MOVES[name](spring.pk, now)
        assert refusal.value.code == "wrong_state"
        assert Campaign.objects.values().get() == before
    assert not Message.objects.exists()


# --- what stands against starting


def _no_address(acme, spring):
    acme.postal_address = " "
    acme.save()


def _nobody(acme, spring):
    Contact.objects.all().delete()


def _nobody_reachable(acme, spring):
    Contact.objects.update(email=None)


def _never_saved(acme, spring):
    type(spring.template).objects.update(live_version=None)


def _past(acme, spring):
    Campaign.objects.update(send_at=spring.created_at - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_no_address, "no_postal_address"),
        (_nobody, "audience_empty"),
        (_nobody_reachable, "audience_unreachable"),
        (_never_saved, "template_draft"),
        (_past, "send_at_past"),
    ],
)
def test_what_is_missing_keeps_it_from_starting(acme, campaign, crowd, now, spoil, code):
    crowd(2)
    spring = campaign()
    spoil(acme, spring)
    with pytest.raises(Invalid) as refusal:
        launching.launch_campaign(campaign_id=spring.pk, now=now)
    assert [problem.code for problem in refusal.value.problems] == [code]
    assert (status(spring), Message.objects.count()) == ("draft", 0)


def test_a_broken_link_keeps_it_from_starting(acme, campaign, crowd, mail, now):
    crowd(1)
    body = [
        {"kind": "button", "settings": {"label": "A", "href": "https://shop"}},
        {"kind": "footer", "settings": {}},
    ]
    spring = campaign(template_id=mail("Broken", body=body).pk)
    with pytest.raises(Invalid) as refusal:
        launching.launch_campaign(campaign_id=spring.pk, now=now)
    [problem] = refusal.value.problems
    assert (problem.code, problem.message) == (
        "broken_link",
        "The link “https://shop” leads nowhere.",
    )


def test_bad_drafts_are_refused_with_every_problem(acme, campaign, now):
    from uuid import uuid4

    spring = campaign()
    before = Campaign.objects.values().get()
    for pk in (None, spring.pk):
        with pytest.raises(Invalid) as refusal:
            launching.save_campaign(
                draft=launching.CampaignDraft(" ", uuid4(), "tag", tag=""), now=now, campaign_id=pk
            )
        assert {problem.code for problem in refusal.value.problems} == {
            "bad_condition",
            "template_not_found",
            "required",
        }
    assert Campaign.objects.values().get() == before


def test_a_copy_is_a_draft_of_the_same(acme, office, campaign, crowd, now):
    crowd(1, tag="vip")
    spring = campaign(tag="vip")
    launch(spring, now)
    copy = launching.duplicate_campaign(campaign_id=spring.pk, now=now)
    assert (copy.name, copy.status, copy.started_at) == ("Spring (copy)", "draft", None)
    assert (copy.template_id, copy.audience) == (spring.template_id, spring.audience)
