"""The browser that the tests drive."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from devstack.problems import Problem

SETTING = "VIAGGIO_BROWSER"
NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
PLAYWRIGHT_PATTERNS = [
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
]


@cache
def find_browser() -> str | None:
    """A Chromium that starts: the setting's, the path's, or Playwright's own; None without one."""
    if given := os.environ.get(SETTING):
        found = shutil.which(given)
        if found is None or not _starts(found):
            raise Problem(f"{SETTING} names “{given}”, which does not start. Correct or unset it.")
        return found
    return next((program for program in _candidates() if _starts(program)), None)


def _candidates() -> Iterator[str]:
    yield from filter(None, map(shutil.which, NAMES))
    given = os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "")
    folders = [Path(given)] if given else []
    folders += [Path.home() / ".cache/ms-playwright", Path.home() / "Library/Caches/ms-playwright"]
    for folder in folders:
        for pattern in PLAYWRIGHT_PATTERNS:
            yield from map(str, sorted(folder.glob(pattern), reverse=True))


def _starts(program: str) -> bool:
    """Asked by running it: some systems put a note about snap where the browser would be."""
    try:
        asked = subprocess.run([program, "--version"], capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0
