"""Why a person got a mail of a journey, or did not: its row, and what the guards would say now."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F

from campaigns.metrics import visit_of
from campaigns.models import Message
from campaigns.policy import Verdict, judge
from journeys.contracts import Objection, Sending, SendingSource, sending_sources
from journeys.contracts.sendings import State
from tenants.context import current_workspace

MOST = 100
Status = Message.Status
STATES: Mapping[str, State] = {
    Status.QUEUED: "waiting",
    Status.CLAIMED: "waiting",
    Status.CALLING: "waiting",
    Status.RETRY: "waiting",
    Status.DEFERRED: "held_back",
    Status.HELD: "held_back",
    Status.SKIPPED: "skipped",
    Status.FAILED: "failed",
    Status.IN_DOUBT: "in_doubt",
}
# The guards have not let these go yet.
TO_BE_JUDGED = (Status.QUEUED, Status.CLAIMED, Status.RETRY, Status.DEFERRED, Status.HELD)


def sendings(contact_id: UUID, journey_id: UUID, now: datetime) -> Sequence[Sending]:
    """The mails that this journey queued for this person, newest first."""
    found = Message.objects.filter(contact=contact_id, journey_id=journey_id)
    rows = list(
        found.annotate(name=F("template_version__template__name")).order_by("-queued_at", "-pk")[
            :MOST
        ]
    )
    asked = [row.pk for row in rows if row.status in TO_BE_JUDGED]
    verdicts = judge(ids=asked, workspace=current_workspace(), now=now) if asked else {}
    return [_sending(row, verdicts.get(row.pk)) for row in rows if row.enrolment_id]


def _sending(row: Message, verdict: Verdict | None) -> Sending:
    assert row.enrolment_id  # noqa: S101  those of no run are left out
    state = STATES.get(row.status, "sent")
    return Sending(
        enrolment_id=row.enrolment_id,
        step_id=row.step_id,
        visit=visit_of(row.send_key),
        name=row.name,  # type: ignore[attr-defined]
        state=state,
        label=row.get_status_display(),
        queued_at=row.queued_at,
        sent_at=row.sent_at,
        until=row.due_at if state == "held_back" else None,
        code=row.reason,
        sentence=row.reason_text,
        objection=_objection(verdict),
    )


def _objection(verdict: Verdict | None) -> Objection | None:
    if verdict is None or verdict.guard is None:
        return None
    return Objection(verdict.guard.key, str(verdict.guard.sentence), verdict.until)


sending_sources.register(SendingSource("mail", sendings))
