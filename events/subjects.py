"""Who an event is about: a higher floor says which ids it knows."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from core.registry import Registry


@dataclass(frozen=True)
class SubjectKind:
    """Those who can have events; `known` picks the ids that exist in this workspace."""

    key: str
    known: Callable[[set[UUID]], set[UUID]]


subject_kinds: Registry[SubjectKind] = Registry("event subjects")


def unknown_subjects(ids: set[UUID]) -> set[UUID]:
    """Those of the ids that nobody knows in this workspace."""
    for kind in subject_kinds:
        ids = ids - kind.known(ids) if ids else ids
    return ids
