"""The style sheets and templates keep what docs/pages.md promises: contrast, weight, no styles."""

import gzip
import re
from itertools import product
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

ROOT = Path(__file__).resolve().parents[2]
CSS = ROOT / "static" / "css"
JS = ROOT / "static" / "js"
KB = 1024
SHELL = ["tokens", "base", "components", "forms", "layout", "tables"]
TONES = ("ok", "warn", "bad", "info")
FAMILIES = ("trigger", "message", "wait", "logic", "data", "exit")
TEXT_PAIRS = [
    *product(("text", "text-2", "text-3"), ("bg", "surface", "surface-2", "surface-3", "overlay")),
    *product(("brand", *TONES), ("surface", "overlay")),
    *((tone, f"{tone}-soft") for tone in TONES),
    *((f"k-{family}", f"k-{family}-soft") for family in FAMILIES),
    *product(("on-ink", "on-ink-2", "on-ink-3"), ("ink",)),
    ("brand", "bg"),
    ("brand", "brand-soft"),
    ("on-brand", "brand-solid"),
    ("on-brand", "brand-solid-h"),
    ("on-brand", "bad-solid"),
]
SHAPE_PAIRS = [
    *product(("c1", "c2", "c3", "c4", "c5", "control-line"), ("surface",)),
    ("control-line", "bg"),
]


def tokens(theme: int) -> dict[str, str]:
    text = (CSS / "tokens.css").read_text()
    both = re.findall(r"--([\w-]+):\s*light-dark\((#\w{6}), (#\w{6})\)", text)
    fixed = re.findall(r"--([\w-]+):\s*(#\w{6});", text)
    return {name: pair[theme] for name, *pair in both} | dict(fixed)


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def weight(*paths: Path | str) -> int:
    """Bytes after gzip, file by file, as they travel."""
    return sum(len(gzip.compress(Path(path).read_bytes(), 9)) for path in paths)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_pair_of_text_and_ground_can_be_read(theme: int) -> None:
    # given the tokens of one theme
    known = tokens(theme)
    # when each pair is measured
    poor = [
        (text, ground, round(contrast(known[text], known[ground]), 2))
        for pairs, least in ((TEXT_PAIRS, 4.5), (SHAPE_PAIRS, 3))
        for text, ground in pairs
        if contrast(known[text], known[ground]) < least
    ]
    # then all pass WCAG AA
    assert poor == []


def test_every_hue_of_a_business_can_be_read_in_both_themes() -> None:
    # given the twelve hues, first for light pages, then for dark ones
    text = (CSS / "hosted.css").read_text()
    hues = re.findall(r"\.hue-(\d+) \{ --brand: (#\w{6})", text)
    assert [int(number) for number, _colour in hues] == [*range(12), *range(12)]
    # when buttons are drawn with them: white on light pages, ink on dark ones
    light = [contrast(colour, "#ffffff") for _number, colour in hues[:12]]
    dark = [contrast(colour, "#10130f") for _number, colour in hues[12:]]
    # then every button can be read
    assert min(light) >= 4.5
    assert min(dark) >= 4.5


@pytest.mark.parametrize(
    ("names", "most"),
    [
        ([*SHELL, "screens", "charts"], 18 * KB),
        ([*SHELL, "journey", "journey-report", "charts"], 18 * KB),
        ([*SHELL, "journey", "journey-builder", "conditions"], 18 * KB),
        (["hosted"], 8 * KB),
    ],
    ids=["ordinary", "journey", "builder", "hosted"],
)
def test_style_sheets_stay_within_the_page_budget(names: list[str], most: int) -> None:
    assert weight(*(CSS / f"{name}.css" for name in names)) <= most


def test_all_scripts_together_stay_within_the_budget_of_one_page() -> None:
    # given htmx, the modules of the journey builder, and all others
    htmx = finders.find("django_htmx/htmx-2.min.js")
    assert htmx is not None
    builder = set(JS.glob("journey-*.js"))
    others = set(JS.glob("*.js")) - builder
    # then an ordinary page could carry all the others, and the builder those of every page
    assert weight(htmx, *others) <= 30 * KB
    shell = [JS / f"{name}.js" for name in ("theme", "menu", "dialog", "toast", "reveal")]
    assert weight(htmx, *shell, *builder) <= 40 * KB


def test_hosted_pages_carry_no_script() -> None:
    assert "<script" not in (ROOT / "templates" / "hosted.html").read_text()


FORBIDDEN = {
    "style attribute": r"<[^>{]*\sstyle=",
    "style element": r"<style\b",
    "event attribute": r"<[^>]*\son[a-z]+=",
    "htmx event attribute": r"\bhx-on",
    "script as a value": r"[\"']js:",
    "inline script": r"<script(?![^>]*\bsrc=)(?![^>]*nonce)[^>]*>",
    "other host": r"(?:src|href)=\"(?:https?:)?//",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_page_holds_what_the_security_policy_blocks(what: str) -> None:
    # given every page template; mails are no pages, they need styles in place
    pages = [p for p in (ROOT / "templates").rglob("*.html") if "email" not in p.parts]
    # then none has what a browser would refuse to run or to fetch
    assert len(pages) > 30
    assert [str(p) for p in pages if re.search(FORBIDDEN[what], p.read_text())] == []
