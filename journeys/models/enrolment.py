"""Who is inside which journey, at which step, and when they move next."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from core.ids import uuid7
from journeys.models.journey import Journey, JourneyVersion


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    """Reads of enrolments that chain."""

    def active(self) -> "EnrolmentQuerySet":
        return self.filter(status=Enrolment.Status.ACTIVE)

    def due(self, now: datetime) -> "EnrolmentQuerySet":
        return self.active().filter(due_at__lte=now)


class Enrolment(models.Model):
    """One contact's run through one version of one journey."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("In progress")
        HELD = "held", _("Held")
        FINISHED = "finished", _("Completed")
        EXITED = "exited", _("Left early")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Every index is written at each step of each person: the foreign keys have none of their own.
    journey = models.ForeignKey(Journey, models.CASCADE, related_name="enrolments", db_index=False)
    version = models.ForeignKey(
        JourneyVersion, models.PROTECT, related_name="enrolments", db_index=False
    )
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="enrolments", db_index=False)
    # The cart id, order id, date or ""; two carts of one person are two runs.
    key = models.CharField(max_length=128, blank=True)
    entry_kind = models.CharField(max_length=40, blank=True)
    context = models.JSONField(default=dict)
    holdout = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    step_id = models.CharField(max_length=16)
    entered_step_at = models.DateTimeField()
    # How often this run has entered a step, so that a step entered again is another visit.
    visit = models.PositiveIntegerField(default=0)
    # Null: nothing but an event moves it.
    due_at = models.DateTimeField(null=True)
    waits_for = models.CharField(max_length=100, blank=True)
    woken_by = models.JSONField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    exit_reason = models.CharField(max_length=60, blank=True)
    converted_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        constraints = [
            # A redelivered trigger starts nothing twice.
            models.UniqueConstraint(
                fields=["journey", "contact", "key"],
                condition=Q(status__in=["active", "held"]),
                name="enrolled_once",
            ),
        ]
        indexes = [
            # advance() claims the due ones, earliest first.
            models.Index(fields=["due_at"], condition=Q(status="active"), name="enrolment_due"),
            # Goals, exits and waiters of the contacts in a batch of events; re-entry rules.
            models.Index(fields=["contact", "journey"], name="enrolment_of_contact"),
            # People lists and counts per journey and step; pausing.
            models.Index(fields=["journey", "status", "step_id"], name="enrolment_by_step"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} in {self.journey_id}"


class StepVisit(models.Model):
    """One enrolment's stay at one step, written when it leaves the step."""

    # A person's path in order; a batch done twice writes nothing twice.
    pk = models.CompositePrimaryKey("enrolment", "visit")
    # Without a constraint in the database, whose check costs as much as the row; erasure locks the
    # runs before it deletes their visits.
    enrolment = models.ForeignKey(
        Enrolment, models.CASCADE, related_name="visits", db_index=False, db_constraint=False
    )
    journey_id = models.UUIDField()
    version_id = models.UUIDField()
    step_id = models.CharField(max_length=16)
    visit = models.PositiveIntegerField()
    # next, branch:0, exit:reason, goal, failed
    outcome = models.CharField(max_length=80)
    reason = models.CharField(max_length=200, blank=True)
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField()

    class Meta:
        indexes = [
            # Numbers on the steps, and the people behind them.
            models.Index(fields=["journey_id", "step_id", "outcome"], name="visit_by_step"),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.step_id}"
