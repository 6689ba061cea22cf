"""The embedded PostgreSQL comes back from whatever happened to it."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from devstack.postgres import WAYS_DOWN_FROM_ROOT, EmbeddedPostgres
from devstack.problems import Problem
from devstack.servers import await_condition

LOCALE = "select datlocprovider::text || ':' || datlocale from pg_database limit 1"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cluster for the module: initdb is the slow part."""
    return tmp_path_factory.mktemp("postgres")


@pytest.fixture
def server(home: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(home, fsync=False, max_connections=20) as running:
        yield running


def ask(server: EmbeddedPostgres, query: str) -> object:
    with psycopg.connect(server.url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()
        assert row
        return row[0]


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def test_a_new_folder_becomes_a_database_on_a_private_socket(server: EmbeddedPostgres) -> None:
    assert ask(server, "select current_user || '@' || current_database()") == "viaggio@viaggio"
    assert ask(server, "show listen_addresses") == ""
    assert ask(server, LOCALE) == "b:C.UTF-8"
    assert server.socket_folder.stat().st_mode & 0o777 == 0o700


def test_settings_reach_the_server(home: Path) -> None:
    given = EmbeddedPostgres(home, fsync=False, settings={"work_mem": "7MB"}, max_connections=23)
    with given as server:
        assert ask(server, "show work_mem") == "7MB"
        assert ask(server, "show max_connections") == "23"
        assert ask(server, "show fsync") == "off"


def test_data_stays_durable_unless_said_otherwise(home: Path) -> None:
    with EmbeddedPostgres(home) as server:
        assert ask(server, "show fsync") == "on"
        assert ask(server, "show synchronous_commit") == "on"


def test_committed_rows_outlive_a_kill_and_an_immediate_restart(home: Path) -> None:
    # given a committed row in a server that waits for the disk
    with EmbeddedPostgres(home) as server:
        with psycopg.connect(server.url) as connection:
            connection.execute("create table survivors as select 1 as one")

        # when the server is killed and started, then stopped like a crash and started
        server.kill()
        assert server.pid is None
        server.start()
        server.restart(immediate=True)

        # then the row is there
        assert ask(server, "select count(*) from survivors") == 1


def test_a_pid_file_that_names_a_living_stranger_does_not_block_the_start(home: Path) -> None:
    # given a pid file left by a crash, whose number another program has now
    server = EmbeddedPostgres(home, fsync=False)
    with server:
        pid_file = (server.cluster / "postmaster.pid").read_text()
    stranger = f"{os.getppid()}\n" + pid_file.split("\n", 1)[1]
    (server.cluster / "postmaster.pid").write_text(stranger)

    # when it starts, then it answers
    with server:
        assert ask(server, "select 1") == 1


def test_the_server_ends_with_a_supervisor_that_was_killed(home: Path) -> None:
    # given a supervisor in a process of its own
    script = (
        "import sys, pathlib, time; from devstack.postgres import EmbeddedPostgres\n"
        "server = EmbeddedPostgres(pathlib.Path(sys.argv[1]), fsync=False).start()\n"
        "print(server.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(home)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        text=True,
    ) as supervisor:
        assert supervisor.stdout
        pid = int(supervisor.stdout.readline())
        assert alive(pid)

        # when it is killed
        supervisor.send_signal(signal.SIGKILL)

    # then the server ends by itself, and the folder can be used at once
    assert await_condition(lambda: not alive(pid), 10)
    with EmbeddedPostgres(home, fsync=False) as server:
        assert ask(server, "select 1") == 1


def test_a_folder_in_use_is_refused_and_left_alone(server: EmbeddedPostgres, home: Path) -> None:
    with pytest.raises(Problem, match="in use by another run"):
        EmbeddedPostgres(home).start()
    assert ask(server, "select 1") == 1


def test_a_cluster_of_another_version_is_refused_and_kept(home: Path) -> None:
    # given files made by an older PostgreSQL
    server = EmbeddedPostgres(home, fsync=False)
    with server:
        pass
    version = server.cluster / "PG_VERSION"
    ours = version.read_text()
    version.write_text("15\n")

    # when it starts, then it says so and what to do
    with pytest.raises(Problem, match=r"made by PostgreSQL 15, and this is 18\..*VIAGGIO_VAR"):
        server.start()

    # and nothing is lost
    version.write_text(ours)
    with server:
        assert ask(server, "select 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root could take what is somebody else's.")
def test_root_leaves_the_files_of_a_user_alone(tmp_path: Path) -> None:
    # given a folder that a user made
    os.chown(tmp_path, 1000, 1000)

    # when root starts there, then it is told whose it is, and nothing changed
    with pytest.raises(Problem, match=r"belongs to the user 1000\. Start as that user"):
        EmbeddedPostgres(tmp_path).start()
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that anybody may pass through, as pytest's own are not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root has to step down.")
@pytest.mark.parametrize("way", WAYS_DOWN_FROM_ROOT, ids=["namespace", "passing", "plain"])
def test_root_steps_down_in_whatever_way_the_machine_allows(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch, way: tuple[list[str], int]
) -> None:
    # given files that another way has left, and a machine that allows one way alone
    with EmbeddedPostgres(open_folder, fsync=False):
        pass
    monkeypatch.setattr("devstack.postgres.WAYS_DOWN_FROM_ROOT", [way])
    server = EmbeddedPostgres(open_folder, fsync=False)
    try:
        server.start()
    except Problem as problem:
        pytest.skip(str(problem))

    # then it answers, and its files belong to the one it runs as
    try:
        assert ask(server, "select 1") == 1
        assert server.cluster.stat().st_uid == way[1]
    finally:
        server.stop()


def test_a_folder_with_a_long_name_gets_a_short_socket(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / ("long" * 30))
    assert len(str(server.socket_folder / server.socket_name)) < 107
    assert server.socket_folder == EmbeddedPostgres(tmp_path / ("long" * 30)).socket_folder
    server.socket_folder.rmdir()
