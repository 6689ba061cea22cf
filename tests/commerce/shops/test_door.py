"""The door of shops: signed calls are stored raw, once; everything else changes nothing."""

import pytest
import time_machine
from django.test import Client
from django_tenants.utils import tenant_context

from commerce.models import Order, Shop
from events.models import InboundDelivery
from tenants.models import Agenda
from tests.commerce.shops.conftest import sign
from tests.commerce.shops.samples import sample
from tests.commerce.shops.test_woocommerce import PAID


@pytest.fixture(autouse=True)
def _at_noon(now):
    with time_machine.travel(now, tick=False):
        yield


def test_a_signed_call_is_stored_raw_and_the_lane_is_woken(acme, post, woocommerce, now):
    body = b'{"id": 5}\n'
    answer = post(woocommerce, "order.deleted", body)
    assert (answer.status_code, answer.json()) == (200, {"received": True})
    stored = InboundDelivery.objects.get()
    assert (stored.kind, stored.door, bytes(stored.body)) == ("shop", "woocommerce-1", body)
    assert stored.headers == {
        "X-WC-Webhook-Topic": "order.deleted",
        "X-WC-Webhook-Delivery-ID": "d1",
    }
    assert stored.state == "waiting"
    assert Order.objects.count() == 0
    assert Agenda.objects.filter(workspace=acme, lane="events", due_at__lte=now).exists()
    woocommerce.refresh_from_db()
    assert (woocommerce.last_seen_at, woocommerce.refused) == (now, 0)


def test_the_same_call_again_is_stored_once_and_another_body_of_the_same_second_twice(
    post, woocommerce
):
    for _ in range(3):
        assert post(woocommerce, "order.deleted", {"id": 5}).status_code == 200
    assert InboundDelivery.objects.count() == 1
    assert post(woocommerce, "order.deleted", {"id": 6}).status_code == 200
    assert InboundDelivery.objects.count() == 2


@pytest.mark.parametrize("kind", ["woocommerce", "shopify"])
@pytest.mark.parametrize("signature", ["", "00ff", "no base64!", "é", "AAAA"])
def test_a_call_that_proves_nothing_is_counted_and_not_stored(
    connected, post, kind, signature, now
):
    shop = connected(kind)
    answer = post(shop, "orders/create", {"id": 5}, signature=signature.encode().decode("latin-1"))
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature")
    assert InboundDelivery.objects.count() == 0
    shop.refresh_from_db()
    assert (shop.refused, shop.refused_at, shop.last_seen_at) == (1, now, None)
    # when a call is good again, then nothing is held against it
    post(shop, "orders/create", {"id": 5})
    shop.refresh_from_db()
    assert (shop.refused, shop.last_seen_at) == (0, now)


def test_a_body_that_was_changed_on_the_way_is_refused(post, woocommerce):
    answer = post(woocommerce, "order.deleted", {"id": 6}, signature=sign(b'{"id": 5}'))
    assert answer.status_code == 401
    assert InboundDelivery.objects.count() == 0


def test_a_shop_without_a_secret_lets_nobody_in(post, shopify_shop):
    Shop.objects.update(credentials={"secret": ""})
    assert post(shopify_shop, "orders/create", {"id": 5}, secret="").status_code == 401
    assert InboundDelivery.objects.count() == 0


