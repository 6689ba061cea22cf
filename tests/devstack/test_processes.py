"""Programs run together, are told apart, and leave nobody behind."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devstack.interrupts import Interrupts, StopRequested
from devstack.problems import Problem
from devstack.processes import Program, Supervisor
from devstack.servers import await_condition

TALK = "import time; print('ready', flush=True); time.sleep(60)"
# Leaves a child of its own behind and does not heed SIGTERM.
STUBBORN = (
    "import signal, subprocess, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "print(child.pid, flush=True)\n"
    "time.sleep(60)"
)


def python(name: str, script: str, stop_seconds: float = 5) -> Program:
    return Program(name, [sys.executable, "-I", "-S", "-c", script], stop_seconds)


def gone(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    return not status.exists() or "State:\tZ" in status.read_text()


@pytest.fixture
def interrupts() -> Iterator[Interrupts]:
    with Interrupts() as heard:
        yield heard


@pytest.fixture
def terminal() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def supervisor(
    tmp_path: Path, interrupts: Interrupts, terminal: io.StringIO
) -> Iterator[Supervisor]:
    made = Supervisor(
        folder=tmp_path,
        log_folder=tmp_path / "log",
        environment=os.environ,
        interrupts=interrupts,
        stream=terminal,
    )
    yield made
    made.stop()


@pytest.fixture
def says(terminal: io.StringIO) -> Callable[[str], bool]:
    return lambda words: await_condition(lambda: words in terminal.getvalue(), 10)


def test_each_line_carries_its_program_and_goes_to_its_log(
    supervisor: Supervisor, says: Callable[[str], bool], tmp_path: Path
) -> None:
    # given two programs, one of which writes bytes that are no text
    supervisor.start(python("web", TALK))
    supervisor.start(python("worker", "import os; os.write(1, b'caf\\xff\\n');" + TALK))

    # then the terminal tells them apart, uncoloured as it is none, and each has its log
    assert says("web    | ready\n")
    assert says("worker | caf\N{REPLACEMENT CHARACTER}\n")
    assert says("worker | ready\n")
    assert (tmp_path / "log" / "worker.log").read_bytes() == b"caf\xff\nready\n"


def test_a_step_shows_its_own_lines_and_gives_its_code(
    supervisor: Supervisor, terminal: io.StringIO
) -> None:
    assert supervisor.complete(python("prepare", "print('Tables: 3')")) == 0
    assert supervisor.complete(python("prepare", "raise SystemExit(3)")) == 3
    assert terminal.getvalue() == "Tables: 3\n"


@pytest.mark.parametrize(
    ("script", "end"),
    [
        ("raise SystemExit(4)", "ended by itself with exit code 4"),
        ("import os; os.kill(os.getpid(), 9)", "was killed by SIGKILL"),
    ],
)
def test_one_that_ends_is_named_with_its_log(
    supervisor: Supervisor, tmp_path: Path, script: str, end: str
) -> None:
    # given one program that stays and one that ends
    supervisor.start(python("web", TALK))
    supervisor.start(python("worker", script))

    # when they are watched, then the sentence says which, how, and where to read more
    with pytest.raises(Problem) as told:
        supervisor.watch()
    assert str(told.value) == (
        f"“worker” {end}, so everything is stopped. {tmp_path}/log/worker.log says why."
    )


def test_stopping_ends_the_stubborn_and_what_they_left_behind(
    supervisor: Supervisor, says: Callable[[str], bool], terminal: io.StringIO
) -> None:
    # given a program that ignores the request, with a child
    supervisor.start(python("worker", STUBBORN, stop_seconds=0.3))
    assert says("\n")
    child = int(terminal.getvalue().split("|")[1])

    # when all is stopped
    supervisor.stop()

    # then both are gone, and the patience it had is told
    assert await_condition(lambda: gone(child), 5)
    assert says("“worker” did not stop within 0.3 s and is killed.")


def test_one_that_finishes_its_work_is_waited_for(
    supervisor: Supervisor, says: Callable[[str], bool]
) -> None:
    # given a worker that needs a moment to finish the task at hand
    finish = "def finish(*_): time.sleep(0.3); print('finished', flush=True); sys.exit()\n"
    script = f"import signal, sys, time\n{finish}signal.signal(signal.SIGTERM, finish)\n{TALK}"
    supervisor.start(python("worker", script))
    assert says("worker | ready")

    # when all is stopped, then it has finished
    supervisor.stop()
    assert says("worker | finished")


def test_a_signal_is_heard_once_and_a_second_one_hurries(
    supervisor: Supervisor, interrupts: Interrupts, says: Callable[[str], bool]
) -> None:
    # given a program that would take its time
    supervisor.start(python("worker", STUBBORN, stop_seconds=60))
    assert says("\n")

    # when somebody asks to stop
    threading.Timer(0.2, os.kill, [os.getpid(), signal.SIGTERM]).start()
    with pytest.raises(StopRequested):
        supervisor.watch()

    # and asks again while it stops, then nothing is waited for
    asker = threading.Timer(0.2, os.kill, [os.getpid(), signal.SIGINT])
    asker.start()
    began = time.monotonic()
    supervisor.stop()
    asker.join()
    assert interrupts.hurry
    assert time.monotonic() - began < 30


def test_programs_end_with_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    # given a supervisor in a process of its own, with a program
    script = (
        "import os, sys, pathlib, time\n"
        "from devstack.interrupts import Interrupts\n"
        "from devstack.processes import Program, Supervisor\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "supervisor = Supervisor(folder=folder, log_folder=folder, environment=os.environ,"
        " interrupts=Interrupts())\n"
        "talk = 'import os, time; print(os.getpid(), flush=True); time.sleep(60)'\n"
        "supervisor.start(Program('web', [sys.executable, '-c', talk]))\n"
        "time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        text=True,
    ) as killed:
        assert killed.stdout
        pid = int(killed.stdout.readline().split("|")[1])
        assert not gone(pid)

        # when it is killed, then the program ends by itself
        killed.kill()
    assert await_condition(lambda: gone(pid), 10)
