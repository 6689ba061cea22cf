"""People on their way to a newer version, and drafts that go live at a set time."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.ids import uuid7
from journeys.models.journey import Journey, JourneyVersion


class VersionMove(models.Model):
    """People inside by earlier versions on their way to a later one, slice by slice."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    journey = models.ForeignKey(Journey, models.CASCADE, related_name="moves", db_index=False)
    # Where to; whoever stands in one with a lower number goes.
    version = models.ForeignKey(JourneyVersion, models.CASCADE, related_name="moves")
    # By the id of a step that the version lacks: the step to go to, null for leaving.
    mapping = models.JSONField(default=dict)
    # Whether those at a changed wait are asked again at once.
    asks_again = models.BooleanField(default=False)
    # Runs: inside when it was asked for, and what became of them so far.
    asked = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField(default=timezone.now)
    # When the next slice is taken; null once there is none.
    due_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # Two moves at once would pull at the same people; the bar shows the one.
            models.UniqueConstraint(
                fields=["journey"], condition=Q(finished_at__isnull=True), name="move_once"
            ),
        ]
        indexes = [
            # The lane takes those that are due; when the next one is.
            models.Index(
                fields=["due_at"], condition=Q(due_at__isnull=False), name="version_move_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.journey_id} to {self.version_id}"

    @property
    def done(self) -> int:
        """Runs whose turn has come."""
        return self.kept + self.moved + self.left


class PlannedPublishing(models.Model):
    """A draft that goes live at a set time, as it was when this was set."""

    journey = models.OneToOneField(
        Journey, models.CASCADE, primary_key=True, related_name="planned"
    )
    at = models.DateTimeField()
    definition = models.JSONField()
    # Whether those inside move, and how: see VersionMove.
    moves = models.BooleanField(default=False)
    mapping = models.JSONField(default=dict)
    asks_again = models.BooleanField(default=False)
    planned_at = models.DateTimeField(default=timezone.now)
    by_id = models.UUIDField(null=True)
    by_name = models.CharField(max_length=120, blank=True)
    # Why it did not come to pass, in words; kept until somebody publishes or cancels.
    refusal = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            # The lane takes those whose time has come; when the next one's comes.
            models.Index(fields=["at"], condition=Q(refusal=""), name="publishing_planned"),
        ]

    def __str__(self) -> str:
        return f"{self.journey_id} at {self.at}"
