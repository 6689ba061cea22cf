"""Names that words about conditions and steps need, read once for a whole page of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

Names = TypeVar("Names")
_known: ContextVar[dict[str, Any] | None] = ContextVar("names read once", default=None)


@contextmanager
def names_read_once() -> Iterator[None]:
    """Inside, each kind of name is read at most once."""
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


def names(kind: str, read: Callable[[], Names]) -> Names:
    """The names of a kind; asked anew each time outside `names_read_once`."""
    known = _known.get()
    if known is None:
        return read()
    if kind not in known:
        known[kind] = read()
    found: Names = known[kind]
    return found
