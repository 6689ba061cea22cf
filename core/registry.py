"""One generic registry: a lower floor owns it, plug-ins put themselves in."""

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar


class Keyed(Protocol):
    """Anything with a stable, unique key."""

    @property
    def key(self) -> str: ...


T = TypeVar("T", bound=Keyed)


class AlreadyRegistered(LookupError):
    """Two plug-ins claimed the same key."""


class NotRegistered(LookupError):
    """Nobody registered this key."""


class Registry(Generic[T]):
    """Plug-ins by key, in the order they were registered; a duplicate key raises."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._items: dict[str, T] = {}

    def register(self, item: T) -> T:
        """Add one plug-in and return it; raises AlreadyRegistered when its key is taken."""
        if item.key in self._items:
            raise AlreadyRegistered(f"{self.name}: {item.key!r} is registered twice.")
        self._items[item.key] = item
        return item

    def get(self, key: str) -> T:
        """The plug-in with this key; raises NotRegistered."""
        try:
            return self._items[key]
        except KeyError:
            raise NotRegistered(f"{self.name}: nothing is registered as {key!r}.") from None

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __iter__(self) -> Iterator[T]:
        return iter(self._items.values())

    def __len__(self) -> int:
        return len(self._items)

    def keys(self) -> list[str]:
        """The registered keys, in order of registration."""
        return list(self._items)
