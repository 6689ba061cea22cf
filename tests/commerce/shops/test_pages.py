"""The settings pages of connected shops: for admins, and for their own workspace, only."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from django_tenants.utils import tenant_context

from commerce.models import Currency, DataRequest, Order, Shop
from contacts.models import Contact
from events.inbound import receive
from events.models import InboundDelivery
from tenants.models import AuditEntry, Membership, User

NEW = {"name": "Our shop", "currency": "EUR", "secret": ""}


@pytest.fixture(autouse=True)
def _euro(acme):
    Currency.objects.get_or_create(code="EUR", defaults={"is_main": True})


def failed(shop, now, error="No number."):
    receive(kind="shop", door=shop.key, delivery_id=str(uuid4()), body=b"{}",
            headers={"X-WC-Webhook-Topic": "order.created"}, now=now)  # fmt: skip
    call = InboundDelivery.objects.latest("pk")
    InboundDelivery.objects.filter(pk=call.pk).update(state="failed", error=error)
    return call


def test_a_shop_is_connected_step_by_step(acme_client):
    assert "No shop connected" in acme_client.get("/settings/shops/").content.decode()
    answer = acme_client.post("/settings/shops/new/woocommerce/", NEW)
    shop = Shop.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/settings/shops/{shop.pk}/")
    assert (shop.key, shop.name, shop.currency) == ("woocommerce-1", "Our shop", "EUR")
    # then the page says what to enter, the secret that was made among it
    secret = shop.credentials["secret"]
    assert len(secret) >= 32
    page = acme_client.get(answer["Location"]).content.decode()
    assert f"http://acme.localhost/hooks/shop/{shop.token}/" in page.replace(":8000", "")
    assert secret in page
    assert "order.created" in page
    assert "Waiting for its first call" in page


def test_a_secret_is_shown_until_the_shop_has_used_it(acme_client, woocommerce, now):
    url = f"/settings/shops/{woocommerce.pk}/"
    assert '<code id="secret">hush</code>' in acme_client.get(url).content.decode()
    Shop.objects.update(last_seen_at=now)
    assert "hush" not in acme_client.get(url).content.decode()


def test_a_shopify_secret_is_entered_once_it_is_known(acme_client):
    acme_client.post("/settings/shops/new/shopify/", NEW)
    shop = Shop.objects.get()
    assert shop.credentials == {"secret": ""}
    url = f"/settings/shops/{shop.pk}/"
    assert "Secret missing" in acme_client.get(url).content.decode()
    acme_client.post(url, {**NEW, "secret": "from-shopify"})
    shop.refresh_from_db()
    assert shop.credentials == {"secret": "from-shopify"}
    assert "from-shopify" not in acme_client.get(url).content.decode()
    # when something else is changed, it stays
    acme_client.post(url, {**NEW, "name": "Other"})
    shop.refresh_from_db()
    assert (shop.name, shop.credentials) == ("Other", {"secret": "from-shopify"})


def test_shops_of_a_kind_are_numbered_and_never_share_a_number(acme_client):
    for _ in range(2):
        acme_client.post("/settings/shops/new/shopify/", NEW)
    first = Shop.objects.get(key="shopify-1")
    acme_client.post(f"/settings/shops/{first.pk}/leave/")
    acme_client.post("/settings/shops/new/shopify/", NEW)
    assert sorted(Shop.objects.values_list("key", flat=True)) == [
        "shopify-1",
        "shopify-2",
        "shopify-3",
    ]


def test_what_is_wrong_with_a_form_is_said_and_nothing_is_written(acme_client):
    answer = acme_client.post(
        "/settings/shops/new/shopify/", {"name": "", "currency": "XXX", "secret": ""}
    )
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"name", "currency"}
    assert Shop.objects.count() == 0
    assert acme_client.get("/settings/shops/new/magento/").status_code == 404


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"last_seen_at": timedelta(0)}, "Connected"),
        ({"last_seen_at": timedelta(days=8)}, "Quiet"),
        ({"refused": 3, "refused_at": timedelta(0)}, "Refused"),
        ({"is_active": False}, "Paused"),
        ({"left_at": timedelta(0)}, "App removed"),
        ({"disconnected_at": timedelta(0)}, "Disconnected"),
    ],
)
def test_the_list_says_how_a_shop_is_doing(acme_client, woocommerce, changes, word):
    values = {
        name: timezone.now() - value if isinstance(value, timedelta) else value
        for name, value in changes.items()
    }
    Shop.objects.update(**values)
    for url in ("/settings/shops/", f"/settings/shops/{woocommerce.pk}/"):
        assert f"{word}</span>" in acme_client.get(url).content.decode()


def test_what_failed_is_listed_and_read_again(acme_client, woocommerce, connected, now):
    mine, other = failed(woocommerce, now), failed(connected("shopify"), now, "Not this one.")
    page = acme_client.get("/settings/shops/").content.decode()
    assert page.count("1 call failed") == 2
    page = acme_client.get(f"/settings/shops/{woocommerce.pk}/").content.decode()
    assert "No number." in page
    assert "Not this one." not in page
    # when a call of another shop is named, then nothing happens
    url = f"/settings/shops/{woocommerce.pk}/replay/"
    acme_client.post(url, {"id": str(other.pk)})
    assert InboundDelivery.objects.filter(state="failed").count() == 2
    acme_client.post(url, {"id": str(mine.pk)})
    mine.refresh_from_db()
    assert (mine.state, mine.error) == ("waiting", "")
    other.refresh_from_db()
    assert other.state == "failed"
    second = failed(woocommerce, now)
    acme_client.post(url)
    second.refresh_from_db()
    assert second.state == "waiting"


def test_a_shop_is_paused_and_goes_on(acme_client, woocommerce):
    url = f"/settings/shops/{woocommerce.pk}/switch/"
    acme_client.post(url, {"on": "0"})
    woocommerce.refresh_from_db()
    assert woocommerce.is_active is False
    acme_client.post(url, {"on": "1"})
    woocommerce.refresh_from_db()
    assert woocommerce.is_active is True


def test_a_new_address_takes_the_place_of_the_old_one(acme_client, woocommerce, post):
    url = f"/settings/shops/{woocommerce.pk}/address/"
    assert acme_client.get(url).status_code == 200
    before = woocommerce.token
    acme_client.post(url)
    woocommerce.refresh_from_db()
    assert woocommerce.token != before
    assert post(woocommerce, "order.deleted", {"id": 5}).status_code == 200
    woocommerce.token = before
    assert post(woocommerce, "order.deleted", {"id": 5}).status_code == 404


def test_disconnecting_keeps_what_came_and_the_way_back(acme_client, woocommerce, post, now):
    Order.objects.create(
        source="woocommerce-1", external_id="1", status="paid", currency="EUR", total=1, value=1,
        placed_at=now,
    )  # fmt: skip
    url, before = f"/settings/shops/{woocommerce.pk}/", woocommerce.token
    assert acme_client.get(f"{url}leave/").status_code == 200
    acme_client.post(f"{url}leave/")
    woocommerce.refresh_from_db()
    assert woocommerce.disconnected_at is not None
    assert woocommerce.credentials == {"secret": ""}
    assert Order.objects.count() == 1
    woocommerce.token = before
    assert post(woocommerce, "order.deleted", {"id": 5}).status_code == 404
    # what is done to a shop that is connected is not done to this one
    for path in ("leave", "address", "switch"):
        assert acme_client.post(f"{url}{path}/").status_code == 404
    acme_client.post(f"{url}return/")
    woocommerce.refresh_from_db()
    assert (woocommerce.disconnected_at, woocommerce.key) == (None, "woocommerce-1")
    assert woocommerce.token != before
    assert woocommerce.credentials["secret"] not in ("", "hush")
    assert acme_client.post(f"{url}return/").status_code == 404
    actions = AuditEntry.objects.filter(action__startswith="shop.").order_by("pk")
    assert [entry.action for entry in actions] == ["shop.disconnected", "shop.connected"]


def test_what_customers_ask_is_listed_until_it_is_seen_to(acme_client, woocommerce, now):
    ada = Contact.objects.create(email="ada@example.com")
    request = DataRequest.objects.create(
        shop=woocommerce, kind="export", contact=ada, delivery_id=uuid4(), asked_at=now
    )
    page = acme_client.get("/settings/shops/").content.decode()
    assert "Wants a copy of their data" in page
    assert f"/contacts/{ada.pk}/" in page
    assert "1 request about personal data" in acme_client.get("/").content.decode()
    acme_client.post(f"/settings/shops/requests/{request.pk}/done/")
    request.refresh_from_db()
    assert request.done_at is not None
    assert "Wants a copy" not in acme_client.get("/settings/shops/").content.decode()


def test_the_list_takes_few_statements(acme_client, connected, now, statements):
    for number in range(1, 8):
        failed(connected("woocommerce", f"woocommerce-{number}"), now)
    assert statements(lambda: acme_client.get("/settings/shops/")) <= 12


def test_only_admins_come_in(acme, client_of, woocommerce, now):
    editor = User.objects.create_user("editor@acme.example", "correct horse battery", name="E")
    Membership.objects.create(user=editor, workspace=acme, role="editor")
    client = client_of(acme, editor)
    before = Shop.objects.values().get()
    for path in ("", "new/shopify/", f"{woocommerce.pk}/", f"{woocommerce.pk}/leave/"):
        assert client.get(f"/settings/shops/{path}").status_code == 403
    for path in ("switch", "address", "leave", "return", "replay"):
        assert client.post(f"/settings/shops/{woocommerce.pk}/{path}/").status_code == 403
    assert client.post("/settings/shops/new/shopify/", NEW).status_code == 403
    assert Shop.objects.values().get() == before


def test_globex_reaches_no_shop_of_acme(acme, globex_client, woocommerce, now):
    request = DataRequest.objects.create(
        shop=woocommerce, kind="export", delivery_id=uuid4(), asked_at=now
    )
    before = Shop.objects.values().get()
    url = f"/settings/shops/{woocommerce.pk}/"
    assert globex_client.get(url).status_code == 404
    assert globex_client.post(url, NEW).status_code == 404
    for path in ("switch", "address", "leave", "return", "replay"):
        assert globex_client.post(f"{url}{path}/").status_code == 404
    done = globex_client.post(f"/settings/shops/requests/{request.pk}/done/")
    assert done.status_code == 404
    with tenant_context(acme):
        assert Shop.objects.values().get() == before
        assert DataRequest.objects.get().done_at is None
