"""Automations: the draft, the versions, when they ran, and the ways in that are live."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7


class Journey(models.Model):
    """An automation: its draft, and the version that runs."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        LIVE = "live", _("Live")
        PAUSED = "paused", _("Paused")
        ARCHIVED = "archived", _("Archived")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(_("description"), max_length=300, blank=True)
    recipe = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    live_version = models.ForeignKey(
        "journeys.JourneyVersion", models.PROTECT, null=True, related_name="+"
    )
    draft = models.JSONField(default=dict)
    draft_revision = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("journey")
        verbose_name_plural = _("journeys")

    def __str__(self) -> str:
        return self.name


class JourneyVersion(models.Model):
    """A published definition, frozen, with its compiled step table."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    journey = models.ForeignKey(Journey, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    compiled = models.JSONField()
    # Beside the table of steps, which is large: whatever is about to be sent asks for them.
    settings = models.GeneratedField(
        expression=KeyTransform("settings", "compiled"),
        output_field=models.JSONField(),
        db_persist=True,
    )
    # For so long after their start runs reach the goal, also those that have ended; null where
    # the goal does not say.
    goal_days = models.GeneratedField(
        expression=Cast(
            KeyTextTransform("within_days", KeyTransform("goal", "compiled")),
            models.IntegerField(),
        ),
        output_field=models.IntegerField(null=True),
        db_persist=True,
    )
    # The event types its goal and exits act on, "*" for all; read when events come in.
    listens = ArrayField(models.CharField(max_length=100), default=list)
    published_at = models.DateTimeField(default=timezone.now)
    published_by_id = models.UUIDField(null=True)
    published_by_name = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            # Two people publishing at once: one of them gets the number.
            models.UniqueConstraint(fields=["journey", "number"], name="version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.journey_id} v{self.number}"


class LivePeriod(models.Model):
    """A stretch of time in which a journey ran: from going live to being paused or put away."""

    journey = models.ForeignKey(Journey, models.CASCADE, related_name="live_periods")
    began_at = models.DateTimeField()
    # Null while it runs.
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # Two people resuming at once begin one stretch.
            models.UniqueConstraint(
                fields=["journey"], condition=Q(ended_at__isnull=True), name="live_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.journey_id} from {self.began_at}"


class LiveEntry(models.Model):
    """One entry of one live version, indexed by what wakes it; rewritten when publishing."""

    journey = models.ForeignKey(Journey, models.CASCADE, related_name="live_entries")
    version = models.ForeignKey(JourneyVersion, models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=40)
    # The event type that may start it; "" for manual and time-born entries.
    event_type = models.CharField(max_length=100, blank=True)
    config = models.JSONField(default=dict)
    # A tree of conditions for whom it opens; empty is everybody.
    only = models.JSONField(default=dict)
    # Of time-born entries alone: when it is looked at next, null for not before an event.
    due_at = models.DateTimeField(null=True)
    # Nobody whose moment was at or before this came in, but for a backlog.
    runs_from = models.DateTimeField(null=True)
    # Everybody whose moment was at or before this has been looked at; of those at that very
    # moment only up to `ran_past`, unless it is blank.
    ran_until = models.DateTimeField(null=True)
    ran_past = models.CharField(max_length=200, blank=True)
    # Why the last look failed, in words.
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            # Publishing replaces a journey's rows.
            models.UniqueConstraint(fields=["journey", "position"], name="live_entry_once"),
        ]
        indexes = [
            # The consumer looks entries up by the event types of its batch.
            models.Index(fields=["event_type"], name="live_entry_by_event"),
            # The lane takes those whose time has come; when the next one's comes.
            models.Index(
                fields=["due_at"], condition=Q(due_at__isnull=False), name="live_entry_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.journey_id} {self.kind}"
