"""The child process that runs owners' Liquid; started by `sandbox.py`, never imported by Django.

It speaks msgpack frames (four bytes of length, big-endian) on its first two file descriptors. It
holds no settings, no secrets and no connections, and the operating system holds its limits.
"""

import os
import re
import resource
import signal
import struct
import sys
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import msgspec
from liquid import BoundTemplate, Environment
from liquid.builtin.filters.misc import date as liquid_date
from liquid.exceptions import LiquidError, ResourceLimitError
from liquid.filter import with_environment

MEMORY_ABOVE_BASE = 256 * 1024 * 1024
SECONDS_PER_ROW = 1.5
PROGRAMS_KEPT = 32

# Tags that would read other templates; `content`, `output` and `illegal` are the parser's own.
TAGS_LEFT_OUT = ("include", "render")
# `safe` would let a contact's own words into a mail unescaped.
FILTERS_LEFT_OUT = ("safe",)
# A width of three digits or more in a date format is a bomb, not a date.
_WIDE_FORMAT = re.compile(r"%[-_0^#]*\d{3}")
_DATE_FORMAT_MAX = 200
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

Parts = list[tuple[bool, str]]


class OwnersEnvironment(Environment):
    """Liquid with limits: depth 30, 10,000 rounds, 1 MB of variables, 500 kB of output."""

    block_nesting_limit = 30
    context_depth_limit = 30
    loop_iteration_limit = 10_000
    local_namespace_limit = 1_000_000
    output_stream_limit = 500_000

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Register the standard tags and filters, without those that reach outside."""
        super().setup_tags_and_filters(extra=extra)
        for tag in TAGS_LEFT_OUT:
            self.tags.pop(tag, None)
        for name in FILTERS_LEFT_OUT:
            self.filters.pop(name, None)
        self.filters["date"] = _date
        if not self.autoescape:
            # Plain text and subjects are not HTML: there `escape` has nothing to do.
            self.filters["escape"] = self.filters["escape_once"] = _same


def _same(value: Any) -> Any:
    return value


@with_environment
def _date(value: Any, fmt: Any = "%Y-%m-%d", *, environment: Environment) -> Any:
    text = str(fmt)
    if len(text) > _DATE_FORMAT_MAX or _WIDE_FORMAT.search(text):
        return value
    try:
        return liquid_date(value, text, environment=environment)
    except (ValueError, OverflowError, LiquidError):
        return value


ENVIRONMENTS = {escapes: OwnersEnvironment(autoescape=escapes) for escapes in (True, False)}
_programs: OrderedDict[str, list[BoundTemplate]] = OrderedDict()


def _clean(value: Any) -> Any:
    """The same data without control characters, which the compiler uses as its own marks."""
    if isinstance(value, str):
        return value if value.isprintable() else _CONTROL.sub("", value)
    if isinstance(value, dict):
        return {str(key): _clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return value


def _program(key: str, parts: Parts) -> list[BoundTemplate]:
    if key not in _programs:
        _programs[key] = [ENVIRONMENTS[escapes].from_string(text) for escapes, text in parts]
        while len(_programs) > PROGRAMS_KEPT:
            _programs.popitem(last=False)
    return _programs[key]


def _render(key: str, parts: Parts, context: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"texts": [part.render(**_clean(context)) for part in _program(key, parts)]}
    except MemoryError:
        return {"code": "memory", "detail": ""}
    except ResourceLimitError as error:
        return {"code": "too_large", "detail": _detail(error)}
    except RecursionError:
        return {"code": "too_deep", "detail": ""}
    except LiquidError as error:
        return {"code": "liquid", "detail": _detail(error)}
    except Exception as error:
        return {"code": "failed", "detail": type(error).__name__}


def _detail(error: Exception) -> str:
    return str(getattr(error, "message", error)).partition("\n")[0][:200]


def _check(source: str) -> dict[str, Any] | None:
    """What is wrong with one source, or None."""
    environment = ENVIRONMENTS[True]
    try:
        found = environment.from_string(source).analyze()
    except (RecursionError, MemoryError):
        return {"code": "too_deep", "detail": "", "line": 1}
    except LiquidError as error:
        return {"code": "syntax", "detail": _detail(error), "line": _line(source, error)}
    for name, spans in found.filters.items():
        if name not in environment.filters:
            line = source.count("\n", 0, spans[0].index) + 1
            return {"code": "unknown_filter", "detail": name, "line": line}
    return None


def _line(source: str, error: LiquidError) -> int:
    start = getattr(error.token, "start_index", 0) if error.token else 0
    return source.count("\n", 0, max(start, 0)) + 1


def _answers(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if request["op"] == "check":
        for source in request["sources"]:
            signal.setitimer(signal.ITIMER_REAL, SECONDS_PER_ROW)
            yield {"problem": _check(source)}
        return
    for context in request["contexts"]:
        # The default action of SIGALRM ends the process, even inside one long call into C.
        signal.setitimer(signal.ITIMER_REAL, SECONDS_PER_ROW)
        yield _render(request["key"], request["parts"], context)


def _limit() -> None:
    with open("/proc/self/statm", encoding="ascii") as statm:
        pages = int(statm.read().split()[0])
    most = pages * os.sysconf("SC_PAGE_SIZE") + MEMORY_ABOVE_BASE
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))


def _read(size: int) -> bytes:
    chunks = []
    while size:
        chunk = os.read(0, min(size, 1 << 20))
        if not chunk:
            sys.exit(0)
        chunks.append(chunk)
        size -= len(chunk)
    return b"".join(chunks)


def _write(message: dict[str, Any]) -> None:
    body = msgspec.msgpack.encode(message)
    rest = memoryview(struct.pack(">I", len(body)) + body)
    while rest:
        rest = rest[os.write(1, rest) :]


def main() -> None:
    """Answer requests until the parent goes away."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The parts used by every date: loaded before the file limits bite.
    ENVIRONMENTS[True].from_string("{{ '2026-01-01' | date: '%d' }}").render()
    _limit()
    _write({"ready": True})
    while True:
        (size,) = struct.unpack(">I", _read(4))
        for answer in _answers(msgspec.msgpack.decode(_read(size))):
            signal.setitimer(signal.ITIMER_REAL, 0)
            _write(answer)
            if answer.get("code") == "memory":
                sys.exit(1)


if __name__ == "__main__":
    main()