def test_the_ping_of_a_new_webhook_is_answered_and_leaves_nothing(acme, client_of, woocommerce):
    answer = client_of(acme).post(
        f"/hooks/shop/{woocommerce.token}/",
        "webhook_id=3",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 200
    assert InboundDelivery.objects.count() == 0
    woocommerce.refresh_from_db()
    assert (woocommerce.last_seen_at, woocommerce.refused) == (None, 0)


def test_a_body_that_is_too_large_is_refused(post, woocommerce):
    answer = post(woocommerce, "order.created", b"x" * (10 * 1024 * 1024))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert InboundDelivery.objects.count() == 0


def test_looking_at_the_address_is_answered_as_shops_expect(acme, client_of, woocommerce):
    url = f"/hooks/shop/{woocommerce.token}/"
    assert client_of(acme).head(url).status_code == 200
    refused = client_of(acme).get(url)
    assert (refused.status_code, refused.json()["code"]) == (405, "method_not_allowed")
    assert InboundDelivery.objects.count() == 0


def test_an_address_that_is_none_is_not_found(post, woocommerce):
    woocommerce.token = "x" * 32
    answer = post(woocommerce, "order.created", {"id": 5})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert InboundDelivery.objects.count() == 0


def test_a_disconnected_shop_has_no_address(post, woocommerce, now):
    Shop.objects.update(disconnected_at=now)
    assert post(woocommerce, "order.created", {"id": 5}).status_code == 404
    assert InboundDelivery.objects.count() == 0


def test_no_workspace_lets_in_the_shop_of_another(acme, post, woocommerce, globex):
    # Acme's address on Globex's host
    answer = post(woocommerce, "order.created", {"id": 5}, workspace=globex)
    assert answer.status_code == 404
    for workspace in (acme, globex):
        with tenant_context(workspace):
            assert InboundDelivery.objects.count() == 0
    with tenant_context(acme):
        woocommerce.refresh_from_db()
        assert woocommerce.last_seen_at is None


def test_the_body_of_acme_means_nothing_at_the_address_of_globex(acme, post, globex, now):
    with tenant_context(globex):
        theirs = Shop.objects.create(
            kind="woocommerce", name="Theirs", key="woocommerce-1", currency="EUR",
            credentials={"secret": "theirs"}, created_at=now,
        )  # fmt: skip
    # signed with the secret of Acme's shop
    answer = post(theirs, "order.created", {"id": 5}, workspace=globex)
    assert answer.status_code == 401
    with tenant_context(globex):
        theirs.refresh_from_db()
        assert (theirs.refused, InboundDelivery.objects.count()) == (1, 0)
    with tenant_context(acme):
        assert InboundDelivery.objects.count() == 0


def test_whatever_it_says_it_is_taken(post, read, woocommerce, now):
    """More than five refusals in a row and WooCommerce switches the webhook off."""
    bodies = [b"", b"{", b"[]", b"null", b"1", b'{"id": NaN}', b"\xff", b'{"id": {}}',
              b"[" * 5000, b'{"status": "processing"}', b'{"order": {"id": 1}}']  # fmt: skip
    for number, body in enumerate(bodies):
        assert post(woocommerce, "order.created", body, delivery=f"d{number}").status_code == 200
    calls = read(now)
    assert len(calls) == len(bodies)
    assert {call.state for call in calls} == {"failed"}
    assert all(call.error for call in calls)
    assert Order.objects.count() == 0


def test_an_order_of_nonsense_is_kept_as_far_as_it_goes(post, read, woocommerce, now):
    payload = sample(
        "woocommerce-order-created", billing=None, currency="XXX1", total="1e99", line_items=[
            {"name": "Apron", "quantity": 1, "total": "1e99", "subtotal": "9", "price": "1e99"}
        ],
    )  # fmt: skip
    assert post(woocommerce, "order.created", payload).status_code == 200
    [call] = read(now)
    order = Order.objects.get()
    assert (order.external_id, order.total, order.currency) == ("727", 0, "EUR")
    assert (order.contact_id, order.paid_at) == (None, PAID)
    assert call.state == "failed"
    assert call.error == (
        "“1e99” in “total” is not an amount. “XXX1” in “currency” is not a currency."
    )


def test_the_door_asks_for_no_cookie(acme, woocommerce):
    client = Client(enforce_csrf_checks=True, headers={"host": "acme.localhost"})
    answer = client.post(f"/hooks/shop/{woocommerce.token}/", {"id": 5})
    assert answer.status_code == 401
