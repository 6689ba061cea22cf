"""The page of webhook calls: what failed or was not used, and a button to read again."""

import pytest
from django.urls import reverse
from django_tenants.utils import tenant_context

from events.models import InboundDelivery

State = InboundDelivery.State


@pytest.fixture
def calls(acme, now):
    return [
        InboundDelivery.objects.create(
            kind="provider",
            door="d",
            delivery_id=f"call-{state}-{n}",
            body=b"{}",
            received_at=now,
            state=state,
            error=f"<b>{state}</b> it is",
        )
        for n, state in enumerate(["failed", "failed", "ignored", "done"])
    ]


def test_it_lists_what_failed_and_what_was_not_used(acme_client, calls):
    failed = acme_client.get(reverse("events:deliveries")).content.decode()
    assert "call-failed-0" in failed
    assert "&lt;b&gt;failed&lt;/b&gt; it is" in failed
    assert "call-ignored-2" not in failed
    assert "call-done-3" not in failed
    unused = acme_client.get(reverse("events:deliveries"), {"state": "ignored"}).content.decode()
    assert "call-ignored-2" in unused
    assert "call-failed-0" not in unused


def test_one_or_all_are_read_again(acme_client, calls):
    url = reverse("events:delivery_replay")
    answer = acme_client.post(url, {"ids": [str(calls[2].pk), "x"]})
    assert (answer.status_code, answer.url) == (302, reverse("events:deliveries"))
    assert InboundDelivery.objects.get(state=State.WAITING).pk == calls[2].pk
    acme_client.post(url, {"all": "1"})
    assert InboundDelivery.objects.filter(state=State.WAITING).count() == 3


def test_failed_calls_are_on_the_home_page(acme_client, calls):
    assert "2 webhook calls failed" in acme_client.get(reverse("insights:home")).content.decode()


def test_globex_neither_sees_nor_replays_them(globex_client, acme, calls):
    assert "call-failed" not in globex_client.get(reverse("events:deliveries")).content.decode()
    url = reverse("events:delivery_replay")
    globex_client.post(url, {"ids": [str(calls[0].pk)], "all": "1"})
    with tenant_context(acme):
        assert InboundDelivery.objects.filter(state=State.FAILED).count() == 2


def test_an_empty_page_says_so(acme_client):
    assert "Nothing failed" in acme_client.get(reverse("events:deliveries")).content.decode()
