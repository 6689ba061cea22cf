"""Runs owners' Liquid in child processes, so that a template can hurt nothing but its own rows."""

import atexit
import hashlib
import os
import select
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
from django.utils.translation import gettext as _

CHILD = Path(__file__).with_name("sandbox_child.py")
SECONDS_PER_ROW = 2.0  # the child ends itself at 1.5; this is the net below
SECONDS_TO_START = 30.0
IDLE_CHILDREN = 2
ROWS_PER_REQUEST = 200
# So many rows in a row that had to be stopped, and the rest of the batch is not tried.
STOPPED_IN_A_ROW = 3


@dataclass(frozen=True)
class RenderFailure:
    """One recipient's text could not be made: a stable code and a sentence."""

    code: str
    message: str


@dataclass(frozen=True)
class LiquidPart:
    """One Liquid source; `escapes` makes its values safe for HTML."""

    source: str
    escapes: bool


@dataclass(frozen=True)
class LiquidProgram:
    """The Liquid parts of one template version, rendered together for each recipient."""

    parts: tuple[LiquidPart, ...]

    @cached_property
    def key(self) -> str:
        """The same for the same sources, in any process."""
        told = msgspec.json.encode([(part.escapes, part.source) for part in self.parts])
        return hashlib.sha256(told).hexdigest()


@dataclass(frozen=True)
class SyntaxProblem:
    """What is wrong in one source: a code, the parser's word for it, the line from 1."""

    code: str
    detail: str
    line: int


class _Died(Exception):
    """The child was stopped, by its limits or by us."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def render_many(
    program: LiquidProgram, contexts: Sequence[dict[str, Any]]
) -> list[list[str] | RenderFailure]:
    """One list of texts (a text per part) for each context of plain data, in order.

    A row that takes more than two seconds or 256 MB fails alone.
    """
    results: list[list[str] | RenderFailure] = []
    stopped = 0
    while len(results) < len(contexts):
        if stopped >= STOPPED_IN_A_ROW:
            failure = _failure("gave_up", "")
            return results + [failure] * (len(contexts) - len(results))
        batch = contexts[len(results) : len(results) + ROWS_PER_REQUEST]
        for answer in _ask(
            {
                "op": "render",
                "key": program.key,
                "parts": [(part.escapes, part.source) for part in program.parts],
                "contexts": batch,
            },
            len(batch),
        ):
            was_stopped = answer.get("code") in ("memory", "too_slow")
            stopped = stopped + 1 if was_stopped else 0
            results.append(_result(answer))
    return results


def check(sources: Sequence[str]) -> list[SyntaxProblem | None]:
    """What is wrong with each source, or None; parsed in the child, for a parser has no limits."""
    results: list[SyntaxProblem | None] = []
    while len(results) < len(sources):
        rest = sources[len(results) :]
        for answer in _ask({"op": "check", "sources": rest}, len(rest)):
            if "code" in answer:
                results.append(SyntaxProblem("too_deep", "", 1))
                continue
            problem = answer["problem"]
            results.append(SyntaxProblem(**problem) if problem else None)
    return results


def _result(answer: dict[str, Any]) -> list[str] | RenderFailure:
    if "texts" in answer:
        return list(answer["texts"])
    return _failure(answer["code"], answer["detail"])


def _failure(code: str, detail: str) -> RenderFailure:
    sentences = {
        "too_slow": _("Filling in the template took too long, so it was stopped."),
        "memory": _("Filling in the template took too much memory, so it was stopped."),
        "too_large": _("The template makes too much text or goes round too often."),
        "too_deep": _("The template is nested too deeply."),
        "gave_up": _("The template had to be stopped several times, so it was not tried again."),
    }
    sentence = sentences.get(code) or _("The template could not be filled in: %(detail)s.") % {
        "detail": detail
    }
    return RenderFailure(f"template_{code}", sentence)


def _ask(request: dict[str, Any], count: int) -> list[dict[str, Any]]:
    """Up to `count` answers; fewer when the child had to be stopped, whose row is the last."""
    child = _take()
    answers: list[dict[str, Any]] = []
    try:
        child.send(request)
        while len(answers) < count:
            answers.append(child.receive(SECONDS_PER_ROW))
            if answers[-1].get("code") == "memory":
                child.stop()
                return answers
    except _Died as died:
        child.stop()
        return [*answers, {"code": died.code, "detail": ""}]
    except BaseException:
        child.stop()
        raise
    _give_back(child)
    return answers


class _Child:
    """One sandbox process and the two pipes to it."""

    def __init__(self) -> None:
        kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
        self.process = subprocess.Popen(  # noqa: S603 - our own file, by our own interpreter
            [sys.executable, "-I", "-B", str(CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"LANG": "C.UTF-8", "TZ": "UTC", **kept},
            cwd="/",
            bufsize=0,
            start_new_session=True,  # Ctrl-C in the terminal is the parent's to handle
        )
        self._buffer = bytearray()
        if self.process.stdin is None or self.process.stdout is None:
            raise OSError("no pipes")
        self._to_child = self.process.stdin.fileno()
        self._from_child = self.process.stdout.fileno()
        try:
            self.receive(SECONDS_TO_START)
        except _Died as died:
            self.stop()
            raise OSError(_("The template sandbox did not start.")) from died

    def send(self, message: dict[str, Any]) -> None:
        """Write one frame; raises _Died when nobody reads it."""
        body = msgspec.msgpack.encode(message)
        rest = memoryview(struct.pack(">I", len(body)) + body)
        try:
            while rest:
                rest = rest[os.write(self._to_child, rest) :]
        except OSError:
            raise _Died("memory") from None

    def receive(self, seconds: float) -> dict[str, Any]:
        """The next frame; raises _Died when it does not come in time."""
        deadline = time.monotonic() + seconds
        (size,) = struct.unpack(">I", self._read(4, deadline))
        message: dict[str, Any] = msgspec.msgpack.decode(self._read(size, deadline))
        return message

    def _read(self, size: int, deadline: float) -> bytes:
        poll = select.poll()
        poll.register(self._from_child, select.POLLIN)
        while len(self._buffer) < size:
            left = deadline - time.monotonic()
            if left <= 0 or not poll.poll(left * 1000):
                raise _Died("too_slow")
            chunk = os.read(self._from_child, 1 << 16)
            if not chunk:
                raise _Died(self._cause())
            self._buffer += chunk
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _cause(self) -> str:
        ended_by_alarm = self.process.wait(5) == -14
        return "too_slow" if ended_by_alarm else "memory"

    def stop(self) -> None:
        """End the process now and forget its pipes."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


_lock = threading.Lock()
_idle: list[_Child] = []
_foreign: list[_Child] = []


def _take() -> _Child:
    with _lock:
        if _idle:
            return _idle.pop()
    return _Child()


def _give_back(child: _Child) -> None:
    with _lock:
        if len(_idle) < IDLE_CHILDREN:
            _idle.append(child)
            return
    child.stop()


def _forget_parents() -> None:
    """After a fork the children belong to the parent: two users of one pipe would mix rows."""
    global _lock
    _lock = threading.Lock()
    _foreign.extend(_idle)
    _idle.clear()


def close() -> None:
    """Stop the idle children of this process."""
    with _lock:
        children = list(_idle)
        _idle.clear()
    for child in children:
        child.stop()


os.register_at_fork(after_in_child=_forget_parents)
atexit.register(close)
