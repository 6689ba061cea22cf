"""A stretch of time that figures are of: the runs that began in it, whatever happened later."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from journeys.models import Enrolment


@dataclass(frozen=True, slots=True)
class Window:
    """Runs that began from `since` until just before `until`; None leaves that end open."""

    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_ever(self) -> bool:
        return self.since is None and self.until is None

    def began(self, run: str = "") -> Q:
        """As a filter on runs, or on rows that reach theirs by the prefix `run`."""
        found = Q()
        if self.since is not None:
            found &= Q(**{f"{run}started_at__gte": self.since})
        if self.until is not None:
            found &= Q(**{f"{run}started_at__lt": self.until})
        return found

    def made_by(self, journey_ids: Collection[UUID], run: str = "enrolment_id") -> Q:
        """As a filter on rows of these journeys that name the run that made them in column `run`.

        Rows of higher floors outlive their runs: for ever it asks for no run at all.
        """
        if self.is_ever:
            return Q()
        runs = Enrolment.objects.filter(self.began(), journey__in=journey_ids).order_by()
        return Q(**{f"{run}__in": runs.values("pk")})


EVER = Window()
