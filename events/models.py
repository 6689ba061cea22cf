"""What happened: an append-only log, and what came in by webhook, raw, before it is read."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7


class Event(models.Model):
    """One fact about one contact. Its content never changes; its state does, once."""

    class State(models.IntegerChoices):
        PENDING = 0, _("Waiting")
        DONE = 1, _("Processed")
        FAILED = 2, _("Failed")

    # Who sent it and its id there: the same message twice is one event.
    source = models.CharField(max_length=40)
    message_id = models.CharField(max_length=200)
    type = models.CharField(max_length=100)
    # Set by whoever records the event when known, else by the identity consumer. A plain column:
    # contacts are a floor above, and a fact outlives the contact it was about.
    contact_id = models.UUIDField(null=True)
    # {"email": ..., "external_id": ..., "anonymous_id": ..., "phone": ...}, whatever was given.
    identifiers = models.JSONField(default=dict)
    data = models.JSONField(default=dict)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    state = models.SmallIntegerField(choices=State, default=State.PENDING)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            # record() relies on it: a repeated delivery changes nothing.
            models.UniqueConstraint(fields=["source", "message_id"], name="event_once"),
        ]
        indexes = [
            # drain() claims the oldest waiting ones.
            models.Index(fields=["id"], condition=models.Q(state=0), name="event_waiting"),
            # The page of failed events.
            models.Index(fields=["id"], condition=models.Q(state=2), name="event_failed"),
            # The timeline of a contact and "did / did not" conditions.
            models.Index(fields=["contact_id", "type", "-occurred_at"], name="event_of_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.message_id}"


class InboundDelivery(models.Model):
    """One webhook call as it came in: stored before it is read, so that nothing of it is lost."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Processed")
        FAILED = "failed", _("Failed")
        IGNORED = "ignored", _("Not used")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Who reads it: a key of events.contracts.inbound_kinds.
    kind = models.CharField(max_length=20)
    # The account or shop it came through.
    door = models.CharField(max_length=60)
    # The sender's own id of the call, else a hash of the body.
    delivery_id = models.CharField(max_length=100)
    # Only those that reading it needs.
    headers = models.JSONField(default=dict)
    query = models.CharField(max_length=2000, blank=True)
    body = models.BinaryField()
    received_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    # Why it failed, waits or was not used, as a sentence.
    error = models.CharField(max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # When it is read next; once that is over, when it is deleted.
    due_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            # receive() relies on it: a repeated call stores nothing new.
            models.UniqueConstraint(
                fields=["kind", "door", "delivery_id"], name="inbound_delivery_once"
            ),
        ]
        indexes = [
            # The drain claims, the clean-up deletes, and the lane looks when either is next due.
            models.Index(fields=["due_at"], name="inbound_delivery_due"),
            # The page of deliveries that failed or were not used.
            models.Index(
                fields=["state", "-id"],
                condition=models.Q(state__in=["failed", "ignored"]),
                name="inbound_delivery_odd",
            ),
            # When an account or shop was last heard of.
            models.Index(fields=["door", "-received_at"], name="inbound_delivery_of_door"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.delivery_id}"
