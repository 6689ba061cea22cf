"""From nothing to the first welcome mail: what a stranger does on the first morning, by hand.

Signs up, confirms the address by the mail, imports contacts, publishes the welcome journey; then a
new person signs up on the hosted form, confirms, and receives the first mail. Every step is seen.
"""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CONTACTS = """email,first name,last name
ada@example.com,Ada,Lovelace
grace@example.com,Grace,Hopper
not-an-address,Nobody,
"""


def assert_accessible(page: Page) -> None:
    """No finding of axe at levels A and AA, and nothing that scrolls sideways."""
    options = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}}
    found = Axe().run(page, options=options)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 0, f"{page.url} is {width} px too wide"


def eventually(page: Page, ready: Callable[[], bool], seconds: float = 40) -> None:
    """Reload until it is so: the work happens in other processes."""
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, f"not within {seconds} s: {page.url}"
        time.sleep(0.5)
        page.reload()


def open_mail(page: Page, product: Any, to: str, subject: str) -> str:
    """Open the newest mail to this address with this subject in the inbox; its plain text."""
    page.goto(f"{product.origin}/inbox/?q={to}")
    link = page.get_by_role("link", name=re.compile(subject)).first
    eventually(page, lambda: link.count() > 0)
    link.click()
    page.wait_for_load_state()
    return page.content()


def link_in_mail(page: Page, pattern: str) -> str:
    """The first address in the opened mail that fits."""
    body = page.frame_locator("iframe").first
    for href in body.locator("a[href]").evaluate_all("links => links.map(link => link.href)"):
        if re.search(pattern, href):
            return str(href)
    raise AssertionError(f"no link like {pattern} in {page.url}")


@pytest.mark.parametrize("width", [1440, 390])
def test_from_nothing_to_the_first_welcome_mail(
    product: Any, visit: Any, tmp_path: Path, width: int
) -> None:
    slug = f"corner-bakery-{width}"
    owner, reader = f"olive{width}@example.com", f"rosa{width}@example.com"
    home = product.workspace(slug)

    with visit(width) as page:
        # The stranger signs up,
        page.goto(product.origin)
        assert_accessible(page)
        page.goto(f"{product.origin}/sign-up/")
        page.get_by_label("Your name").fill("Olive Baker")
        page.get_by_label("Business name").fill("Corner Bakery")
        page.get_by_label("Email").fill(owner)
        page.get_by_label("Password", exact=True).fill("flour water salt 4am")
        page.locator("input[name=slug]").fill(slug)
        assert_accessible(page)
        page.locator("main button[type=submit], .door-main button.pri").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("mail")
        assert_accessible(page)

        # confirms the address by the mail in the inbox,
        open_mail(page, product, owner, "onfirm")
        page.goto(link_in_mail(page, r"/confirm"))
        page.locator("form button[type=submit].pri").first.click()
        page.wait_for_url(re.compile(re.escape(home)))
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert_accessible(page)

        # imports contacts,
        source = tmp_path / "people.csv"
        source.write_text(CONTACTS)
        page.goto(f"{home}/contacts/imports/")
        page.locator("input[type=file]").set_input_files(str(source))
        assert_accessible(page)
        page.locator("main form[enctype] button[type=submit]").first.click()
        page.wait_for_url(re.compile(r"/imports/[0-9a-f-]{36}/"))
        assert_accessible(page)
        page.locator("main form button.pri[type=submit]").first.click()
        eventually(page, lambda: page.get_by_text("Done").count() > 0)
        assert_accessible(page)
        page.goto(f"{home}/contacts/")
        expect(page.get_by_text("ada@example.com")).to_be_visible()
        expect(page.get_by_text("grace@example.com")).to_be_visible()
        expect(page.get_by_text("not-an-address")).to_have_count(0)
        assert_accessible(page)

        # and publishes the welcome journey.
        page.goto(f"{home}/journeys/new/")
        assert_accessible(page)
        page.locator("form[action$='/create/welcome/'] button:not([name])").click()
        page.wait_for_url(re.compile(r"/journeys/[0-9a-f-]{36}/"))
        journey = re.sub(r"(/journeys/[0-9a-f-]{36}/).*", r"\1", page.url)
        assert_accessible(page)
        page.goto(f"{journey}publish/")
        assert_accessible(page)
        page.locator("main form button.pri[type=submit]").first.click()
        page.goto(journey)
        expect(page.get_by_text("Live · v1")).to_be_visible()
        assert_accessible(page)

        with visit(width) as reader_page:
            # A new person signs up on the hosted form,
            reader_page.goto(f"{home}/f/newsletter/")
            assert_accessible(reader_page)
            reader_page.get_by_role("textbox", name=re.compile("Email")).fill(reader)
            reader_page.get_by_label("First name").fill("Rosa")
            reader_page.get_by_role("checkbox").first.check()
            reader_page.locator("form button[type=submit]").click()
            expect(reader_page.get_by_role("heading", level=1)).to_be_visible()
            assert_accessible(reader_page)

            # confirms by the button behind the link in the mail,
            open_mail(reader_page, product, reader, "One click to confirm")
            reader_page.goto(link_in_mail(reader_page, r"/confirm/"))
            assert_accessible(reader_page)
            reader_page.locator("form button[type=submit]").click()
            expect(reader_page.get_by_role("heading", level=1)).to_be_visible()

            # and receives the first welcome mail.
            open_mail(reader_page, product, reader, "Welcome to Corner Bakery")
            body = reader_page.frame_locator("iframe").first
            expect(body.get_by_text("Hello Rosa")).to_be_visible()

        # The owner sees it: one person entered, one mail sent, and who it was.
        page.goto(journey)
        eventually(page, lambda: page.get_by_text("1 here now").count() > 0)
        assert_accessible(page)
        page.goto(f"{journey}people/?what=started")
        page.get_by_role("link", name=re.compile("Rosa")).first.click()
        page.wait_for_load_state()
        assert_accessible(page)
        page.goto(f"{home}/contacts/?q={reader}")
        page.get_by_role("link", name=re.compile("Rosa")).first.click()
        expect(page.get_by_text("Subscribed").first).to_be_visible()
        assert_accessible(page)
