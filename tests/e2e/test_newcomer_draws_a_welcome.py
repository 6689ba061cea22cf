"""From an empty page to a welcome that runs: drawn, replayed, published, and edited meanwhile.

A newcomer at the demo shop draws "welcome with an interest branch and a coupon for non-buyers",
replays it over the shop's last ninety days, publishes it, takes a step out while three people stand
there, moves them on, and finds every number of the report in the list behind it.
"""

import os
import re
import subprocess
import sys
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import ROOT
from tests.e2e.test_builder import Builder
from tests.e2e.test_first_welcome import assert_accessible, eventually, open_mail
from tests.e2e.test_flows_of_a_shop import Shop, new_key, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SLUG = "newcomer-records"
PEOPLE = ("Ines", "Jan", "Kofi")


@pytest.fixture(scope="module")
def shop(product: Any) -> str:
    """The demo's record shop beside the running product, with a part of its people; its address."""
    asked = [sys.executable, "-m", "devstack", "beside", "--", sys.executable, "manage.py", "demo"]
    done = subprocess.run(
        [*asked, "--customers", "400", "--days", "1", "--slug", SLUG],
        cwd=ROOT,
        env={**os.environ, "VIAGGIO_VAR": str(product.log.parent / "var")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return str(product.workspace(SLUG))


class Drawing(Builder):
    """A newcomer at the builder."""

    @property
    def panel(self) -> Any:
        return self.page.get_by_role("complementary", name="Settings")

    def add(self, plus: str, kind: str) -> None:
        """Press a + and choose what to add; its panel opens."""
        self.page.get_by_role("button", name=plus, exact=True).first.click()
        dialog = self.page.get_by_role("dialog", name="Add a step")
        dialog.get_by_role("button", name=kind, exact=True).click()
        expect(dialog).to_have_count(0)

    def fill(self, **fields: str) -> None:
        """Type into the open step's form; it is saved as soon as one goes on."""
        for label, value in fields.items():
            field = self.panel.get_by_label(label.replace("_", " "), exact=True)
            if field.evaluate("element => element.tagName") == "SELECT":
                field.select_option(label=value)
            else:
                field.fill(value)
        self.panel.get_by_role("button", name="Save", exact=True).click()

    def ask(self, condition: str, **fields: str) -> None:
        """Give the open split its condition."""
        self.panel.get_by_label("Which condition").select_option(label=condition)
        self.panel.get_by_role("button", name="Add condition").click()
        for label, value in fields.items():
            field = self.panel.get_by_label(label.replace("_", " "))
            if field.evaluate("element => element.tagName") == "SELECT":
                field.select_option(label=value)
            else:
                field.fill(value)
        self.panel.get_by_role("button", name="Add condition").first.click()


def publish(drawing: Drawing, people: str = "") -> None:
    """Publish the draft; `people` begins what becomes of those inside."""
    page = drawing.open().page
    page.get_by_role("link", name=re.compile("^Publish v")).click()
    if people:
        page.get_by_role("radio", name=re.compile(f"^{people}")).check()
        expect(page.locator("#summary")).to_contain_text("3")
    assert_accessible(page)
    page.get_by_role("button", name="Publish", exact=True).click()
    page.wait_for_url(lambda url: "/publish/" not in url)
    page.goto(drawing.address.replace("draft/", ""))


def address(name: str) -> str:
    return f"{name.lower()}.newcomer@example.com"


def subscribe(api: Shop, name: str) -> None:
    """Somebody agrees to mail at the till."""
    api.call("POST", "/contacts", {"email": address(name), "first_name": name})
    [person] = api.call("GET", f"/contacts?email={address(name)}")["results"]
    agreed = {"action": "subscribed", "source": "till", "wording": "Yes, write to me."}
    api.call("POST", f"/contacts/{person['id']}/consents", agreed)


def report_links(page: Page) -> list[tuple[int, str]]:
    """Each number of the report that opens a list, with the list's address."""
    found = page.locator("#main a[href*='/people/?'], .jb a[href*='/people/?']")
    texts = found.evaluate_all("links => links.map(link => [link.innerText, link.href])")
    numbers = [(re.search(r"[0-9]+", text), str(link)) for text, link in texts]
    return [(int(count[0]), link) for count, link in numbers if count]


def draw_the_welcome(drawing: Drawing) -> None:
    """Thanks; four days later a branch for who bought jazz, and a code for who bought nothing."""
    page = drawing.page
    page.get_by_role("link", name="Choose what starts it").click()
    page.get_by_role("button", name="Consent confirmed").click()
    expect(page.get_by_role("link", name="When somebody subscribes to email").first).to_be_visible()

    drawing.add("Add a step after “When somebody subscribes to email”", "Email")
    drawing.fill(Mail="Welcome 2: what we do")
    expect(drawing.link("Welcome 2: what we do")).to_be_visible()
    drawing.add("Add a step after “Welcome 2: what we do”", "Wait")
    drawing.fill(Wait="4", Unit="days")
    expect(drawing.link("Wait: 4 days")).to_be_visible()

    drawing.add("Add a step after “Wait: 4 days”", "If / else")
    drawing.ask("Ordered", At_least_how_often="1", Category="Jazz")
    jazz = page.locator(".nd", has_text="Jazz").first
    expect(jazz).to_be_visible()
    drawing.add("Add a step at the start of “Yes”", "Add tag")
    drawing.fill(Tag="jazz lover")
    expect(drawing.link("Add tag: jazz lover")).to_be_visible()

    title = jazz.locator(".ttl").inner_text().strip()
    drawing.add(f"Add a step after “{title}”", "If / else")
    drawing.ask("Ordered", At_least_how_often="1", In_the_last_how_many_days="30")
    expect(page.locator(".nd", has_text="last 30 days").first).to_be_visible()
    lanes = page.get_by_role("list", name=re.compile("Lanes of .*last 30 days"))
    lanes.get_by_role("button", name="Add a step at the start of “No”").click()
    page.get_by_role("dialog").get_by_role("button", name="Give a coupon", exact=True).click()
    drawing.fill(Coupon="10% off the first order")
    expect(drawing.link("Give a coupon: 10% off the first order")).to_be_visible()
    drawing.add("Add a step after “Give a coupon: 10% off the first order”", "Email")
    drawing.fill(Mail="Welcome 1: with a code")
    expect(drawing.link("Welcome 1: with a code")).to_be_visible()


def test_a_newcomer_draws_replays_publishes_and_edits_a_welcome(
    product: Any, visit: Any, shop: str
) -> None:
    with visit() as page:
        # A blank page,
        sign_in(page, product, SLUG)
        page.goto(f"{shop}/journeys/new/")
        page.get_by_label("Name").fill("My welcome")
        page.get_by_role("button", name="Create").click()
        page.wait_for_url(re.compile(r"/journeys/[0-9a-f-]{36}/"))
        journey = re.sub(r"(/journeys/[0-9a-f-]{36}/).*", r"\1", page.url)
        drawing = Drawing(page, f"{journey}draft/").open()
        assert_accessible(page)
        # drawn,
        draw_the_welcome(drawing)
        expect(page.get_by_text("Ready to publish")).to_be_visible()
        assert_accessible(page)

        # played over what really happened in ninety days,
        page.get_by_role("link", name="Replay", exact=True).click()
        page.get_by_role("button", name="Replay the last 90 days").click()
        entered = page.get_by_text(re.compile("^[0-9]+ people would have entered$"))
        eventually(page, lambda: entered.count() > 0, seconds=120)
        assert int(entered.first.inner_text().split()[0]) >= 10
        assert_accessible(page)

        # and published.
        publish(drawing)
        expect(page.get_by_text("Live · v1")).to_be_visible()

        # Three people subscribe; each gets the thanks, and waits.
        api = Shop(product.port, shop.removeprefix("http://"), new_key(page, shop))
        for name in PEOPLE:
            subscribe(api, name)
        open_mail(page, product, address("Ines"), "What we do at")
        page.goto(journey)
        waiting = page.get_by_role("article", name="Wait: 4 days").get_by_role("link")
        eventually(page, lambda: "3 here now" in waiting.all_inner_texts())

        # The wait is taken out while they stand there, and they are moved on.
        drawing.open()
        drawing.link("Wait: 4 days").focus()
        page.keyboard.press("Delete")
        expect(drawing.link("Wait: 4 days")).to_have_count(0)
        publish(drawing, people="Move")
        expect(page.get_by_text("Live · v2")).to_be_visible()

        # None of them has ordered: each gets the code, and is through.
        for name in PEOPLE:
            open_mail(page, product, address(name), "a little something")
        page.goto(journey)
        totals = page.locator(".jb-sum")
        eventually(page, lambda: re.search(r"\b3\s*completed", totals.inner_text()) is not None)
        assert_accessible(page)

        # Every number of the report is the list behind it,
        checked = [each for each in report_links(page) if each[0]]
        assert len(checked) >= 10
        for count, link in checked:
            page.goto(link)
            rows = page.locator("#table tbody tr").count()
            assert rows == count, f"{link}: {count} on the report, {rows} in the list"

        # and the answer to "why" is in words.
        page.goto(f"{journey}why/")
        page.get_by_role("searchbox").fill(address("Ines"))
        page.get_by_role("button", name="Search").click()
        page.get_by_role("link", name=re.compile("Ines")).click()
        expect(page.get_by_text("Welcome 1: with a code").first).to_be_visible()
        assert_accessible(page)
