"""The page of failed events: what went wrong, and a button to process again."""

import pytest
from django.urls import reverse
from django_tenants.utils import tenant_context

from events.models import Event

State = Event.State


@pytest.fixture
def failed(acme, now):
    return [
        Event.objects.create(
            source="shop",
            message_id=f"order-{n}",
            type="order.placed",
            occurred_at=now,
            received_at=now,
            state=State.FAILED,
            error="The <b>total</b> is missing.",
        )
        for n in range(3)
    ]


def test_it_lists_what_failed_and_why(acme_client, failed):
    page = acme_client.get(reverse("events:failed"))
    assert page.status_code == 200
    text = page.content.decode()
    assert "order-0" in text
    assert "The &lt;b&gt;total&lt;/b&gt; is missing." in text


def test_one_or_all_are_put_back_in_line(acme_client, failed):
    answer = acme_client.post(reverse("events:replay"), {"ids": [failed[0].pk, "x", "9" * 30]})
    assert (answer.status_code, answer.url) == (302, reverse("events:failed"))
    assert Event.objects.filter(state=State.PENDING).count() == 1
    acme_client.post(reverse("events:replay"), {"all": "1"})
    assert Event.objects.filter(state=State.PENDING).count() == 3


def test_reading_changes_nothing(acme_client, failed):
    assert acme_client.get(reverse("events:replay")).status_code == 405
    assert Event.objects.filter(state=State.FAILED).count() == 3


def test_globex_neither_sees_nor_replays_them(globex_client, acme, failed):
    page = globex_client.get(reverse("events:failed"))
    assert "order-0" not in page.content.decode()
    globex_client.post(reverse("events:replay"), {"ids": [failed[0].pk], "all": "1"})
    with tenant_context(acme):
        assert Event.objects.filter(state=State.FAILED).count() == 3


def test_an_empty_page_says_so(acme_client):
    assert "Nothing failed" in acme_client.get(reverse("events:failed")).content.decode()
