"""An SMTP server that takes everything and counts it: `python -m benchmarks.smtp_sink FOLDER PID`.

It leaves the process tree that started it, so that its CPU-seconds count neither as app nor as
database. It ends when told to, or when the process PID is gone.
"""

import asyncio
import json
import os
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

END = b"\r\n.\r\n"
ONE_CLICK = b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
WATCH_SECONDS = 2.0


@dataclass
class Taken:
    """What arrived since the last reset; `doubles` are messages to an address seen before."""

    messages: int = 0
    doubles: int = 0
    one_click: int = 0
    bytes: int = 0
    smallest: int = 0
    largest: int = 0


class Office:
    """The tally that all connections share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stopped = asyncio.Event()
        self.reset()

    def reset(self) -> None:
        """Forget everything counted."""
        self.taken = Taken()
        self.recipients: set[bytes] = set()

    def take(self, recipient: bytes, body: bytes) -> None:
        """Count one message; the first is kept as a file to look at."""
        taken, size = self.taken, len(body)
        if not taken.messages:
            (self.folder / "sample.eml").write_bytes(body)
            taken.smallest = size
        taken.messages += 1
        taken.doubles += recipient in self.recipients
        self.recipients.add(recipient)
        taken.one_click += ONE_CLICK in body
        taken.bytes += size
        taken.smallest = min(taken.smallest, size)
        taken.largest = max(taken.largest, size)


class Connection(asyncio.Protocol):
    """One client. Commands may come in one packet with what follows them (RFC 2920)."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.buffer = bytearray()
        self.recipient = b""
        self.in_body = False
        self.searched = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self.transport: Any = transport
        transport.write(b"220 sink\r\n")  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        """Take all that is complete, and answer it in one write."""
        self.buffer += data
        answers = b"".join(iter(self._next, None))
        if answers:
            self.transport.write(answers)

    def _next(self) -> bytes | None:
        return self._body() if self.in_body else self._command()

    def _body(self) -> bytes | None:
        end = self.buffer.find(END, self.searched)
        if end < 0:
            self.searched = max(0, len(self.buffer) - len(END))
            return None
        self.office.take(self.recipient, bytes(self.buffer[:end]))
        del self.buffer[: end + len(END)]
        self.in_body, self.searched = False, 0
        return b"250 OK id=%d\r\n" % self.office.taken.messages

    def _command(self) -> bytes | None:
        end = self.buffer.find(b"\r\n")
        if end < 0:
            return None
        line = bytes(self.buffer[:end])
        del self.buffer[: end + 2]
        return self._answer(line, line[:4].upper())

    def _answer(self, line: bytes, verb: bytes) -> bytes:
        match verb:
            case b"RCPT":
                self.recipient = line
            case b"DATA":
                self.in_body = True
                return b"354 go on\r\n"
            case b"EHLO":
                return b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
            case b"XTEL":
                return b"250 " + json.dumps(asdict(self.office.taken)).encode() + b"\r\n"
            case b"XNEW":
                self.office.reset()
            case b"XEND":
                self.office.stopped.set()
            case b"QUIT":
                self.transport.write(b"221 bye\r\n")
                self.transport.close()
                return b""
        return b"250 OK\r\n"


async def serve(folder: Path, watched: int) -> None:
    """Listen on a free port, name it in FOLDER/port, and stay until told or orphaned."""
    office = Office(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(office), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    (folder / "port.new").write_text(str(port))
    (folder / "port.new").rename(folder / "port")
    while not office.stopped.is_set() and Path(f"/proc/{watched}").exists():
        with suppress(TimeoutError):
            await asyncio.wait_for(office.stopped.wait(), WATCH_SECONDS)
    server.close()


class Sink:
    """The sink as seen from the benchmark."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port

    def taken(self) -> Taken:
        """What has arrived since the last reset."""
        return Taken(**json.loads(self._ask("XTEL")))

    def reset(self) -> None:
        """Begin to count anew."""
        self._ask("XNEW")

    def stop(self) -> None:
        """End the process."""
        self._ask("XEND")

    def sample(self) -> bytes:
        """The first message since the last reset, headers and all."""
        return (self.folder / "sample.eml").read_bytes()

    def _ask(self, command: str) -> str:
        with smtplib.SMTP("127.0.0.1", self.port, timeout=30) as line:
            return line.docmd(command)[1].decode()


@contextmanager
def running_sink(folder: Path) -> Iterator[Sink]:
    """A sink for the length of the block, with its files in `folder`."""
    folder.mkdir()
    command = [sys.executable, "-m", "benchmarks.smtp_sink", str(folder), str(os.getpid())]
    subprocess.run(command, check=True)
    deadline = time.monotonic() + 30
    while not (folder / "port").exists():
        if time.monotonic() > deadline:
            raise TimeoutError("the SMTP sink did not come up")
        time.sleep(0.05)
    sink = Sink(folder, int((folder / "port").read_text()))
    try:
        yield sink
    finally:
        sink.stop()


def main() -> None:
    """Detach, then serve."""
    if os.fork():
        return
    os.setsid()
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))


if __name__ == "__main__":
    main()
