"""What steps may read, from the live database; each thing once for everybody in the batch."""

from collections.abc import Collection, Mapping
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from contacts.models import Contact
from journeys import trees
from journeys.contracts import Config, StepBatch


@lru_cache(maxsize=700)
def zone_named(name: str) -> ZoneInfo | None:
    """The time zone of that name; None when there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


class LiveStore:
    """Reads contacts of one claimed batch, at most once until something changed them."""

    def __init__(self, contact_ids: Collection[UUID], timezone: ZoneInfo) -> None:
        self._contact_ids = contact_ids
        self._timezone = timezone
        self._contacts: Mapping[UUID, Contact] | None = None
        self._zones: Mapping[UUID, ZoneInfo] | None = None

    def contacts(self, contact_ids: Collection[UUID]) -> Mapping[UUID, Contact]:
        """The contacts of the whole batch by id."""
        if self._contacts is None:
            self._contacts = Contact.objects.in_bulk(self._contact_ids)
        return self._contacts

    def zones(self, contact_ids: Collection[UUID]) -> Mapping[UUID, ZoneInfo]:
        """The zone of everyone in the batch, the workspace's where theirs is unknown."""
        if self._zones is None:
            rows = Contact.objects.filter(pk__in=self._contact_ids).values_list("pk", "timezone")
            self._zones = {
                pk: (zone_named(name) if name else None) or self._timezone for pk, name in rows
            }
        return self._zones

    def matching(
        self, contact_ids: Collection[UUID], tree: Config, batch: StepBatch
    ) -> Collection[UUID]:
        """Those for whom the tree holds, as of the batch's moment."""
        return trees.matching(
            contact_ids=contact_ids,
            tree=tree,
            now=batch.now,
            timezone=batch.timezone,
            journey_id=batch.journey_id,
        )

    def forget(self) -> None:
        """Read contacts again when next asked: a step has changed some."""
        self._contacts = self._zones = None
