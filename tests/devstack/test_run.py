"""One command brings everything up, and one Ctrl-C takes all of it down again.

A stand-in for the product, so that only the running is under test.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devstack.servers import await_condition

REPOSITORY = Path(__file__).parents[2]
MANAGE = """\
import os, sys, time
import psycopg
match sys.argv[1]:
    case "prepare":
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            print("Prepared", connection.info.dbname, flush=True)
        sys.exit(os.environ.get("PREPARE_CODE", 0))
    case "welcome":
        print("Welcome to port", os.environ["VIAGGIO_PORT"], os.environ["EMAIL_URL"], flush=True)
    case "mailcatcher":
        print("catching", flush=True)
        time.sleep(float(os.environ.get("MAIL_SECONDS", 60)))
"""
WSGI = """\
def application(environ, start_response):
    code = "200 OK" if environ["HTTP_HOST"].startswith("localhost") else "404 Not Found"
    start_response(code, [("Content-Type", "text/plain")])
    return [b"here"]
"""
CELERY = """\
import os
from celery import Celery
app = Celery("config", broker=os.environ["CELERY_BROKER_URL"])
app.conf.broker_connection_retry_on_startup = True
"""
RUN = """\
import pathlib, sys
from devstack import surroundings
surroundings.CHECKOUT = pathlib.Path(sys.argv[1])
from devstack.__main__ import main
sys.exit(main(["run"]))
"""
OURS = ("VIAGGIO_", "DATABASE_URL", "CELERY_BROKER_URL", "EMAIL_URL", "DJANGO_", "PYTEST_")
Start = Callable[..., "subprocess.Popen[str]"]


def two_free_ports() -> list[int]:
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return [first.getsockname()[1], second.getsockname()[1]]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A product of four files; one for the module, so that its cluster is made once."""
    folder = tmp_path_factory.mktemp("product")
    (folder / "config").mkdir()
    (folder / "manage.py").write_text(MANAGE)
    (folder / "config/__init__.py").write_text("from config.celery import app as celery\n")
    (folder / "config/wsgi.py").write_text(WSGI)
    (folder / "config/celery.py").write_text(CELERY)
    return folder


@pytest.fixture
def ports() -> list[int]:
    return two_free_ports()


@pytest.fixture
def start(checkout: Path, ports: list[int]) -> Iterator[Start]:
    """Starts the run; the test's end kills it."""
    started: list[subprocess.Popen[str]] = []

    def begin(**settings: str) -> subprocess.Popen[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        chosen = {"VIAGGIO_PORT": str(ports[0]), "VIAGGIO_MAIL_PORT": str(ports[1])}
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, str(checkout)],
            env={**kept, **chosen, "PYTHONPATH": str(REPOSITORY), **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()
    assert await_condition(lambda: not left_of(checkout), 20)


def left_of(checkout: Path) -> list[str]:
    """Command lines of processes that were told of the checkout."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            told = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
            if str(checkout).encode() in told:
                found.append((process / "cmdline").read_text())
        except OSError:  # ended meanwhile
            continue
    return found


def read_until(process: "subprocess.Popen[str]", words: str) -> str:
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if words in line:
            return "".join(lines)
    raise AssertionError("".join(lines))


def test_it_comes_up_answers_and_stops_without_a_trace(
    start: Start, checkout: Path, ports: list[int]
) -> None:
    # when it is started
    process = start()
    said = read_until(process, "Ctrl-C stops everything.")

    # then each step has spoken in turn, and the page is there
    assert said.index("Prepared viaggio") < said.index("web    | ")
    assert f"Welcome to port {ports[0]} smtp://127.0.0.1:{ports[1]}\n" in said
    connection = http.client.HTTPConnection("127.0.0.1", ports[0], timeout=5)
    connection.request("GET", "/", headers={"Host": "localhost"})
    assert connection.getresponse().read() == b"here"
    connection.close()
    assert left_of(checkout) != []
    key = checkout / "var/secret_key"
    assert key.stat().st_mode & 0o777 == 0o600

    # when somebody presses Ctrl-C
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=40)

    # then it ends well, with nobody left
    assert process.returncode == 0, rest
    assert rest.endswith("Stopped. Everything is kept; start again with: make run\n")
    assert left_of(checkout) == []
    assert "Traceback" not in said + rest

    # and the next start keeps the key
    made = key.read_text()
    process = start()
    read_until(process, "Ctrl-C stops everything.")
    assert key.read_text() == made

    # when the supervisor itself is killed, then the fixture finds that all the rest ends


def test_a_program_that_ends_takes_the_rest_along_with_a_sentence(
    start: Start, checkout: Path
) -> None:
    process = start(MAIL_SECONDS="3")
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said.endswith(
        "\n“mail” ended by itself with exit code 0, so everything is stopped. "
        f"{checkout}/var/log/mail.log says why.\n"
    )
    assert left_of(checkout) == []


def test_a_failed_preparation_starts_nothing(start: Start, checkout: Path) -> None:
    process = start(PREPARE_CODE="3")
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Preparing the database and the pages failed, and nothing was started." in said
    assert f"{checkout}/var/log/prepare.log" in said
    assert "web    |" not in said
    assert left_of(checkout) == []


@pytest.mark.parametrize("setting", ["VIAGGIO_PORT", "VIAGGIO_MAIL_PORT"])
def test_a_taken_port_is_told_before_anything_is_made(
    start: Start, ports: list[int], tmp_path: Path, setting: str
) -> None:
    port = ports[0] if setting == "VIAGGIO_PORT" else ports[1]
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", port))
        stranger.listen(1)
        process = start(VIAGGIO_VAR=str(tmp_path / "var"))
        said, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert said.startswith(f"\nPort {port} is in use. Stop the program that uses it or choose")
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"DATABASE_URL": "postgres://ada:hush@127.0.0.1:1/shop"},
            "The database at 127.0.0.1:1 (DATABASE_URL) cannot be reached: ",
        ),
        ({"DATABASE_URL": "hush"}, "DATABASE_URL is no address that PostgreSQL understands."),
        (
            {"CELERY_BROKER_URL": "redis://:hush@127.0.0.1:1/0"},
            "The broker at redis://:**@127.0.0.1:1/0 (CELERY_BROKER_URL) cannot be reached: ",
        ),
        ({"CELERY_BROKER_URL": "carrier-pigeon://hush"}, "(CELERY_BROKER_URL) cannot be reached"),
        ({"VIAGGIO_VAR": "/proc/nowhere"}, "The folder /proc/nowhere cannot be made"),
    ],
)
def test_what_cannot_be_reached_is_named_without_its_password(
    start: Start, checkout: Path, settings: dict[str, str], sentence: str
) -> None:
    process = start(**settings)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert sentence in said
    assert ":hush" not in said
    assert "Traceback" not in said
    assert left_of(checkout) == []
