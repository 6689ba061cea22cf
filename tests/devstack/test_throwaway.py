"""Commands get servers of their own, and nothing of the installation's."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from devstack import browser
from devstack.problems import Problem

REPOSITORY = Path(__file__).parents[2]
ASK = (
    "import os, psycopg, redis, urllib.parse\n"
    "connection = psycopg.connect(os.environ['DATABASE_URL'])\n"
    "print(connection.execute('show fsync').fetchone()[0])\n"
    "path = urllib.parse.urlsplit(os.environ['CELERY_BROKER_URL']).path\n"
    "print(redis.Redis(unix_socket_path=path).ping())\n"
    "print(os.environ['VIAGGIO_VAR'])\n"
)


def with_servers(script: str, var: Path, **settings: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "devstack", "with", "--", sys.executable, "-c", script],
        cwd=REPOSITORY,
        env={**os.environ, "VIAGGIO_VAR": str(var), **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_a_command_gets_servers_of_its_own_and_gives_its_code(tmp_path: Path) -> None:
    # given an installation's own servers in the environment, which tests must not empty
    kept = {"DATABASE_URL": "postgres://kept:1/kept", "CELERY_BROKER_URL": "redis://kept:1"}
    with with_servers(f"{ASK}raise SystemExit(7)", tmp_path, **kept) as process:
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 7
    assert said == f"off\nTrue\n{tmp_path}/test\n"


def test_a_wish_to_stop_reaches_the_command(tmp_path: Path) -> None:
    # given a command that tidies up when asked to stop
    script = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(print('tidied')))\n"
        "print('ready', flush=True); time.sleep(60)"
    )
    with with_servers(script, tmp_path) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"

        # when we are asked to stop, then so is it, before its servers go
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)
    assert said == "tidied\n"
    assert process.returncode == 128 + signal.SIGTERM


def test_a_named_browser_that_does_not_start_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    browser.find_browser.cache_clear()
    monkeypatch.setenv("VIAGGIO_BROWSER", "/bin/false")
    with pytest.raises(Problem, match="VIAGGIO_BROWSER names “/bin/false”, which does not start"):
        browser.find_browser()


def test_no_browser_is_said_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    browser.find_browser.cache_clear()
    monkeypatch.delenv("VIAGGIO_BROWSER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PLAYWRIGHT_BROWSERS_PATH", raising=False)
    assert browser.find_browser() is None

    # given Playwright's own
    browser.find_browser.cache_clear()
    program = tmp_path / ".cache/ms-playwright/chromium-1200/chrome-linux/chrome"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert browser.find_browser() == str(program)
    browser.find_browser.cache_clear()
