"""The rig, started once for the fault tests of a run."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.rig import Rig, end


@pytest.fixture(scope="session")
def _rig(tmp_path_factory: Any, django_db_setup: None, django_db_blocker: Any) -> Iterator[Rig]:
    folder = tmp_path_factory.mktemp("faults")
    rig = Rig(folder)
    try:
        yield rig.start()
    finally:
        rig.stop()


@pytest.fixture
def rig(_rig: Rig) -> Iterator[Rig]:
    """The rig without workers and with a well-behaved provider."""
    _rig.mode.write_text("")
    _rig.use_broker("valkey")
    _rig.kills = 0
    known = len(_rig.processes)
    yield _rig
    for process in _rig.processes[known:]:
        end(process)
    del _rig.processes[known:]


@pytest.fixture
def long(request: pytest.FixtureRequest) -> bool:
    """True when the long version was asked for."""
    return bool(request.config.getoption("--long"))
