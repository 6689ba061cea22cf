"""Page budgets: `python -m devstack with -- python -m benchmarks.budgets`.

Pages are fetched from the app itself, and everything they pull in is looked up among the collected
static files. Bytes are counted as they travel, gzip; nothing here depends on the machine.
"""

import gzip
import logging
import os
import posixpath
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

KIB = 1024
CSS_REFERENCE = re.compile(rb"""(?:@import\s+["']|url\(\s*["']?)([^"')]+)""")
JS_REFERENCE = re.compile(rb"""(?:\bfrom|\bimport)\s*\(?\s*["']([./][^"']+)["']""")


@dataclass(frozen=True)
class Budget:
    """KiB that a kind of page may bring along; the first visit counts all of it."""

    js: int
    css: int
    first_visit: int


ORDINARY = Budget(js=30, css=18, first_visit=120)
JOURNEY = Budget(js=40, css=18, first_visit=140)
EMAIL_EDITOR = Budget(js=210, css=22, first_visit=330)
HOSTED = Budget(js=0, css=8, first_visit=60)


@dataclass
class Weight:
    """What a page really brings, in bytes; `files` by their paths."""

    html: int
    inline_js: int = 0
    files: dict[str, int] = field(default_factory=dict)

    def of(self, suffix: str) -> int:
        """All files of one kind."""
        return sum(size for path, size in self.files.items() if path.endswith(suffix))

    @property
    def js(self) -> int:
        """Scripts, those inside the page too."""
        return self.of(".js") + self.inline_js

    @property
    def total(self) -> int:
        """A first visit: the page and all its files."""
        return self.html + sum(self.files.values())


class References(HTMLParser):
    """What a page loads by itself, and the scripts that stand in it."""

    LOADED = frozenset({"stylesheet", "icon", "preload", "modulepreload", "apple-touch-icon"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.paths: list[str] = []
        self.scripts: list[str] = []
        self._in_script = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "link" and self.LOADED & set((given.get("rel") or "").split()):
            self.paths.append(given.get("href") or "")
        elif tag in ("script", "img", "source"):
            self.paths.append(given.get("src") or "")
        # Data in a script element is no script.
        is_data = (given.get("type") or "").endswith("json")
        self._in_script = tag == "script" and not given.get("src") and not is_data

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts.append(data)


def weigh(html: bytes, *, root: Path, prefix: str) -> Weight:
    """The page's weight; raises FileNotFoundError for a static file that was not collected."""
    found = References(html.decode())
    weight = Weight(_gzipped(html), _gzipped("".join(found.scripts).encode()))
    waiting = [path.removeprefix(prefix) for path in found.paths if path.startswith(prefix)]
    while waiting:
        path = waiting.pop()
        if path not in weight.files:
            content = (root / path).read_bytes()
            weight.files[path] = _gzipped(content)
            waiting += _loaded_by(path, content)
    return weight


def _loaded_by(path: str, content: bytes) -> Iterator[str]:
    pattern = {".css": CSS_REFERENCE, ".js": JS_REFERENCE}.get(posixpath.splitext(path)[1])
    for reference in pattern.findall(content) if pattern else ():
        text = reference.decode()
        if not text.startswith(("data:", "#", "http")):
            yield posixpath.normpath(posixpath.join(posixpath.dirname(path), text.split("#")[0]))


def _gzipped(content: bytes) -> int:
    return len(gzip.compress(content, 9, mtime=0)) if content else 0


def judge(name: str, weight: Weight, budget: Budget) -> bool:
    """Print one page's row; False when it is over its budget."""
    seen = (weight.js, weight.of(".css"), weight.total)
    allowed = (budget.js, budget.css, budget.first_visit)
    is_within = all(size <= most * KIB for size, most in zip(seen, allowed, strict=True))
    cells = "".join(
        f"  {what} {size / KIB:6.1f} of {most:3} KiB"
        for what, size, most in zip(("JS", "CSS", "first visit"), seen, allowed, strict=True)
    )
    print(f"{'ok  ' if is_within else 'OVER'} {name:<24}{cells}")
    return is_within


def pages(workspace: Any, now: Any) -> Iterator[tuple[str, str, Budget]]:
    """(name, path, budget) of the pages that are weighed."""
    from django.urls import reverse

    from benchmarks.world import save_mail
    from capture.models import SignupForm
    from journeys.services import create_journey, publish_journey

    steps = [{"id": "wait1", "kind": "wait", "config": {"amount": 1, "unit": "days"}}]
    definition = {"entries": [{"kind": "manual", "config": {}}], "steps": steps}
    journey = create_journey(name="Welcome", definition=definition, now=now)
    publish_journey(journey=journey, now=now)
    mail = save_mail("Hello", "<p>Dear {{ contact.first_name }}</p>", now)
    form = SignupForm.objects.get()
    for name in (
        "insights:home",
        "contacts:list",
        "contacts:imports",
        "journeys:list",
        "journeys:new",
    ):
        yield name, reverse(name, urlconf="config.urls"), ORDINARY
    for name in ("journeys:report", "journeys:draft"):
        yield name, reverse(name, args=[journey.pk], urlconf="config.urls"), JOURNEY
    editor = reverse("campaigns:template", args=[mail.pk], urlconf="config.urls")
    yield "campaigns:template", editor, EMAIL_EDITOR
    yield (
        "capture:signup",
        reverse("capture:signup", args=[form.slug], urlconf="config.urls"),
        HOSTED,
    )


def main() -> int:
    """Build a workspace, weigh its pages; exit code 1 when one is over its budget."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client
    from django.utils import timezone

    from benchmarks.world import make_workspace, owner
    from tenants.context import enter_workspace
    from tenants.models import Workspace
    from tenants.schema import ensure_template
    from tenants.static_files import collect_if_changed

    logging.disable(logging.INFO)
    call_command("migrate_schemas", shared=True, verbosity=0, interactive=False)
    ensure_template()
    collect_if_changed()
    # The servers of `devstack with` keep their data from one time to the next.
    workspace = Workspace.objects.filter(slug="budgets").first()
    workspace = workspace or make_workspace("budgets", timezone.now())
    root, met = Path(settings.STATIC_ROOT), []
    with enter_workspace(workspace.schema_name):
        wanted = list(pages(workspace, timezone.now()))
        member, stranger = (Client(headers={"host": "budgets.localhost"}) for _ in range(2))
        member.force_login(owner())
    for name, path, budget in wanted:
        browser = stranger if budget is HOSTED else member
        answer = browser.get(path)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} was answered with {answer.status_code}")
        weight = weigh(answer.content, root=root, prefix=settings.STATIC_URL)
        met.append(judge(name, weight, budget))
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
