"""One command up: everything Viaggio needs, then Viaggio, in one terminal."""

import http.client
import json
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from devstack import surroundings
from devstack.beside import note_settings
from devstack.interrupts import Interrupts, StopRequested
from devstack.outside import require_broker, require_database
from devstack.ports import claim_port
from devstack.postgres import EmbeddedPostgres
from devstack.problems import Problem
from devstack.processes import Program, Supervisor
from devstack.valkey import EmbeddedValkey

PYTHON = sys.executable
PORT = 8000
MAIL_PORT = 8025
QUEUES = "events,journeys,sending,bulk"
READY_SECONDS = 180
ANSWER_SECONDS = 5


def run(environment: Mapping[str, str]) -> int:
    """Bring Viaggio up and keep it up until somebody asks to stop; the exit code.

    Raises Problem, with everything stopped again, when a step fails or a program ends.
    """
    # Before anything else: a taken port is the likeliest trouble, and the quickest to tell.
    ports = {"VIAGGIO_PORT": claim_port(environment, "VIAGGIO_PORT", PORT)}
    if not environment.get("EMAIL_URL"):
        ports["VIAGGIO_MAIL_PORT"] = claim_port(environment, "VIAGGIO_MAIL_PORT", MAIL_PORT)
    with Interrupts() as interrupts:
        try:
            with ExitStack() as stack:
                try:
                    _bring_up(environment, ports, interrupts, stack)
                finally:
                    interrupts.quiet()  # before anything is stopped
        except StopRequested:
            print("Stopped. Everything is kept; start again with: make run", flush=True)
    return 0


def _bring_up(
    environment: Mapping[str, str],
    ports: Mapping[str, int],
    interrupts: Interrupts,
    stack: ExitStack,
) -> None:
    var = surroundings.var_folder(environment)
    settings = surroundings.common_settings(environment, var)
    settings.update({name: str(port) for name, port in ports.items()})
    if not settings.get("VIAGGIO_SECRET_KEY"):
        settings["VIAGGIO_SECRET_KEY"] = surroundings.secret_key(var)
    if "VIAGGIO_MAIL_PORT" in ports:
        settings["EMAIL_URL"] = f"smtp://127.0.0.1:{ports['VIAGGIO_MAIL_PORT']}"
    settings["DATABASE_URL"] = _database(settings, var, stack)
    settings["CELERY_BROKER_URL"] = _broker(settings, var, stack)
    supervisor = Supervisor(
        folder=surroundings.CHECKOUT,
        log_folder=var / "log",
        environment=settings,
        interrupts=interrupts,
    )
    stack.callback(_stop, supervisor)
    _prepare(supervisor)
    for program in programs(settings, with_mail="VIAGGIO_MAIL_PORT" in ports):
        supervisor.start(program)
    _await_ready(supervisor, ports["VIAGGIO_PORT"])
    stack.callback(note_settings(var, settings).unlink, missing_ok=True)
    _welcome(supervisor, ports["VIAGGIO_PORT"])
    supervisor.watch()


def programs(settings: Mapping[str, str], *, with_mail: bool) -> list[Program]:
    """The programs that together are Viaggio."""
    celery = [PYTHON, "-m", "celery", "-A", "config", "--quiet"]
    worker = ["-Q", QUEUES, "-c", settings.get("VIAGGIO_WORKER_PROCESSES", "2")]
    schedule = str(Path(settings["VIAGGIO_VAR"]) / "beat-schedule")
    found = [
        Program("web", _web_command(settings)),
        Program(
            "worker",
            # Gossip and mingle are for workers that know of each other: ours need not.
            [*celery, "worker", *worker, "--without-gossip", "--without-mingle", "--loglevel=INFO"],
            stop_seconds=30,  # the task at hand is finished first
        ),
        Program("beat", [*celery, "beat", "-s", schedule, "--pidfile=", "--loglevel=INFO"]),
    ]
    if with_mail:
        found.append(Program("mail", [PYTHON, "manage.py", "mailcatcher"]))
    return found


def _web_command(settings: Mapping[str, str]) -> list[str]:
    listen = ["--host", "127.0.0.1", "--port", settings["VIAGGIO_PORT"]]
    # Threads wait for the database together; more of them only wait for each other.
    size = ["--workers", settings.get("VIAGGIO_WEB_PROCESSES", "2"), "--blocking-threads", "4"]
    life = ["--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "15"]
    options = ["--interface", "wsgi", "--no-ws", *listen, *size, *life]
    return [PYTHON, "-m", "granian", *options, "config.wsgi:application"]


def _database(settings: Mapping[str, str], var: Path, stack: ExitStack) -> str:
    if given := settings.get("DATABASE_URL"):
        require_database(given)
        return given
    return stack.enter_context(EmbeddedPostgres(var / "postgres")).url


def _broker(settings: Mapping[str, str], var: Path, stack: ExitStack) -> str:
    if given := settings.get("CELERY_BROKER_URL"):
        require_broker(given)
        return given
    return stack.enter_context(EmbeddedValkey(var / "valkey")).url


def _prepare(supervisor: Supervisor) -> None:
    code = supervisor.complete(Program("prepare", [PYTHON, "manage.py", "prepare"]))
    if code != 0:
        log = supervisor.log_folder / "prepare.log"
        raise Problem(
            "Preparing the database and the pages failed, and nothing was started. "
            f"The reason stands above and in {log}; correct it and start again: "
            "what was done is kept."
        )


def _welcome(supervisor: Supervisor, port: int) -> None:
    code = supervisor.complete(Program("welcome", [PYTHON, "manage.py", "welcome"]))
    if code != 0:
        supervisor.terminal.say(f"Viaggio is at http://localhost:{port}")
    supervisor.terminal.say("Ctrl-C stops everything.")


def _await_ready(supervisor: Supervisor, port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while (said := _readiness(port)) is not None:
        supervisor.check()
        if time.monotonic() > deadline:
            raise Problem(
                f"Viaggio is not ready after {READY_SECONDS} s: {said}. "
                f"The logs in {supervisor.log_folder} say more."
            )
        time.sleep(0.1)


def _readiness(port: int) -> str | None:
    """None when it is ready, else what it said instead.

    Late work is no obstacle: after a night switched off there is some, and the worker is on it.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/readyz", headers={"Host": f"localhost:{port}"})
        response = connection.getresponse()
        said = response.read(1000).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__
    finally:
        connection.close()
    if response.status == 200 or _is_merely_late(said):
        return None
    return f"{response.status} {said}"


def _is_merely_late(said: str) -> bool:
    try:
        parts = json.loads(said)
    except ValueError:
        return False
    return parts.get("database") == "ok" and parts.get("broker") == "ok"


def _stop(supervisor: Supervisor) -> None:
    supervisor.terminal.say("Stopping. A second Ctrl-C does not wait for work in hand.")
    supervisor.stop()
