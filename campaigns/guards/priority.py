"""Of several messages that wait for one person, the most important go while the cap has room.

Journeys go before campaigns, and among journeys the more important ones first. Whoever would take
the room of a message that is about to go stands back for a moment and asks again: by then that one
has gone, or something else kept it from going.
"""

from django.utils.translation import gettext_lazy as _

from campaigns.guards.frequency import RECENT, parameters
from contacts.send_guards import Guard, guards
from journeys.contracts import priority

# Those that leave together with this one are counted among the recent.
AHEAD = f"""
    SELECT 1 FROM campaigns_message AS ahead
     WHERE ahead.contact_id = m.contact_id AND ahead.lane > 0 AND ahead.sent_at IS NULL
       AND ahead.status IN ('queued', 'claimed', 'retry', 'deferred')
       AND ahead.due_at <= %(now)s + interval '1 minute'
       AND ahead.id <> ALL(%(group)s)
       AND (ahead.lane, {priority("ahead.enrolment_id")})
           < (m.lane, {priority("m.enrolment_id")})"""

guards.register(
    Guard(
        key="outranked",
        order=52,
        label=_("A more important message first"),
        sentence=_("A more important message to this person goes first; this one waits for it."),
        objects=(
            f"(m.lane > 0 AND EXISTS ({AHEAD})"
            f" AND (SELECT count(*) FROM ({RECENT}) AS recent)"
            f" + (SELECT count(*) FROM ({AHEAD}) AS ahead) >= %(cap_messages)s)"
        ),
        action="defer",
        until="%(now)s + interval '1 minute'",
        parameters=parameters,
    )
)
