"""Two people start it at once, two workers write it, one pauses while another sends."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from django.db import connection

from campaigns import claims, launching, queueing
from campaigns.models import Campaign, Message
from campaigns.services import TemplateDraft, save_template
from contacts.models import Contact
from tests.journeys.conftest import committed  # noqa: F401 - a fixture


def in_parallel(workspace, *works):
    """What each of these gives or raises, all at once, each with a connection of its own."""
    barrier = Barrier(len(works))

    def one(work):
        try:
            connection.set_tenant(workspace)
            barrier.wait(10)
            return work()
        except launching.WrongState as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def audience(workspace, now, count):
    """A campaign to so many subscribers, not started yet."""
    workspace.postal_address = "Via Roma 1"
    workspace.save()
    Contact.objects.bulk_create(
        Contact(
            email=f"p{n}@example.com",
            email_consent="subscribed",
            created_at=now - timedelta(days=1),
        )
        for n in range(count)
    )
    body = [{"kind": "footer", "settings": {}}]
    template = save_template(draft=TemplateDraft("News", "News", body), now=now)
    return launching.save_campaign(draft=launching.CampaignDraft("Spring", template.pk), now=now)


def test_of_two_who_start_it_at_once_one_does(committed, now):  # noqa: F811
    spring = audience(committed, now, 3)

    def start():
        return launching.launch_campaign(campaign_id=spring.pk, now=now).status

    assert sorted(in_parallel(committed, start, start)) == ["queueing", "wrong_state"]


def test_two_workers_write_everybody_once(committed, now, monkeypatch):  # noqa: F811
    # given slices of fifty
    monkeypatch.setattr(queueing, "SLICE", 50)
    spring = audience(committed, now, 500)
    launching.launch_campaign(campaign_id=spring.pk, now=now)

    def work():
        while queueing.has_work():
            queueing.write_slice(now)

    in_parallel(committed, work, work)
    assert Message.objects.count() == 500
    assert Message.objects.values("contact").distinct().count() == 500
    assert Campaign.objects.get().status == "sending"


def test_pausing_while_workers_claim_loses_nothing(committed, now):  # noqa: F811
    # given two workers that claim and settle as fast as they can
    spring = audience(committed, now, 600)
    launching.launch_campaign(campaign_id=spring.pk, now=now)
    queueing.write_slice(now)
    sent = []

    def work():
        while batch := claims.claim(now=now, limit=20):
            called = claims.call(
                approved=[claims.Approved(row.id, row.fence) for row in batch], now=now
            )
            claims.settle(
                [
                    claims.Settlement(row.id, row.fence, "accepted", sent_at=now)
                    for row in batch
                    if row.id in called
                ]
            )
            sent.extend(called)

    def rest():
        held = launching.pause_campaign(campaign_id=spring.pk, now=now)
        return held, launching.resume_campaign(campaign_id=spring.pk, now=now)

    # when somebody pauses and resumes meanwhile, and the rest is sent afterwards
    _, _, (held, let_go) = in_parallel(committed, work, work, rest)
    work()

    # then each was sent once
    assert 600 >= held >= let_go
    assert max(Counter(sent).values()) == 1
    assert Counter(Message.objects.values_list("status", flat=True)) == {"accepted": 600}
    assert launching.finish_sent(now=now) == 1
