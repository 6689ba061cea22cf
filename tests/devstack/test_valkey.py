"""The embedded broker keeps what it was given."""

import time
from pathlib import Path

import pytest
from kombu import Connection

from devstack.problems import Problem
from devstack.valkey import EmbeddedValkey, find_redis_server

SERVERS = [None, find_redis_server() or "redis-server"]


@pytest.mark.parametrize("program", SERVERS, ids=["valkey", "redis"])
def test_a_message_outlives_a_kill(tmp_path: Path, program: str | None) -> None:
    # given a message older than the second that may be lost
    if program == "redis-server":
        pytest.skip("There is no redis-server on this machine.")
    with EmbeddedValkey(tmp_path, program=program) as server:
        with Connection(server.url) as connection, connection.SimpleQueue("hints") as queue:
            queue.put({"lane": "sending"})
        time.sleep(1.5)

        # when the server is killed and started
        server.kill()
        server.start()

        # then the message is there
        with Connection(server.url) as connection, connection.SimpleQueue("hints") as queue:
            assert queue.get(timeout=5).payload == {"lane": "sending"}


def test_only_its_user_can_reach_it(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as server:
        assert server.socket_path.stat().st_mode & 0o777 == 0o700
        assert server.socket_folder.stat().st_mode & 0o777 == 0o700


def test_a_program_that_does_not_start_is_named_with_its_log(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path, program="/bin/false")
    with pytest.raises(Problem, match=r"Valkey did not start\. .*/server\.log says why\."):
        server.start()
    assert server.pid is None
