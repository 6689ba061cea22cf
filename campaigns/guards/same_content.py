"""Nobody gets the same content twice.

Content is subject and body, in whichever template or version. A campaign never repeats what the
person was sent by anything that is no transactional mail; a journey may after 30 days, so that a
birthday or a win-back can come again, and at once where its run is about one thing of many: two
carts of one person are two runs of the same words with other things in them.

What is leaving in the same group counts as sent, even if it is then held back: rather one mail
too few than the same one twice.
"""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from contacts.send_guards import Guard, guards
from journeys.contracts import is_keyed
from tenants.models import Workspace

REPEATS_AFTER = timedelta(days=30)
HAD = """EXISTS (
    SELECT 1 FROM campaigns_message AS had
      JOIN campaigns_templateversion AS theirs ON theirs.id = had.template_version_id
      JOIN campaigns_templateversion AS ours ON ours.content = theirs.content
     WHERE ours.id = m.template_version_id AND had.contact_id = m.contact_id
       AND had.lane > 0 AND had.id <> m.id AND had.status <> 'bounced'
       AND (CASE WHEN m.lane = 2 THEN had.sent_at IS NOT NULL
                 ELSE had.sent_at > %(now)s - %(repeats_after)s END
            OR had.status IN ('calling', 'in_doubt')
            OR had.id = ANY(%(group)s) AND (had.lane, had.id) < (m.lane, m.id)))"""


def parameters(_workspace: Workspace) -> dict[str, Any]:
    """How long a journey keeps from repeating itself."""
    return {"repeats_after": REPEATS_AFTER}


guards.register(
    Guard(
        key="same_content",
        order=45,
        label=_("Same content"),
        sentence=_("This person was sent the same mail before."),
        objects=(
            f"(m.lane > 0 AND {HAD}"
            f" AND NOT (m.enrolment_id IS NOT NULL AND {is_keyed('m.enrolment_id')}))"
        ),
        parameters=parameters,
    )
)
