"""Surveys, who was asked, and what they answered."""

from uuid import UUID

from django.db import models
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from core.ids import uuid7


class SurveyQuerySet(models.QuerySet["Survey"]):
    """Reads of surveys."""

    def with_numbers(self) -> "SurveyQuerySet":
        """Each with how many were asked, and how many of those answered."""
        answered = Q(invitations__answered_at__isnull=False)
        return self.annotate(
            asked=Count("invitations"), answered=Count("invitations", filter=answered)
        )


class Survey(models.Model):
    """A few questions to one person at a time, the first of them answerable inside a mail."""

    class Kind(models.TextChoices):
        ONE_QUESTION = "one_question", _("One question")
        SATISFACTION = "satisfaction", _("Satisfaction, 1 to 5")
        INTERESTS = "interests", _("Interests")
        NPS = "nps", _("Recommendation, 0 to 10")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.ONE_QUESTION)
    language = models.CharField(_("language"), max_length=8, default="en")
    title = models.CharField(_("title"), max_length=120)
    thanks = models.TextField(_("thanks"), blank=True, max_length=1000)
    # A score at or below it is a low score; None: no score is.
    low_score = models.PositiveSmallIntegerField(_("low score"), null=True, blank=True)
    is_open = models.BooleanField(_("open"), default=True)
    created_at = models.DateTimeField(default=timezone.now)
    # Set by `with_numbers`.
    asked: int
    answered: int

    objects = SurveyQuerySet.as_manager()

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Question(models.Model):
    """One question; its kind, from the registry `surveys.contracts.questions`, reads the answer."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField(_("place"), default=1)
    kind = models.CharField(_("kind of question"), max_length=40)
    text = models.CharField(_("question"), max_length=300)
    # [{"value": "bread", "label": "Bread", "tag": "likes bread", "act": ""}, ...]
    options = models.JSONField(_("answers to choose from"), default=list, blank=True)
    is_required = models.BooleanField(_("must be answered"), default=True)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.text


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Reads of invitations, newest first."""

    def in_state(self, state: str) -> "InvitationQuerySet":
        """Those `answered` or `silent`; all for any other word."""
        filters = {"answered": Q(answered_at__isnull=False), "silent": Q(answered_at__isnull=True)}
        return self.filter(filters.get(state, Q())).order_by("-id")

    def before(self, cursor: str) -> "InvitationQuerySet":
        """Those older than the one with this id; all for text that is no id."""
        try:
            return self.filter(pk__lt=UUID(cursor))
        except ValueError:
            return self


class Invitation(models.Model):
    """One person was asked one survey, once; the signed link in the mail names this row."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="invitations")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="invitations")
    # Which stay at which step of which run asked; plain columns, for runs are a floor below and
    # an answer outlives them.
    enrolment_id = models.UUIDField(null=True)
    journey_id = models.UUIDField(null=True)
    step_id = models.CharField(max_length=40, blank=True)
    visit = models.PositiveIntegerField(default=0)
    # What it was about in a few words, such as an order's number.
    subject = models.CharField(max_length=120, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            # The step may be run again after a crash: it asks once.
            models.UniqueConstraint(
                fields=["enrolment_id", "step_id", "visit"], name="invitation_once_a_visit"
            ),
        ]
        indexes = [
            # The newest of a contact: merge field, panel, condition.
            models.Index(fields=["contact", "-asked_at"], name="invitation_of_contact"),
            # Figures of a journey's steps.
            models.Index(fields=["journey_id", "step_id"], name="invitation_of_step"),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} {self.contact_id}"


class Answer(models.Model):
    """What one person answered to one question of one invitation; a second answer replaces it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="answers")
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+")
    question = models.ForeignKey(Question, models.CASCADE, related_name="answers")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="answers")
    # A number for scales, an option's value, a list of values, None for text alone.
    value = models.JSONField(null=True)
    score = models.SmallIntegerField(null=True)
    text = models.TextField(blank=True)
    # How often it was given: each answer that differs is an event of its own.
    revision = models.PositiveIntegerField(default=1)
    answered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [
            # Answering twice changes the answer.
            models.UniqueConstraint(fields=["invitation", "question"], name="answer_once"),
        ]
        indexes = [
            # A contact's panel, and the condition on answers.
            models.Index(fields=["contact", "-answered_at"], name="answer_of_contact"),
        ]

    def __str__(self) -> str:
        return self.text or str(self.value)
