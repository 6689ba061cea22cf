"""Several programs in one terminal: started together, told apart by name, stopped together."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TextIO

from devstack.interrupts import Interrupts
from devstack.problems import Problem
from devstack.servers import open_log, tethered

COLOURS = (36, 32, 33, 35, 34, 31)  # cyan, green, yellow, magenta, blue, red
LINE_LIMIT = 65_536  # bytes; a longer line is shown in pieces
PROMPTNESS = 0.1  # seconds between two looks at the programs


class Terminal:
    """Writes whole lines from several threads, in colour where a person watches."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self.coloured = stream.isatty() and not os.environ.get("NO_COLOR")

    def say(self, text: str) -> None:
        """Write the text and a line end; a terminal that was closed is no reason to fail."""
        with self._lock, suppress(OSError, ValueError):
            self._stream.write(f"{text}\n")
            self._stream.flush()

    def label(self, name: str, width: int, place: int) -> str:
        """What stands before each line of the program that was started as number `place`."""
        label = f"{name.ljust(width)} |"
        if not self.coloured:
            return label
        return f"\033[{COLOURS[place % len(COLOURS)]}m{label}\033[0m"


@dataclass(frozen=True)
class Program:
    """A command that is to run until we stop it; `stop_seconds` is the patience it gets."""

    name: str
    command: Sequence[str]
    stop_seconds: float = 20


@dataclass
class Running:
    """A program that was started."""

    program: Program
    process: subprocess.Popen[bytes]
    log_path: Path
    reader: threading.Thread = field(init=False)


class Supervisor:
    """Runs programs in process groups of their own, so that a Ctrl-C reaches us alone.

    Each program's lines go to the terminal behind its name, and to `log_folder`/NAME.log.
    Start from the main thread (see `servers.tethered`).
    """

    def __init__(
        self,
        *,
        folder: Path,
        log_folder: Path,
        environment: Mapping[str, str],
        interrupts: Interrupts,
        stream: TextIO | None = None,
        label_width: int = 6,
    ) -> None:
        self.folder = folder
        self.log_folder = log_folder
        self.environment = dict(environment)
        self.terminal = Terminal(stream or sys.stdout)
        self._interrupts = interrupts
        self._label_width = label_width
        self._running: list[Running] = []

    def start(self, program: Program) -> None:
        """Start it and return at once."""
        label = self.terminal.label(program.name, self._label_width, len(self._running))
        self._launch(program, f"{label} ")

    def complete(self, program: Program) -> int:
        """Run it to its end, its lines shown unlabelled; its exit code."""
        running = self._launch(program, "")
        code = running.process.wait()
        running.reader.join()
        self._running.remove(running)
        return code

    def check(self) -> None:
        """Problem when a program that should run does not."""
        for running in self._running:
            code = running.process.poll()
            if code is not None:
                raise Problem(
                    f"“{running.program.name}” {_how_it_ended(code)}, so everything is stopped. "
                    f"{running.log_path} says why."
                )

    def watch(self) -> None:
        """Wait until a program ends (Problem) or somebody asks to stop (StopRequested)."""
        while True:
            self.check()
            time.sleep(PROMPTNESS)

    def stop(self) -> None:
        """Ask each program to finish, wait as long as it may take, then kill what is left."""
        self._interrupts.quiet()
        for running in self._running:
            if running.process.poll() is None:
                running.process.terminate()
        asked_at = time.monotonic()
        for running in self._running:
            self._wait_for(running, until=asked_at + running.program.stop_seconds)
        for running in self._running:
            # Whatever the program started and left behind is in its group.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(running.process.pid, signal.SIGKILL)
            running.process.wait()
            running.reader.join(timeout=1)
        self._running.clear()

    def _wait_for(self, running: Running, *, until: float) -> None:
        while running.process.poll() is None and not self._interrupts.hurry:
            if time.monotonic() > until:
                name, seconds = running.program.name, running.program.stop_seconds
                self.terminal.say(f"“{name}” did not stop within {seconds:g} s and is killed.")
                return
            time.sleep(PROMPTNESS / 5)

    def _launch(self, program: Program, label: str) -> Running:
        log_path = self.log_folder / f"{program.name}.log"
        process = subprocess.Popen(
            tethered(program.command, signal.SIGTERM),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            env=self.environment,
            process_group=0,
        )
        running = Running(program, process, log_path)
        self._running.append(running)
        assert process.stdout is not None  # noqa: S101 - asked for just above
        pump = (process.stdout, open_log(log_path), label)
        running.reader = threading.Thread(target=self._pump, args=pump, daemon=True)
        running.reader.start()
        return running

    def _pump(self, lines: "BinaryIO", log: BinaryIO, label: str) -> None:
        with lines, log:
            for line in iter(lambda: lines.readline(LINE_LIMIT), b""):
                with suppress(OSError):  # a full disk must not stop the program
                    log.write(line)
                    log.flush()
                self.terminal.say(label + line.decode(errors="replace").rstrip("\r\n"))


def _how_it_ended(code: int) -> str:
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended by itself with exit code {code}"
