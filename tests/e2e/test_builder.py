"""The journey builder on the running product: each way to build, by pointer, key and finger."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.e2e.conftest import ROOT
from tests.e2e.test_first_welcome import assert_accessible
from tests.e2e.test_flows_of_a_shop import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

STORIES = (
    "pointer", "split", "keys", "walk", "drag", "palette", "undo", "zoom", "delete", "touch",
    "copy", "two", "phone", "axe", "problems", "plain",
)  # fmt: skip
CREATE = """
import json, sys, django
django.setup()
from django.utils import timezone
from journeys.services import create_journey
from tenants.context import enter_workspace
from tenants.models import Workspace
wanted = json.loads(sys.argv[1])
with enter_workspace(Workspace.objects.get(slug="harbour-crumb").schema_name):
    made = {
        name: str(create_journey(name=name, definition=drawn, now=timezone.now()).pk)
        for name, drawn in wanted.items()
    }
print(json.dumps(made))
"""
# What Chromium notes for itself when the server says no, which is part of these stories.
SAID_NO = re.compile(r"status of (409|422)")


def step(key: str, kind: str, config: dict[str, Any], *lanes: list[Any]) -> dict[str, Any]:
    drawn = {"id": key, "kind": kind, "config": config}
    return (
        {**drawn, "branches": [{"label": "", "steps": each} for each in lanes]} if lanes else drawn
    )


def wait(key: str, days: int) -> dict[str, Any]:
    return step(key, "wait", {"amount": days, "unit": "days"})


VIP = {"condition": {"kind": "tag", "config": {"test": "has", "tag": "vip"}}}
CARE = {
    "entries": [{"kind": "manual", "config": {}}],
    "steps": [
        wait("wait2", 2),
        step("thanks", "create_task", {"title": "Thank them"}),
        step(
            "split1",
            "if_else",
            VIP,
            [step("first1", "add_tag", {"tag": "first"}), wait("wait5", 5)],
            [step("call1", "create_task", {"title": "Call back"}), wait("wait3", 3)],
        ),
        step("last1", "add_tag", {"tag": "last"}),
    ],
}
STEPS = [
    "Wait: 2 days", "Create a task: Thank them", "People with the tag “vip”",
    "Add tag: first", "Wait: 5 days", "Create a task: Call back", "Wait: 3 days", "Add tag: last",
]  # fmt: skip


class Builder:
    """A person before the builder of one journey."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address

    def open(self, query: str = "") -> "Builder":
        self.page.goto(self.address + query)
        expect(self.page.locator("#builder")).to_be_visible()
        return self

    @property
    def titles(self) -> list[str]:
        return [each.strip() for each in self.page.locator(".nd .ttl").all_inner_texts()]

    def node(self, title: str) -> Locator:
        named = self.page.get_by_role("link", name=title, exact=True)
        return self.page.locator(".nd").filter(has=named).first

    def link(self, title: str) -> Locator:
        return self.page.locator(".jb-canvas").get_by_role("link", name=title, exact=True).first

    def plus_after(self, title: str) -> Locator:
        return self.page.get_by_role("button", name=f"Add a step after “{title}”", exact=True).first

    def said(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.locator("#said")).to_have_text(text)

    def focused(self) -> str:
        return str(self.page.evaluate("document.activeElement.textContent.trim()"))

    def shows(self, *titles: str) -> None:
        """Exactly these steps between the beginning and the end."""
        found = self.page.locator(".nd[data-id]:not([data-id^='_']) .ttl")
        expect(found).to_have_text(list(titles))

    def drag(self, source: Locator, target: Locator) -> None:
        start = centre(source)
        self.page.mouse.move(*start)
        self.page.mouse.down()
        self.page.mouse.move(start[0] + 12, start[1] + 12, steps=3)
        self.page.mouse.move(*centre(target), steps=6)
        expect(target).to_have_class(re.compile("over"))
        self.page.mouse.up()


def centre(found: Locator) -> tuple[float, float]:
    found.scroll_into_view_if_needed()
    box = found.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.fixture(scope="module")
