"""Names that words about conditions need, read once for a whole page of them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

Names = Mapping[str, str]
_known: ContextVar[dict[str, Names] | None] = ContextVar("names read once", default=None)


@contextmanager
def names_read_once() -> Iterator[None]:
    """Inside, each kind of name is read at most once."""
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


def names(kind: str, read: Callable[[], Names]) -> Names:
    """The names of a kind by key; asked anew each time outside `names_read_once`."""
    known = _known.get()
    if known is None:
        return read()
    if kind not in known:
        known[kind] = read()
    return known[kind]
