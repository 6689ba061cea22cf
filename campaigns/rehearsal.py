"""Mails in rehearsals: asked of the real policy and filled in for real, and nothing leaves."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Min, QuerySet

from campaigns import policy
from campaigns.metrics import visit_of
from campaigns.models import Message
from campaigns.rehearsal_drawing import Drawing, draw
from contacts.merging import note_shown
from journeys.contracts import (
    Casting,
    Hold,
    Outbox,
    OutboxKind,
    RehearsedMessage,
    Verdict,
    outboxes,
)
from tenants.context import current_workspace

Status = Message.Status
WAITING = (Status.QUEUED, Status.RETRY, Status.DEFERRED)
VERDICTS: dict[str, Verdict] = {
    Status.QUEUED: "waiting",
    Status.DEFERRED: "deferred",
    Status.SKIPPED: "skipped",
    Status.FAILED: "failed",
}
# A guard that defers says a later time; should one not, it is asked again after this.
LATER = timedelta(minutes=1)


class Mails(Outbox):
    """The mails of one rehearsal, as rows like any other, in the transaction that is undone."""

    def __init__(self, casting: Casting) -> None:
        self.casting = casting
        self.workspace = current_workspace("A rehearsal")
        self.holds: dict[UUID, list[Hold]] = {}
        self.drawings: dict[UUID, Drawing] = {}
        of_contact = Message.objects.filter(contact_id=casting.contact_id)
        self.mine = of_contact.filter(journey_id=casting.journey_id)
        self.mine._raw_delete(using=self.mine.db)
        self.later = self._hide(of_contact)

    def _hide(self, of_contact: "QuerySet[Message]") -> list[tuple[datetime, UUID]]:
        """What was sent after the beginning counts only once its time has come; the last first."""
        sent = of_contact.filter(sent_at__gt=self.casting.begins).order_by("-sent_at", "-pk")
        found = [(at, pk) for at, pk in sent.values_list("sent_at", "pk") if at]
        if found:
            Message.objects.filter(pk__in=[pk for _at, pk in found]).update(contact=None)
        return found

    def come_to(self, now: datetime) -> None:
        ripe = []
        while self.later and self.later[-1][0] <= now:
            ripe.append(self.later.pop()[1])
        if ripe:
            Message.objects.filter(pk__in=ripe).update(contact=self.casting.contact_id)

    def settle(self, now: datetime) -> int:
        due = self.mine.filter(status__in=WAITING, due_at__lte=now).order_by("lane", "pk")
        due = due.select_related("template_version")
        rows = list(due)
        for row in rows:
            self._decide(row, now)
        return len(rows)

    def _decide(self, row: Message, now: datetime) -> None:
        if self.casting.draws and not self._draw(row, now):
            return
        verdict = policy.ask(ids=[row.pk], workspace=self.workspace, now=now)[row.pk]
        guard = verdict.guard
        if guard:
            until = verdict.until if guard.action == "defer" else None
            hold = Hold(guard.key, str(guard.sentence), now, until)
            self.holds.setdefault(row.pk, []).append(hold)
        if guard is None or not self.casting.heeds_guards:
            row.status, row.reason, row.reason_text, row.sent_at = Status.ACCEPTED, "", "", now
            self._note_shown(row, now)
        elif guard.action == "defer":
            row.status, row.reason, row.reason_text = Status.DEFERRED, guard.key, hold.words
            row.due_at = max(hold.until or now, now + LATER)
        else:
            row.status, row.reason, row.reason_text = Status.SKIPPED, guard.key, hold.words
        row.save(update_fields=["status", "reason", "reason_text", "sent_at", "due_at"])

    def _draw(self, row: Message, now: datetime) -> bool:
        """Fill it in as it would be now; False when that fails, as sending would."""
        made = draw(row, self.workspace, now=now)
        if isinstance(made, Drawing):
            self.drawings[row.pk] = made
            row.destinations, row.drawn = list(made.destinations), dict(made.kept)
            row.save(update_fields=["destinations", "drawn"])
            return True
        row.status, (row.reason, row.reason_text) = Status.FAILED, made
        row.save(update_fields=["status", "reason", "reason_text"])
        return False

    def _note_shown(self, row: Message, now: datetime) -> None:
        drawing = self.drawings.get(row.pk)
        if drawing and drawing.kept:
            note_shown(shown=[(self.casting.contact_id, drawing.kept)], now=now)

    def next_due(self) -> datetime | None:
        found: datetime | None = self.mine.filter(status__in=WAITING).aggregate(at=Min("due_at"))[
            "at"
        ]
        return found

    def messages(self) -> list[RehearsedMessage]:
        rows = self.mine.select_related("template_version__template").order_by("queued_at", "pk")
        return [self._told(row) for row in rows]

    def _told(self, row: Message) -> RehearsedMessage:
        assert row.enrolment_id  # noqa: S101  whatever a journey sends belongs to a run
        return RehearsedMessage(
            id=row.pk,
            enrolment_id=row.enrolment_id,
            step_id=row.step_id,
            visit=visit_of(row.send_key),
            name=row.template_version.template.name,
            queued_at=row.queued_at,
            verdict=VERDICTS.get(row.status, "send"),
            reason=row.reason,
            reason_words=row.reason_text,
            sent_at=row.sent_at,
            until=row.due_at if row.status == Status.DEFERRED else None,
            holds=tuple(self.holds.get(row.pk, ())),
            drawn=drawing.mail if (drawing := self.drawings.get(row.pk)) else None,
        )


outboxes.register(OutboxKind("mail", Mails))
