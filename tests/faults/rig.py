"""Real workers, a real beat, a real broker and a fake provider, on a database of their own."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from devstack.valkey import EmbeddedValkey, find_redis_server

ROOT = Path(__file__).resolve().parent.parent.parent
CONCURRENCY = 2
GROUP = 50


class Rig:
    """Three workspaces, a provider that counts, and processes to kill."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "accepted.log"
        self.mode = folder / "mode"
        self.log.touch()
        self.mode.write_text("")
        self.port = free_port()
        self.valkey = EmbeddedValkey(folder / "valkey")
        self.brokers = {"valkey": self.valkey}
        self.processes: list[subprocess.Popen[bytes]] = []
        self.kills = 0
        self.random = random.Random(20261120)

    # --- life

    def start(self) -> "Rig":
        """Make the database and start broker and provider; no worker yet."""
        self.database = f"viaggio_faults_{os.getpid()}"
        self._admin(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE)')
        self._admin(f'CREATE DATABASE "{self.database}"')
        self.valkey.start()
        provider = [sys.executable, "-m", "tests.faults.provider", str(self.port)]
        self._spawn([*provider, str(self.log), str(self.mode)])
        self.drive("prepare")
        return self

    def stop(self) -> None:
        """Kill everything and drop the database."""
        for process in self.processes:
            end(process)
        for broker in self.brokers.values():
            broker.stop()
        self._admin(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE)')

    def _admin(self, statement: str) -> None:
        with psycopg.connect(**self._connection(), autocommit=True) as server:
            server.execute(statement)

    def _connection(self, database: str = "postgres") -> dict[str, str]:
        given = connection.settings_dict
        values = {
            "host": given["HOST"],
            "port": str(given["PORT"] or ""),
            "user": given["USER"],
            "password": given["PASSWORD"],
            "dbname": database,
        }
        return {name: value for name, value in values.items() if value}

    def environment(self) -> dict[str, str]:
        """What every process of the rig gets."""
        part = self._connection(self.database)
        url = (
            f"postgres://{part['user']}:{part.get('password', '')}@/{self.database}"
            f"?host={part.get('host', '')}&port={part.get('port', '5432')}"
        )
        return {
            **os.environ,
            "DATABASE_URL": url,
            "CELERY_BROKER_URL": self.valkey.url,
            "EMAIL_URL": f"smtp://127.0.0.1:{self.port}",
            "VIAGGIO_VAR": str(self.folder / "var"),
            "VIAGGIO_SENDING_LEASE_SECONDS": "4",
            "VIAGGIO_AGENDA_LEASE_SECONDS": "3",
        }

    # --- processes

    def _spawn(self, command: list[str]) -> subprocess.Popen[bytes]:
        with (self.folder / "output.log").open("ab") as output:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment(),
                start_new_session=True,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.processes.append(process)
        return process

    def worker(self) -> subprocess.Popen[bytes]:
        """A worker of all lanes, two processes strong."""
        lanes = "events,journeys,sending,bulk"
        command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-Q", lanes]
        command += ["-c", str(CONCURRENCY), "--without-gossip", "--without-mingle"]
        return self._spawn([*command, "--loglevel", "WARNING"])

    def beat(self) -> subprocess.Popen[bytes]:
        """A clock."""
        schedule = str(self.folder / f"schedule-{len(self.processes)}")
        command = [sys.executable, "-m", "celery", "-A", "config", "beat", "-s", schedule]
        return self._spawn([*command, "--loglevel", "WARNING"])

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """SIGKILL a worker and all its children, at whatever they are doing."""
        end(process)
        self.kills += 1

    def use_broker(self, name: str) -> None:
        """Let what is started from now on use this broker: valkey, or redis; skips without one."""
        if name not in self.brokers:
            program = find_redis_server()
            if program is None:
                pytest.skip("There is no redis-server on the path.")
            self.brokers[name] = EmbeddedValkey(self.folder / name, program=program)
            self.brokers[name].start()
        self.valkey = self.brokers[name]

    def lose_broker(self, *, away: float) -> None:
        """Kill the broker, lose all it had, and bring it back empty after `away` seconds."""
        self.valkey.kill()
        shutil.rmtree(self.valkey.home / "appendonlydir", ignore_errors=True)
        time.sleep(away)
        self.valkey.start()

    def drive(self, *command: str) -> None:
        """Ask the product for something, from a process of its own."""
        subprocess.run(
            [sys.executable, "-m", "tests.faults.driver", *command],
            cwd=ROOT,
            env=self.environment(),
            check=True,
            timeout=120,
        )

    # --- what is seen

    def accepted(self, key: str) -> Counter[str]:
        """How often the provider accepted each send id whose recipient belongs to `key`."""
        lines = self.log.read_text().splitlines()
        pairs = (line.split(" ", 1) for line in lines)
        return Counter(send_id for send_id, address in pairs if address.startswith(f"{key}-"))

    def states(self, key: str) -> Counter[str]:
        """How many messages of `key` stand in which status."""
        with psycopg.connect(**self._connection(self.database)) as server:
            rows = server.execute(
                "SELECT status, count(*) FROM w_acme.campaigns_message"
                " WHERE send_key LIKE %s GROUP BY status",
                [f"{key}:%"],
            ).fetchall()
        return Counter(dict(rows))

    def people(self, key: str) -> dict[str, tuple[str, str]]:
        """(status, reason) of each message of `key`, by recipient."""
        with psycopg.connect(**self._connection(self.database)) as server:
            rows = server.execute(
                "SELECT to_address, status, reason FROM w_acme.campaigns_message"
                " WHERE send_key LIKE %s",
                [f"{key}:%"],
            ).fetchall()
        return {address: (status, reason) for address, status, reason in rows}

    def written_to(self, key: str) -> set[str]:
        """The recipients of `key` the provider accepted a message for."""
        addresses = (line.split(" ", 1)[1] for line in self.log.read_text().splitlines())
        return {address for address in addresses if address.startswith(f"{key}-")}

    def campaign(self, name: str) -> str:
        """The campaign's state."""
        with psycopg.connect(**self._connection(self.database)) as server:
            row = server.execute(
                "SELECT status FROM w_acme.campaigns_campaign WHERE name = %s", [name]
            ).fetchone()
        return str(row[0]) if row else ""

    def settled(self, key: str) -> bool:
        """True when nothing of `key` is on its way any more."""
        moving = {"queued", "claimed", "calling", "retry", "deferred"}
        return not moving & set(self.states(key))

    def wait(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        """Until the condition holds; fails the test after so many seconds."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"not within {seconds} s; see {self.folder}"
            time.sleep(0.1)


def end(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL a process group, if it still lives."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
