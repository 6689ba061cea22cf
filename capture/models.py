"""Hosted sign-up forms and the confirmations they wait for."""

from datetime import datetime
from uuid import UUID

from django.db import models
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import ConsentWording, Contact
from core.ids import uuid7


class SignupFormQuerySet(models.QuerySet["SignupForm"]):
    """Reads of forms."""

    def with_numbers(self, *, now: datetime) -> "SignupFormQuerySet":
        """Each with how many filled it in, confirmed, still may, and let it pass."""
        confirmed = Q(submissions__confirmed_at__isnull=False)
        in_time = Q(submissions__expires_at__gt=now)
        return self.annotate(
            submitted=Count("submissions"),
            confirmed=Count("submissions", filter=confirmed),
            waiting=Count("submissions", filter=~confirmed & in_time),
            expired=Count("submissions", filter=~confirmed & Q(submissions__expires_at__lte=now)),
        )


class SubmissionQuerySet(models.QuerySet["Submission"]):
    """Reads of submissions, newest first."""

    def in_state(self, state: str, *, now: datetime) -> "SubmissionQuerySet":
        """Those in a Submission.State; all for any other word."""
        filters = {
            Submission.State.CONFIRMED: Q(confirmed_at__isnull=False),
            Submission.State.WAITING: Q(confirmed_at__isnull=True, expires_at__gt=now),
            Submission.State.EXPIRED: Q(confirmed_at__isnull=True, expires_at__lte=now),
        }
        return self.filter(filters.get(state, Q())).order_by("-id")  # type: ignore[call-overload]

    def before(self, cursor: str) -> "SubmissionQuerySet":
        """Those older than the one with this id; all for text that is no id."""
        try:
            return self.filter(pk__lt=UUID(cursor))
        except ValueError:
            return self


class SignupForm(models.Model):
    """A page on which people ask to be written to."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(_("language"), max_length=8, default="en")
    title = models.CharField(_("title"), max_length=120)
    intro = models.TextField(_("introduction"), blank=True, max_length=1000)
    button = models.CharField(_("button"), max_length=40)
    thanks = models.TextField(_("thanks"), blank=True, max_length=1000)
    asks_name = models.BooleanField(_("asks for the first name"), default=True)
    double_opt_in = models.BooleanField(_("asks people to confirm by mail"), default=True)
    wording = models.ForeignKey(ConsentWording, models.PROTECT, related_name="+")
    tags = models.JSONField(_("tags to add"), default=list, blank=True)
    is_open = models.BooleanField(_("open"), default=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = SignupFormQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-up form")
        verbose_name_plural = _("sign-up forms")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Submission(models.Model):
    """One filled-in form; waits for its confirmation when the form asks for one."""

    class State(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed")
        WAITING = "waiting", _("Waiting")
        EXPIRED = "expired", _("Not confirmed in time")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    form = models.ForeignKey(SignupForm, models.CASCADE, related_name="submissions")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="submissions")
    wording = models.ForeignKey(ConsentWording, models.PROTECT, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=200, blank=True)
    data = models.JSONField(default=dict)
    submitted_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        indexes = [
            # "Was this address already mailed today?", and the form's numbers.
            models.Index(fields=["contact", "-submitted_at"], name="submission_of_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.form_id} {self.contact_id}"

    def state(self, now: datetime) -> "Submission.State":
        """Where it stands."""
        if self.confirmed_at:
            return self.State.CONFIRMED
        return self.State.WAITING if self.expires_at > now else self.State.EXPIRED
