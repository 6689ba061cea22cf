"""Who is inside which journey, on which version, at which step, and when they move next."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
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


class DraftEdit(models.Model):
    """One change of a draft, to be undone and done again; the last hundred of each journey."""

    journey = models.ForeignKey(Journey, models.CASCADE, related_name="edits", db_index=False)
    # In the order they were made; an edit made after undoing drops what was undone.
    number = models.PositiveIntegerField()
    # The operation, and the title of what it was done to: the words are made for each reader.
    kind = models.CharField(max_length=40)
    what = models.CharField(max_length=200, blank=True)
    by_id = models.UUIDField(null=True)
    by_name = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField()
    # The draft as it was before; once undone, as it was after.
    definition = models.JSONField()
    is_undone = models.BooleanField(default=False)
    # The draft's revision since it was made, undone or done again last; by whom, and when.
    revision = models.PositiveIntegerField()
    turned_by_id = models.UUIDField(null=True)
    turned_by_name = models.CharField(max_length=120, blank=True)
    turned_at = models.DateTimeField()

    class Meta:
        constraints = [
            # What is undone or done again next; what is old enough to go.
            models.UniqueConstraint(fields=["journey", "number"], name="draft_edit_once"),
        ]

    def __str__(self) -> str:
        return f"{self.journey_id} #{self.number} {self.kind}"


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
