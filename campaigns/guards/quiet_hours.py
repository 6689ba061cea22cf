"""Nobody is written to in the quiet hours, by the clock where they are.

They are the workspace's, or those of the journey version that the message's run is in. What
people asked for is sent at any hour.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from contacts.send_guards import Guard, guards
from journeys.contracts import quiet_hours
from journeys.moments import zone_join, zone_parameters
from journeys.quiet import is_quiet_sql, quiet_end_sql
from tenants.models import Workspace

OF_MESSAGE = quiet_hours("m.enrolment_id", "%(quiet_from)s::time", "%(quiet_until)s::time")
HOURS = f"FROM {OF_MESSAGE} AS hours (begins, ends) {zone_join('c')}"
# Each looked up once, and the clock only where there are hours at all.
IS_QUIET = f"""EXISTS (
    SELECT 1 FROM (SELECT * FROM {OF_MESSAGE} AS own (begins, ends)
                    WHERE own.begins IS NOT NULL OFFSET 0) AS hours {zone_join("c")}
     CROSS JOIN LATERAL (SELECT (%(now)s AT TIME ZONE zone.name)::time AS wall OFFSET 0) AS clock
     WHERE {is_quiet_sql("clock.wall", "hours.begins", "hours.ends")})"""


def parameters(workspace: Workspace) -> dict[str, Any]:
    """The workspace's hours, and what its zones are called."""
    return {
        "quiet_from": workspace.quiet_from,
        "quiet_until": workspace.quiet_until,
        **zone_parameters(workspace.timezone),
    }


guards.register(
    Guard(
        key="quiet_hours",
        order=48,
        label=_("Quiet hours"),
        sentence=_("It is in this person's quiet hours; the message waits until they are over."),
        objects=(
            "(m.lane > 0 AND (m.enrolment_id IS NOT NULL OR %(quiet_from)s::time IS NOT NULL)"
            f" AND {IS_QUIET})"
        ),
        action="defer",
        until=f"SELECT {quiet_end_sql('%(now)s', 'hours.ends')} {HOURS}",
        parameters=parameters,
    )
)
