"""Quiet hours in SQL: whether the clock on somebody's wall stands in them, and when they are over.

The hours are read off the wall, on any day: what the clocks show twice is quiet twice, and quiet
hours that would begin or end at a time the clocks skip begin or end when they skip it.
"""

from datetime import timedelta

from journeys.moments import moment_sql

# However the clocks change, a message never waits for a moment that is over.
A_LITTLE = timedelta(minutes=1)


def is_quiet_sql(wall: str, begins: str, ends: str) -> str:
    """SQL: whether this time of day is between those two, over midnight if need be."""
    return (
        f"CASE WHEN {begins} < {ends} THEN {wall} >= {begins} AND {wall} < {ends}"
        f" ELSE {wall} >= {begins} OR {wall} < {ends} END"
    )


def quiet_end_sql(at: str, ends: str, zone: str = "zone.name") -> str:
    """SQL: the moment at which the quiet hours that are on are over there, always after `at`."""
    local = f"(({at}) AT TIME ZONE ({zone}))"
    day = f"({local}::date + CASE WHEN {local}::time >= {ends} THEN 1 ELSE 0 END)"
    first = moment_sql(day, ends, zone)
    # Of a time that comes twice the database takes the second.
    second = f"(({day} + {ends}) AT TIME ZONE ({zone}))"
    return (
        f"CASE WHEN ({first}) > ({at}) THEN ({first})"
        f" ELSE GREATEST({second}, ({at}) + interval '{A_LITTLE.seconds} seconds') END"
    )