def made(product: Any) -> dict[str, str]:
    """A journey for each story, by its name; one process makes them all."""
    empty = {"entries": [], "steps": []}
    wanted = {**dict.fromkeys(STORIES, CARE), "empty": empty, "other": empty, "fresh": empty}
    asked = [sys.executable, "-m", "devstack", "beside", "--", sys.executable, "-c", CREATE]
    done = subprocess.run(
        [*asked, json.dumps(wanted)],
        cwd=ROOT,
        env={**os.environ, "VIAGGIO_VAR": str(product.log.parent / "var"),
             "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.fixture(scope="module")
def signed_in(browser: Browser, product: Any) -> Iterator[BrowserContext]:
    """The demo's owner, signed in once."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    sign_in(context.new_page(), product)
    yield context
    context.close()


@pytest.fixture
def story(
    request: pytest.FixtureRequest, browser: Browser, signed_in: BrowserContext, product: Any,
    made: dict[str, str],
) -> Iterator[Any]:  # fmt: skip
    """`story(name, **context)` opens its builder; errors in the console fail the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []
    state = signed_in.storage_state()

    def tell(name: str, **options: Any) -> Builder:
        options = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB", **options}
        context = browser.new_context(storage_state=state, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda message: errors.append(message.text) if message.type == "error" else None,
        )
        home = product.workspace("harbour-crumb")
        return Builder(page, f"{home}/journeys/{made[name]}/draft/").open()

    yield tell
    for context in contexts:
        context.close()
    assert [each for each in errors if not SAID_NO.search(each)] == []


def test_a_step_is_inserted_by_pointer(story: Any) -> None:
    care = story("pointer")
    care.shows(*STEPS)
    care.plus_after("Wait: 2 days").click()
    dialog = care.page.get_by_role("dialog", name="Add a step")
    # Only what makes sense there: an exit would cut off what follows.
    expect(dialog.get_by_role("button", name="Exit")).to_have_count(0)
    dialog.get_by_role("button", name="Add tag", exact=True).click()
    care.shows("Wait: 2 days", "Add tag", *STEPS[1:])
    assert care.focused() == "Add tag"
    # Its settings are open beside the tree, and what is missing is said in three places.
    panel = care.page.get_by_role("complementary", name="Settings")
    expect(panel.get_by_role("heading", name="Add tag")).to_be_visible()
    expect(care.node("Add tag").locator(".msg")).to_contain_text("required")
    expect(care.page.get_by_text("1 problem to fix before publishing")).to_be_visible()
    # What is typed is saved when the field is left.
    panel.get_by_label("Tag", exact=True).fill("pointed")
    panel.get_by_label("Name").click()
    care.shows("Wait: 2 days", "Add tag: pointed", *STEPS[1:])
    expect(care.page.get_by_text("Ready to publish")).to_be_visible()
    care.page.reload()
    care.shows("Wait: 2 days", "Add tag: pointed", *STEPS[1:])


def test_a_split_asks_where_the_steps_below_go(story: Any) -> None:
    care = story("split")
    care.plus_after("Wait: 2 days").click()
    care.page.keyboard.type("if / e")
    care.page.keyboard.press("Enter")
    asked = care.page.get_by_role("dialog", name="Where do the steps below go?")
    asked.get_by_role("button", name="Into “No”").click()
    split = care.node("If / else")
    expect(split).to_be_visible()
    lanes = split.locator("xpath=following-sibling::ol/li")
    expect(lanes.nth(0).locator(".nd")).to_have_count(0)
    expect(lanes.nth(1).locator(".nd .ttl")).to_have_text(STEPS[1:])


def test_a_step_is_inserted_moved_and_found_by_keys_alone(story: Any) -> None:
    care = story("keys")
    keys = care.page.keyboard
    care.link("Create a task: Thank them").focus()
    keys.press("a")
    keys.type("remove t")
    keys.press("Enter")
    care.shows(*STEPS[:2], "Remove tag", *STEPS[2:])
    expect(care.link("Remove tag")).to_be_focused()
    keys.press("Alt+ArrowUp")
    care.said("Moved “Remove tag” up")
    care.shows(STEPS[0], "Remove tag", *STEPS[1:])
    expect(care.link("Remove tag")).to_be_focused()
    keys.press("Alt+ArrowDown")
    care.said("Moved “Remove tag” down")
    keys.press("Control+d")
    care.shows(*STEPS[:2], "Remove tag", "Remove tag", *STEPS[2:])
    # Into the branch beside, and the question mark tells it all.
    care.link("Add tag: first").focus()
    keys.press("Alt+ArrowRight")
    lane = care.node("People with the tag “vip”").locator("xpath=following-sibling::ol/li[2]")
    expect(lane.locator(".nd .ttl")).to_have_text(["Add tag: first", *STEPS[5:7]])
    expect(care.link("Add tag: first")).to_be_focused()
    keys.press("?")
    expect(care.page.get_by_role("dialog", name="Keys of the builder")).to_be_visible()
    keys.press("Escape")
    expect(care.link("Add tag: first")).to_be_focused()


def test_arrows_walk_and_the_menu_names_every_act(story: Any) -> None:
    care = story("walk")
    keys = care.page.keyboard
    care.link("Wait: 2 days").focus()
    keys.press("ArrowDown")
    expect(care.link("Create a task: Thank them")).to_be_focused()
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    keys.press("ArrowRight")
    expect(care.link("Create a task: Call back")).to_be_focused()
    keys.press("Enter")
    panel = care.page.get_by_role("complementary", name="Settings")
    expect(panel.get_by_label("What is to be done")).to_be_focused()
    keys.press("Escape")
    expect(care.link("Create a task: Call back")).to_be_focused()
    keys.press("Shift+F10")
    menu = care.page.get_by_role("dialog", name="Actions for “Create a task: Call back”")
    moves = ["Move up", "Move down", "Move to…"]
    acts = ["Edit", "Rename", "Note", *moves, "Duplicate", "Copy", "Delete"]
    expect(menu.get_by_role("button")).to_have_text([re.compile(each) for each in acts])
    menu.get_by_role("button", name="Move to…").click()
    care.page.keyboard.type("beginning")
    keys.press("Enter")
    care.shows("Create a task: Call back", *STEPS[:5], *STEPS[6:])
    # A name and a note of one's own.
    keys.press("F2")
    panel.get_by_label("Name").fill("Say hello")
    panel.get_by_text("Note for colleagues").click()
    panel.get_by_role("textbox", name="Note for colleagues").fill("Anna knows why.")
    panel.get_by_role("heading").first.click()
    care.shows("Say hello", *STEPS[:5], *STEPS[6:])
    expect(care.node("Say hello").get_by_title("Anna knows why.")).to_be_visible()


def test_a_step_is_dragged_into_another_branch_at_another_zoom(story: Any) -> None:
    care = story("drag")
    care.page.get_by_role("button", name="Zoom out").click()
    expect(care.page.locator(".jb-tools output")).to_have_text("76%")
    care.drag(care.node("Wait: 5 days"), care.plus_after("Wait: 3 days"))
    care.said(re.compile("Wait: 5 days"))
    care.shows(*STEPS[:4], *STEPS[5:7], "Wait: 5 days", STEPS[7])
    # Escape takes a drag back, and nowhere is no place.
    source = centre(care.node("Wait: 2 days"))
    care.page.mouse.move(*source)
    care.page.mouse.down()
    care.page.mouse.move(source[0] + 60, source[1] + 30, steps=4)
    expect(care.page.locator(".drag-ghost")).to_be_visible()
    # A step has no place in itself or where it stands.
    expect(care.page.locator(".plus.dead")).to_have_count(2)
    care.page.keyboard.press("Escape")
    care.page.mouse.up()
    expect(care.page.locator(".drag-ghost")).to_have_count(0)
    care.said("“Wait: 2 days” stays where it was")
    care.page.reload()
    expect(care.page.locator(".jb-tools output")).to_have_text("76%")
    care.shows(*STEPS[:4], *STEPS[5:7], "Wait: 5 days", STEPS[7])


def test_a_step_comes_from_the_palette(story: Any) -> None:
    care = story("palette")
    palette = care.page.get_by_role("form", name="Add a step")
    lane = care.page.get_by_role("button", name="Add a step at the start of “Yes”").first
    care.drag(palette.get_by_role("button", name="Remove tag"), lane)
    care.shows(*STEPS[:3], "Remove tag", *STEPS[3:])
    # A press adds it after the step that is open.
    care.link("Wait: 2 days").click()
    care.page.get_by_role("searchbox", name="Search steps").fill("until")
    expect(palette.get_by_role("button", name="Add tag", exact=True)).to_be_hidden()
    palette.get_by_role("button", name="Wait until a time").click()
    expect(care.page.locator(".nd .ttl").nth(2)).to_contain_text("Wait until a time")


def test_five_changes_are_undone_and_one_done_again_after_a_reload(story: Any) -> None:
    care = story("undo")
    care.link("Wait: 2 days").focus()
    for _each in range(5):
        care.page.keyboard.press("Control+d")
    care.shows(*["Wait: 2 days"] * 5, *STEPS)
    care.page.reload()
    for left in range(4, -1, -1):
        care.page.get_by_role("button", name=re.compile("^Undo: ")).click()
        care.shows(*["Wait: 2 days"] * left, *STEPS)
    care.page.reload()
    care.page.get_by_role("button", name=re.compile("^Redo: ")).click()
    care.shows("Wait: 2 days", *STEPS)
    care.link("Wait: 2 days").focus()
    care.page.keyboard.press("Control+z")
    care.shows(*STEPS)
    care.page.keyboard.press("Control+Shift+z")
    care.shows("Wait: 2 days", *STEPS)


def test_zoom_fit_and_outline_leave_everything_in_reach(story: Any) -> None:
    care = story("zoom")
    for name in ("Zoom out", "Zoom in", "Zoom in", "Fit", "Outline"):
        care.page.get_by_role("button", name=name).click()
        care.plus_after("Wait: 3 days").click()
        expect(care.page.get_by_role("dialog", name="Add a step")).to_be_visible()
        care.page.keyboard.press("Escape")
        expect(care.plus_after("Wait: 3 days")).to_be_focused()
    expect(care.page.get_by_role("button", name="Outline")).to_have_attribute(
        "aria-pressed", "true"
    )
    care.page.reload()
    expect(care.page.get_by_role("button", name="Outline")).to_have_attribute(
        "aria-pressed", "true"
    )


def test_a_key_deletes_and_a_split_asks_which_branch_stays(story: Any) -> None:
    care = story("delete")
    care.link("Wait: 5 days").focus()
    care.page.keyboard.press("Delete")
    care.shows(*STEPS[:4], *STEPS[5:])
    care.link("People with the tag “vip”").focus()
    care.page.keyboard.press("Backspace")
    asked = care.page.get_by_role("dialog", name="Which branch stays?")
    asked.get_by_role("button", name="Keep “No” (2)").click()
    care.shows(*STEPS[:2], *STEPS[5:])
    expect(care.page.locator(".lanes")).to_have_count(0)


def test_a_small_journey_is_built_from_nothing_by_keys_alone(story: Any) -> None:
    care = story("empty")
    keys = care.page.keyboard
    begin = care.page.get_by_role("link", name="Choose what starts it")
    begin.focus()
    keys.press("Enter")
    panel = care.page.get_by_role("complementary", name="Settings")
    by_hand = panel.get_by_role("button", name=re.compile("By hand"))
    by_hand.focus()
    keys.press("Enter")
    first = care.page.locator(".jb-canvas .open").first
    expect(first).to_contain_text("add people")
    first.focus()
    for words, title in (("wait", "Wait"), ("if / else", "If / else"), ("add tag", "Add tag")):
        keys.press("a")
        keys.type(words)
        keys.press("Enter")
        expect(care.page.locator(".nd.sel .ttl")).to_contain_text(title)
    keys.press("Alt+ArrowUp")
    care.said("Moved “Add tag” up")
    keys.press("Enter")
    expect(panel.get_by_label("Tag", exact=True)).to_be_focused()
    keys.type("by keys")
    keys.press("Tab")
    expect(care.link("Add tag: by keys")).to_be_visible()
    keys.press("F8")
    expect(panel.get_by_role("heading", name="Wait")).to_be_visible()
    expect(care.page.locator(".nd.sel .open")).to_be_focused()


def test_a_finger_drags_as_a_mouse_does(story: Any) -> None:
    care = story("touch", has_touch=True, viewport={"width": 1180, "height": 820})
    source, target = centre(care.node("Wait: 2 days")), care.plus_after("Create a task: Thank them")
    session = care.page.context.new_cdp_session(care.page)

    def touch(kind: str, *at: tuple[float, float]) -> None:
        points = [{"x": x, "y": y} for x, y in at]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", source)
    touch("touchMove", (source[0] + 10, source[1] + 10))
    touch("touchMove", centre(target))
    expect(target).to_have_class(re.compile("over"))
    touch("touchEnd")
    care.shows(STEPS[1], STEPS[0], *STEPS[2:])


def test_a_branch_is_copied_into_another_journey(story: Any, made: dict[str, str]) -> None:
    care = story("copy")
    care.page.get_by_role("button", name="Actions for “People with the tag “vip””").click()
    care.page.get_by_role("button", name="Copy branch “Yes”").click()
    care.said("Copied “Yes of People with the tag “vip””")
    other = Builder(care.page, care.address.replace(made["copy"], made["other"])).open()
    other.page.locator(".plus").first.click()
    other.page.get_by_role("button", name="Paste “Yes of People with the tag “vip””").click()
    other.shows(*STEPS[3:5])
    other.page.keyboard.press("Control+c")
    other.page.keyboard.press("Control+v")
    other.shows(STEPS[3], STEPS[3], STEPS[4])


def test_the_second_of_two_people_is_told_who_changed_what(story: Any) -> None:
    one, other = story("two"), story("two")
    other.link("Create a task: Thank them").click()
    panel = other.page.get_by_role("complementary", name="Settings")
    panel.get_by_label("What is to be done").press_sequentially("!")
    one.link("Wait: 2 days").focus()
    one.page.keyboard.press("Control+d")
    one.shows("Wait: 2 days", *STEPS)
    # The other one saves what was typed for an older draft,
    panel.get_by_role("button", name="Save", exact=True).click()
    told = other.page.get_by_role("alert").filter(has_text="changed this")
    expect(told).to_contain_text("Wait: 2 days")
    # sees the newest one, and has lost nothing:
    other.shows("Wait: 2 days", *STEPS)
    expect(panel.get_by_label("What is to be done")).to_have_value("!Thank them")
    # pressing again saves it.
    panel.get_by_role("button", name="Save", exact=True).click()
    other.shows("Wait: 2 days", STEPS[0], "Create a task: !Thank them", *STEPS[2:])


def test_a_phone_builds_too(story: Any) -> None:
    care = story("phone", viewport={"width": 360, "height": 780}, has_touch=True, is_mobile=True)
    page = care.page
    care.plus_after("Wait: 2 days").tap()
    sheet = page.get_by_role("dialog", name="Add a step")
    sheet.get_by_role("button", name="Remove tag").tap()
    care.shows("Wait: 2 days", "Remove tag", *STEPS[1:])
    panel = page.get_by_role("complementary", name="Settings")
    expect(panel.get_by_role("heading", name="Remove tag")).to_be_visible()
    panel.get_by_role("link", name="Close").tap()
    page.get_by_role("button", name="Actions for “Remove tag”").tap()
    page.get_by_role("dialog").get_by_role("button", name="Move to…").tap()
    page.get_by_role("dialog").get_by_role("button", name="After “Wait: 3 days”").tap()
    care.shows(*STEPS[:7], "Remove tag", STEPS[7])
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_counter_jumps_from_problem_to_problem(story: Any) -> None:
    care = story("problems")
    for title in ("Wait: 2 days", "Wait: 3 days"):
        care.plus_after(title).click()
        care.page.keyboard.type("add tag")
        care.page.keyboard.press("Enter")
        expect(care.page.locator(".nd.sel .ttl")).to_have_text("Add tag")
        expect(care.page.locator(".nd.err")).to_have_count(1 if title == "Wait: 2 days" else 2)
    jump = care.page.get_by_role("button", name="Next problem")
    broken = [care.page.locator(".nd.err").nth(number) for number in (0, 1)]
    for number in (0, 1, 0):
        jump.click()
        expect(broken[number].locator(".open")).to_be_focused()
        expect(broken[number]).to_have_class(re.compile("sel"))


def test_everything_is_there_without_a_script(story: Any) -> None:
    care = story("plain", java_script_enabled=False)
    care.plus_after("Wait: 2 days").click()
    palette = care.page.get_by_role("form", name="Add a step")
    palette.get_by_role("button", name="Add tag", exact=True).click()
    panel = care.page.get_by_role("complementary", name="Settings")
    panel.get_by_label("Tag", exact=True).fill("plain")
    panel.get_by_role("button", name="Save", exact=True).click()
    care.shows("Wait: 2 days", "Add tag: plain", *STEPS[1:])
    panel.get_by_role("button", name="Move down").click()
    care.shows(*STEPS[:2], "Add tag: plain", *STEPS[2:])
    care.page.get_by_role("button", name=re.compile("^Undo")).click()
    care.shows("Wait: 2 days", "Add tag: plain", *STEPS[1:])


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_anybodys_way(story: Any, width: int, scheme: Any) -> None:
    screen = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    care = story("axe", **screen)
    assert_accessible(care.page)
    care.link("People with the tag “vip”").click()
    expect(care.page.locator("#inspector h2")).to_have_text("People with the tag “vip”")
    assert_accessible(care.page)
    care.page.get_by_role("button", name="Actions for “Wait: 2 days”").click()
    assert_accessible(care.page)
    care.page.keyboard.press("Escape")
    care.plus_after("Wait: 2 days").click()
    assert_accessible(care.page)
    assert_accessible(story("fresh", **screen).page)
