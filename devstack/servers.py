"""The life of one embedded server: its folder, its lock, its socket, its process and its log."""

import fcntl
import hashlib
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO, Self

from devstack.problems import Problem

TETHER = Path(__file__).with_name("tether.py")
SOCKET_PATH_LIMIT = 107  # bytes of sockaddr_un.sun_path on Linux, with the closing NUL left out
NOBODY = 65534  # the user that servers started by root may run as
LOG_SIZE_LIMIT = 5_000_000  # bytes; a larger log is set aside at the next start


def tethered(command: Sequence[str | Path], stop_with: signal.Signals) -> list[str]:
    """`command` wrapped so that it gets `stop_with` when the calling thread's process dies.

    The kernel ties the child to the *thread* that started it: start servers from the main one.
    """
    words = [str(word) for word in command]
    python = [sys.executable, "-I", "-S", str(TETHER)]
    return [*python, str(int(stop_with)), str(os.getpid()), *words]


def open_log(path: Path) -> BinaryIO:
    """The log, to add to; one that has grown large is set aside as `.old` first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_SIZE_LIMIT:
        path.replace(path.with_suffix(".log.old"))
    return path.open("ab")


def short_name(home: Path) -> str:
    """A name of 20 letters that no other folder's server has."""
    return f"viaggio-{hashlib.sha256(os.fsencode(home)).hexdigest()[:12]}"


def socket_folder(home: Path, file_name: str) -> Path:
    """A folder of mode 700 in which a socket called `file_name` has a path the kernel accepts."""
    folder = home / "socket"
    if len(os.fsencode(folder / file_name)) >= SOCKET_PATH_LIMIT:
        folder = Path(tempfile.gettempdir()) / short_name(home)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    # The name can be guessed, so somebody else may have made the folder before us.
    owners = {0, NOBODY} if os.geteuid() == 0 else {os.geteuid()}
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners:
        raise Problem(f"{folder} belongs to somebody else. Remove it and start again.")
    folder.chmod(0o700)
    return folder


def await_condition(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether `condition` came true within `seconds`; asked every 10 ms."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


class EmbeddedServer:
    """A server program that lives in a folder, speaks over a unix socket and never outlives us.

    Subclasses name the program, say how it is prepared, and when it answers.
    """

    title = "The server"
    socket_name = "socket"
    stop_signal = signal.SIGTERM
    start_seconds = 60.0
    stop_seconds = 30.0

    def __init__(self, data_dir: Path) -> None:
        self.home = Path(data_dir).resolve()
        self.log_path = self.home / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None

    # What a subclass says

    def prepare(self) -> None:
        """Make the folder ready for `command`; called with the lock held, before each start."""

    def command(self) -> list[str]:
        """The program and its arguments; the first is an absolute path."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether the server takes requests now."""
        raise NotImplementedError

    # Life

    def start(self) -> Self:
        """Start and return when the server answers; Problem when it does not."""
        self._take_lock()
        try:
            self.prepare()
            self._launch()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop in order, nothing lost; a server that does not stop in time is killed."""
        self._end(self.stop_signal)
        self._release_lock()

    def kill(self) -> None:
        """Kill the server as a power cut would; `start()` brings it back."""
        self._end(signal.SIGKILL)
        self._release_lock()

    @property
    def pid(self) -> int | None:
        """The server's process id, None when it does not run."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if self._process and running else None

    @property
    def socket_folder(self) -> Path:
        """The folder that holds the server's socket."""
        return socket_folder(self.home, self.socket_name)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _launch(self) -> None:
        with open_log(self.log_path) as log:
            self._process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.home,
                process_group=0,  # a Ctrl-C in the terminal is ours to hear, not the server's
            )
        ended = self._process.poll
        await_condition(lambda: ended() is not None or self.answers(), self.start_seconds)
        if ended() is not None or not self.answers():
            raise Problem(f"{self.title} did not start. {self.log_path} says why.")

    def _end(self, with_signal: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(with_signal)
        try:
            process.wait(self.stop_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    # One server per folder

    def _take_lock(self) -> None:
        if self._process is not None:
            raise Problem(f"{self.title} is started already.")
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            self._refuse_other_owner()
            self._lock = os.open(self.home / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except PermissionError as error:
            raise Problem(
                f"{self.home} cannot be written. It may belong to another user: "
                "start as that user, or choose another folder with VIAGGIO_VAR."
            ) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._release_lock()
            raise Problem(
                f"{self.home} is in use by another run of Viaggio. "
                "Stop that one, or choose another folder with VIAGGIO_VAR."
            ) from error

    def _refuse_other_owner(self) -> None:
        """Root may take anybody's files, and would leave them to root: rather not."""
        owner = self.home.stat().st_uid
        if os.geteuid() == 0 and owner not in (0, NOBODY):
            raise Problem(
                f"{self.home} belongs to the user {owner}. "
                "Start as that user, or choose another folder with VIAGGIO_VAR."
            )

    def _release_lock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
