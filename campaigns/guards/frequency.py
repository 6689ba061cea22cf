"""The workspace's cap: so many marketing messages a person in so many days, from all sources.

Over the cap a message waits until the oldest of those in the window leaves it. One that has
waited a whole window past its queueing is dropped, since what it had to say is stale.
"""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from contacts.send_guards import Guard, guards
from tenants.models import Workspace

# Sent in the window, or about to be: this group's earlier messages to the same person count too.
RECENT = """
    SELECT sent.sent_at FROM campaigns_message AS sent
     WHERE sent.contact_id = m.contact_id AND sent.lane > 0
       AND sent.sent_at > %(now)s - %(cap_window)s
    UNION ALL
    SELECT %(now)s FROM campaigns_message AS other
     WHERE other.contact_id = m.contact_id AND other.lane > 0 AND other.sent_at IS NULL
       AND (other.status = 'calling'
            OR other.id = ANY(%(group)s) AND (other.lane, other.id) < (m.lane, m.id))"""
OVER = f"(m.lane > 0 AND (SELECT count(*) FROM ({RECENT}) AS recent) >= %(cap_messages)s)"


def parameters(workspace: Workspace) -> dict[str, Any]:
    """The cap as its owner set it."""
    return {
        "cap_messages": workspace.cap_messages,
        "cap_window": timedelta(days=workspace.cap_days),
    }


guards.register(
    Guard(
        key="cap_dropped",
        order=50,
        label=_("Too many messages, dropped"),
        sentence=_("This person had too many messages, and this one had waited too long."),
        objects=f"(m.queued_at < %(now)s - %(cap_window)s AND {OVER})",
        parameters=parameters,
    )
)
guards.register(
    Guard(
        key="frequency_cap",
        order=51,
        label=_("Too many messages"),
        sentence=_("This person has had enough messages for now; it waits its turn."),
        objects=OVER,
        action="defer",
        until=f"SELECT min(recent.sent_at) + %(cap_window)s FROM ({RECENT}) AS recent(sent_at)",
        parameters=parameters,
    )
)
