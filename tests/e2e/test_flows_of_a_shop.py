"""The flows of a shop on the running product: published from the gallery, stopped by an order.

One customer goes through: her cart comes in by the API, the first mail reaches her inbox, and an
order by the API ends the journey before the next one.
"""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_first_welcome import assert_accessible, eventually, open_mail

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

DEMO = ("demo@viaggio.example", "a day at the bakery")
RECIPES = (
    "welcome_with_code", "abandoned_cart", "browse_abandonment", "win_back_orders",
    "win_back_unopened", "review_request", "cross_sell", "loyalty_coupon", "interests_survey",
    "replacement", "birthday", "sunset",
)  # fmt: skip
CAKE = {"name": "Lemon cake", "product_external_id": "cake", "quantity": 1, "unit_price": "30.00"}


class Shop:
    """The shop's own program, with a key of the workspace."""

    def __init__(self, port: int, host: str, token: str) -> None:
        self.base = f"http://127.0.0.1:{port}/api/v1"
        self.headers = {
            "Host": host, "Authorization": f"Bearer {token}", "Content-Type": "application/json"
        }  # fmt: skip

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The answer's JSON; a refusal fails the test with its words."""
        data = json.dumps(body).encode() if body else None
        address = self.base + path
        request = Request(address, data=data, headers=self.headers, method=method)  # noqa: S310
        try:
            with urlopen(request, timeout=20) as answer:  # noqa: S310 - our own address
                return json.load(answer)
        except HTTPError as refusal:
            raise AssertionError(f"{method} {path}: {refusal.read().decode()}") from None


def sign_in(page: Page, product: Any, slug: str = "harbour-crumb") -> str:
    """The demo's owner signs in and goes to one of their workspaces; its address."""
    page.goto(f"{product.origin}/sign-in/")
    page.locator("input[type=email]").fill(DEMO[0])
    page.locator("input[type=password]").fill(DEMO[1])
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(re.compile("workspaces|journeys|localhost:[0-9]+/$"))
    page.goto(f"{product.origin}/workspaces/?choose=1")
    page.locator(f"a[href*='/{slug}/'], form[action*='/{slug}/'] button").first.click()
    home = product.workspace(slug)
    page.wait_for_url(re.compile(re.escape(home)))
    return str(home)


def new_key(page: Page, home: str) -> str:
    page.goto(f"{home}/settings/api-keys/")
    page.get_by_role("textbox", name=re.compile("Name")).fill("Shop")
    for box in page.locator("main form input[type=checkbox]").all():
        box.check()
    page.get_by_role("button", name="Create key").click()
    return page.locator("#token").inner_text()


def test_every_recipe_is_published_and_an_order_ends_the_cart_flow(
    product: Any, visit: Any
) -> None:
    with visit() as page:
        # The owner publishes every recipe with one click,
        home = sign_in(page, product)
        page.goto(f"{home}/journeys/new/")
        assert_accessible(page)
        for key in RECIPES:
            page.goto(f"{home}/journeys/new/")
            page.locator(f"form[action$='/create/{key}/'] button[name=publish]").click()
            page.wait_for_url(re.compile(r"/journeys/[0-9a-f-]{36}/"))
            expect(page.get_by_text("Live · v1")).to_be_visible()
            assert_accessible(page)
            if key == "abandoned_cart":
                journey = page.url
        # and lets the shop in.
        token = new_key(page, home)
        shop = Shop(product.port, home.removeprefix("http://"), token)

        # Greta has agreed to mail, and left a cart an hour ago but for some seconds.
        email = "greta.e2e@example.com"
        moment = datetime.now(UTC)
        shop.call("POST", "/contacts", {"email": email, "first_name": "Greta"})
        found = shop.call("GET", f"/contacts?email={email}")
        contact = found["results"][0]["id"]
        shop.call(
            "POST",
            f"/contacts/{contact}/consents",
            {"action": "subscribed", "source": "till", "wording": "Yes, write to me."},
        )
        shop.call("POST", "/products", {"external_id": "cake", "name": "Lemon cake",
                                       "price": "30.00", "currency": "EUR"})  # fmt: skip
        left = moment - timedelta(minutes=59, seconds=50)
        customer = {"email": email}
        cart = {
            "external_id": "e2e-1", "currency": "EUR", "total": "30.00", "customer": customer,
            "lines": [CAKE], "restore_url": "https://shop.example/cart/e2e-1",
            "started_at": left.isoformat(), "changed_at": left.isoformat(),
        }  # fmt: skip
        shop.call("POST", "/carts", cart)

        # The mail with her cart is in her inbox, and she is inside the journey.
        open_mail(page, product, email, "Shall we keep this for you")
        body = page.frame_locator("iframe").first
        expect(body.get_by_text("Lemon cake")).to_be_visible()
        page.goto(f"{journey}people/?what=in_progress")
        expect(page.get_by_role("link", name="Greta", exact=True)).to_be_visible()

        # When she orders, she is out at once, and has reached the goal.
        order = {
            "external_id": "e2e-9", "currency": "EUR", "total": "30.00", "lines": [CAKE],
            "placed_at": datetime.now(UTC).isoformat(), "customer": customer,
            "cart_external_id": "e2e-1",
        }  # fmt: skip
        shop.call("POST", "/orders", order)
        page.goto(f"{journey}people/?what=converted")
        eventually(page, lambda: page.get_by_role("link", name=re.compile("Greta")).count() > 0)
        page.goto(f"{journey}people/?what=in_progress")
        expect(page.get_by_role("link", name=re.compile("Greta"))).to_have_count(0)

        # The list of journeys has her, and the message.
        page.goto(f"{home}/journeys/")
        row = page.get_by_role("row", name=re.compile("Abandoned cart"))
        expect(row).to_contain_text("1")
        assert_accessible(page)
