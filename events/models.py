"""What happened: an append-only log, and where each entry stands in its processing."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


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
