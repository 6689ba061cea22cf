"""What tests came to: branches against each other, and drafts against history."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7
from journeys.models.journey import Journey, JourneyVersion


class SplitDecision(models.Model):
    """What an A/B test came to, by its own rule or by a person: one for as long as it is the same.

    Another test begins when its settings or what its variants do change, which `digest` tells.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # The constraint begins with it.
    journey = models.ForeignKey(
        Journey, models.CASCADE, related_name="split_decisions", db_index=False
    )
    step_id = models.CharField(max_length=16)
    digest = models.CharField(max_length=32)
    # The winner; null when somebody stopped the test without one.
    lane = models.PositiveSmallIntegerField(null=True)
    # Whether everybody who comes to the step is sent there.
    is_followed = models.BooleanField(default=False)
    decided_at = models.DateTimeField()
    # Null and "" where the rule decided.
    decided_by_id = models.UUIDField(null=True)
    decided_by_name = models.CharField(max_length=120, blank=True)
    # Of each variant then: people, successes, chance to be best.
    figures = models.JSONField(default=list)

    class Meta:
        constraints = [
            # Deciding twice is deciding once; each batch at the step asks for it.
            models.UniqueConstraint(fields=["journey", "step_id", "digest"], name="decided_once"),
        ]

    def __str__(self) -> str:
        return f"{self.journey_id} {self.step_id}"


class Replay(models.Model):
    """What a draft would have done with the events of the last weeks; rehearsed, never done."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")

    OPEN = (Status.WAITING, Status.RUNNING)
    DAYS = (30, 90)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    journey = models.ForeignKey(Journey, models.CASCADE, related_name="replays")
    # The draft as it was, whatever becomes of it meanwhile.
    definition = models.JSONField()
    draft_revision = models.PositiveIntegerField()
    # What it is compared with; null when nothing else is live.
    live_version = models.ForeignKey(
        JourneyVersion, models.CASCADE, null=True, related_name="+", db_index=False
    )
    days = models.PositiveSmallIntegerField()
    # Where its clock stops.
    asked_at = models.DateTimeField()
    asked_by_id = models.UUIDField(null=True)
    asked_by_name = models.CharField(max_length=120, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    # People looked at, of how many; the last of them in the order of their ids.
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    cursor = models.UUIDField(null=True)
    # When a worker last wrote what it had done.
    progressed_at = models.DateTimeField(null=True)
    # Slices begun since: one that kills its worker each time must end some day.
    attempts = models.PositiveSmallIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    # The figures of the draft and of what is live (journeys.replaying.tally).
    result = models.JSONField(default=dict)
    # Some of the people behind each figure.
    samples = models.JSONField(default=dict)

    class Meta:
        constraints = [
            # Two who ask at once get one; the bulk lane finds what is open.
            models.UniqueConstraint(
                fields=["journey"],
                condition=Q(status__in=["waiting", "running"]),
                name="replay_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.journey_id} {self.days} days"
