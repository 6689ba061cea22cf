"""`make run` on free ports, and Chromium; skipped, in one clear line, where there is no browser."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright

from devstack.browser import find_browser

ROOT = Path(__file__).resolve().parent.parent.parent
NO_BROWSER = "No Chromium was found, so the browser tests did not run (see VIAGGIO_BROWSER)."


@dataclass
class Product:
    """Where the running product answers."""

    port: int
    log: Path

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    def workspace(self, slug: str) -> str:
        """The address of a workspace's own site."""
        return f"http://{slug}.localhost:{self.port}"


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The whole product, started as a newcomer starts it, on a folder and ports of its own."""
    if find_browser() is None:
        pytest.skip(NO_BROWSER)
    folder = tmp_path_factory.mktemp("product")
    log = folder / "run.log"
    port, mail_port = free_ports()
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "CELERY_BROKER_URL", "EMAIL_URL", "VIAGGIO_SECRET_KEY"}
    }
    environment.update(
        VIAGGIO_VAR=str(folder / "var"),
        VIAGGIO_PORT=str(port),
        VIAGGIO_MAIL_PORT=str(mail_port),
        VIAGGIO_WEB_PROCESSES="1",
    )
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "devstack", "run"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        await_welcome(process, log)
        yield Product(port, log)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


def await_welcome(process: subprocess.Popen[bytes], log: Path, seconds: float = 240) -> None:
    """Until the demo sign-in is printed, which is the last thing a start does."""
    deadline = time.monotonic() + seconds
    while b"Demo sign-in" not in log.read_bytes():
        assert process.poll() is None, log.read_text()[-3000:]
        assert time.monotonic() < deadline, log.read_text()[-3000:]
        time.sleep(0.2)


def free_ports() -> tuple[int, int]:
    """Two ports nobody listens on."""
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium, closed with its module: Playwright's event loop runs as long as it lives,
    and Django refuses the database to a thread with a running loop.
    """
    program = find_browser()
    if program is None:
        pytest.skip(NO_BROWSER)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-background-networking", "--disable-sync"],
        )
        yield chromium
        chromium.close()


def seen(page: Page) -> str:
    """What the person had before them when a test failed."""
    try:
        return f"at {page.url}: {page.title()}\n{page.locator('body').inner_text(timeout=2000)}"
    except Error as unreadable:
        return f"at {page.url}: {unreadable}"


@pytest.fixture
def visit(browser: Browser, product: Product) -> Any:
    """`with visit(width) as page`: a person's own browser; console errors fail the test."""

    @contextmanager
    def make(width: int = 1440) -> Iterator[Page]:
        context = browser.new_context(viewport={"width": width, "height": 900}, locale="en-GB")
        page = context.new_page()
        page.set_default_timeout(20_000)
        errors: list[str] = []
        page.on(
            "console",
            lambda message: errors.append(message.text) if message.type == "error" else None,
        )
        page.on("pageerror", lambda error: errors.append(str(error)))
        try:
            yield page
        except Exception as failure:
            failure.add_note(f"{seen(page)}\nconsole: {errors}\n{product.log.read_text()[-4000:]}")
            raise
        context.close()
        assert errors == []

    return make
