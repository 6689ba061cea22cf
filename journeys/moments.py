"""Moments of time-born entries: in SQL by the rule of local_time.py, and when the next one comes.

A time the clocks skip is moved forward by the gap, a time that comes twice is the first of the two.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from contacts.models import Contact
from journeys.local_time import next_moment, zone_named


@dataclass(frozen=True)
class Scope:
    """For which stretch of time a time-born entry is asked: after `since`, up to and with `now`.

    Nobody is let in whose moment was before `begins`. Its SQL may use %(since)s, %(now)s,
    %(begins)s, %(journey)s, and `zone_join`.
    """

    since: datetime
    now: datetime
    begins: datetime
    journey_id: UUID
    timezone: ZoneInfo

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """What every entry's SQL is given."""
        return {
            "since": self.since,
            "now": self.now,
            "begins": self.begins,
            "journey": self.journey_id,
            **zone_parameters(str(self.timezone)),
        }

    def next_at(self, at: time) -> datetime:
        """When it is next `at` for the workspace, or in the zone of one of its contacts."""
        names = Contact.objects.exclude(timezone="").values_list("timezone", flat=True)
        zones = {zone_named(name) for name in names.distinct()} | {self.timezone}
        after = self.now + timedelta(microseconds=1)
        return min(next_moment(after, at, zone) for zone in zones if zone)


# Names that the database takes for abbreviations without summer time, by the same clocks.
ABBREVIATIONS = {
    "CET": "Europe/Brussels",
    "EET": "Europe/Athens",
    "MET": "Europe/Brussels",
    "WET": "Europe/Lisbon",
}


@lru_cache(maxsize=1)
def database_zones() -> Collection[str]:
    """The names of time zones that the database knows; one that it does not know would raise."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_timezone_names")
        return frozenset(row[0] for row in cursor.fetchall())


def zone_parameters(workspace_zone: str) -> dict[str, Any]:
    """What `zone_join` reads; UTC for a workspace whose zone the database does not know."""
    known = database_zones()
    zone = ABBREVIATIONS.get(workspace_zone, workspace_zone)
    return {"zone": zone if zone in known else "UTC", "zones": sorted(known)}


def zone_join(contact: str) -> str:
    """SQL: a join that adds `zone.name` for the contact in this alias, the workspace's zone where
    it has none.
    """
    name = f"{contact}.timezone"
    others = " ".join(f"WHEN {name} = '{old}' THEN '{new}'" for old, new in ABBREVIATIONS.items())
    return (
        f"CROSS JOIN LATERAL (SELECT CASE {others} WHEN {name} = ANY(%(zones)s) THEN {name}"
        " ELSE %(zone)s END AS name) AS zone"
    )


def moment_sql(day: str, at: str, zone: str = "zone.name") -> str:
    """SQL: the moment when it is `at` on that day in that zone, by the rule above."""
    local = f"(({day})::date + ({at})::time)"
    # As the clocks stood a day before: of a time that comes twice, this is the first.
    first = f"(({local} - interval '1 day') AT TIME ZONE ({zone}) + interval '24 hours')"
    # The database reads a skipped time by the clocks before the gap.
    return (
        f"CASE WHEN {first} AT TIME ZONE ({zone}) = {local} THEN {first}"
        f" ELSE {local} AT TIME ZONE ({zone}) END"
    )


def next_moment_sql(after: str, at: str, zone: str = "zone.name") -> str:
    """SQL: the moment of that time on the day `after` falls on there, or else on the next day."""
    local = f"(({after}) AT TIME ZONE ({zone}))"
    day = f"{local}::date + CASE WHEN {local}::time > ({at})::time THEN 1 ELSE 0 END"
    return moment_sql(day, at, zone)
