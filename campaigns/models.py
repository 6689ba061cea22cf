"""Templates, the accounts mail leaves through, campaigns, and one row for every message."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from core.ids import uuid7
from core.secrets import EncryptedJSONField, new_token


class Template(models.Model):
    """A mail as the owner writes it; sends always use one of its frozen versions."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=120)
    # "" for the owner's own; the key of a starter mail otherwise.
    starter = models.CharField(max_length=60, blank=True)
    language = models.CharField(max_length=8, default="en")
    subject = models.CharField(_("subject"), max_length=300)
    preheader = models.CharField(_("preview text"), max_length=300, blank=True)
    # A list of blocks, or {"html": "..."} for a mail written by hand.
    body = models.JSONField(default=list)
    live_version = models.ForeignKey(
        "campaigns.TemplateVersion", models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class TemplateVersion(models.Model):
    """One saved state of a template with its compiled pieces; never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    template = models.ForeignKey(Template, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    subject = models.CharField(max_length=300)
    preheader = models.CharField(max_length=300, blank=True)
    body = models.JSONField(default=list)
    compiled = models.JSONField()
    # A digest of subject and body: the same words are the same content, in whichever version.
    content = models.CharField(max_length=32)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            # Two saves at once: one of them gets the number.
            models.UniqueConstraint(fields=["template", "number"], name="template_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.template_id} v{self.number}"


def new_feedback_token() -> str:
    """The unguessable part of an account's webhook address."""
    return new_token(length=24)


class ProviderAccount(models.Model):
    """One way out for a workspace's mail: credentials, its rate, and how it has been doing."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("provider"), max_length=40)
    label = models.CharField(_("label"), max_length=80)
    credentials = EncryptedJSONField()
    is_default = models.BooleanField(default=False)
    is_active = models.BooleanField(_("active"), default=True)
    # Token bucket: at most `rate` messages a second, `burst` at once.
    rate = models.FloatField(_("messages per second"), default=50)
    burst = models.PositiveIntegerField(default=100)
    tokens = models.FloatField(default=100)
    tokens_at = models.DateTimeField(default=timezone.now)
    # Circuit breaker: failures in a row, and until when nothing is tried.
    failures = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True)
    # Where the provider reports what became of messages; the door looks it up.
    feedback_token = models.CharField(max_length=64, unique=True, default=new_feedback_token)
    # What the provider signs its reports with.
    feedback_secrets = EncryptedJSONField(null=True)
    # Reports whose signature was wrong, since one was right.
    feedback_refused = models.PositiveIntegerField(default=0)
    feedback_refused_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("sending account")
        verbose_name_plural = _("sending accounts")
        constraints = [
            # A message without an account of its own leaves by the default one.
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_default_account"
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Campaign(models.Model):
    """One send to an audience: a draft until it starts, frozen from then on.

    How many got it, opened it and so on is counted from its messages and stored nowhere.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SCHEDULED = "scheduled", _("Scheduled")
        QUEUEING = "queueing", _("Getting ready")
        SENDING = "sending", _("Sending")
        PAUSED = "paused", _("Paused")
        CANCELLED = "cancelled", _("Cancelled")
        SENT = "sent", _("Sent")

    class Audience(models.TextChoices):
        """How the owner chose; what it comes down to is always the tree."""

        EVERYONE = "everyone", _("All subscribers")
        TAG = "tag", _("People with a tag")
        SEGMENT = "segment", _("A segment")
        CONDITIONS = "conditions", _("Conditions")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=120)
    template = models.ForeignKey(Template, models.PROTECT, related_name="campaigns")
    # What is sent; the template's newest version at the start.
    template_version = models.ForeignKey(
        TemplateVersion, models.PROTECT, null=True, related_name="+"
    )
    audience_kind = models.CharField(max_length=12, choices=Audience, default=Audience.EVERYONE)
    # A tree of conditions as contacts.segments reads it; empty is everybody.
    audience = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    # Null: at once. The zone is the one the time was written in, for showing it again.
    send_at = models.DateTimeField(null=True)
    send_zone = models.CharField(max_length=64, default="UTC")
    # The audience is who belonged to it at this moment.
    started_at = models.DateTimeField(null=True)
    # The last contact whose message is written, in the order of ids; and when all were.
    queued_to = models.UUIDField(null=True)
    queued_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # It was paused, resumed or cancelled, and some of its messages do not know yet.
    has_rows_to_move = models.BooleanField(default=False)
    created_by_id = models.UUIDField(null=True)
    created_by_name = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        indexes = [
            # The lanes ask what is to be started, written or finished.
            models.Index(
                fields=["status", "send_at"],
                condition=Q(status__in=["scheduled", "queueing", "sending"]),
                name="campaign_moving",
            ),
            # The bulk lane asks whose messages are to be held, let go or dropped.
            models.Index(
                fields=["updated_at"], condition=Q(has_rows_to_move=True), name="campaign_rows"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Message(models.Model):
    """One send to one person. Its unique key makes a second row for the same send impossible."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        CLAIMED = "claimed", _("Being prepared")
        CALLING = "calling", _("Being sent")
        RETRY = "retry", _("To be tried again")
        DEFERRED = "deferred", _("Held back for now")
        HELD = "held", _("Paused with its campaign")
        ACCEPTED = "accepted", _("Sent")
        DELIVERED = "delivered", _("Delivered")
        BOUNCED = "bounced", _("Bounced")
        COMPLAINED = "complained", _("Marked as spam")
        FAILED = "failed", _("Failed")
        SKIPPED = "skipped", _("Not sent")
        IN_DOUBT = "in_doubt", _("In doubt")

    class Lane(models.IntegerChoices):
        """Lower goes first."""

        TRANSACTIONAL = 0, _("Transactional")
        JOURNEY = 1, _("Journey")
        CAMPAIGN = 2, _("Campaign")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # "journey:<enrolment>:<visit>", "campaign:<id>:<contact>", "api:<key>", "consent:<id>"
    send_key = models.CharField(max_length=120, unique=True)
    channel = models.CharField(max_length=10, default="email")
    lane = models.SmallIntegerField(choices=Lane, default=Lane.JOURNEY)
    # Null once the person was erased: the send stays counted, nobody is named.
    # Indexed by message_of_contact.
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, related_name="messages", db_index=False
    )
    to_address = models.CharField(max_length=254)
    template_version = models.ForeignKey(TemplateVersion, models.PROTECT, related_name="+")
    account = models.ForeignKey(ProviderAccount, models.SET_NULL, null=True, related_name="+")
    # Where it came from; plain columns, since those rows live on other floors.
    enrolment_id = models.UUIDField(null=True)
    journey_id = models.UUIDField(null=True)
    step_id = models.CharField(max_length=16, blank=True)
    campaign_id = models.UUIDField(null=True)
    context = models.JSONField(default=dict)
    # Addresses behind links that were filled in for this person alone, in order.
    destinations = models.JSONField(default=list)
    # What it showed of things that change, such as a cart: it reads the same later on.
    drawn = models.JSONField(default=dict, db_default={})
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    # A stable code and a sentence: why it was skipped, deferred, failed or is in doubt.
    reason = models.CharField(max_length=40, blank=True)
    reason_text = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    # "Do not send after."
    expires_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    # Raised by every claim; a write with an older number changes nothing.
    fence = models.PositiveIntegerField(default=0)
    provider_message_id = models.CharField(max_length=255, blank=True)
    queued_at = models.DateTimeField(default=timezone.now)
    # The first call to a provider: how long it remembers our send id counts from here.
    called_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)
    complained_at = models.DateTimeField(null=True)
    # First human ones; machine and privacy opens have their own column.
    opened_at = models.DateTimeField(null=True)
    machine_opened_at = models.DateTimeField(null=True)
    clicked_at = models.DateTimeField(null=True)
    unsubscribed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            # The claim: what may go now, by lane, oldest first.
            models.Index(
                fields=["lane", "due_at"],
                condition=Q(status__in=["queued", "retry", "deferred"]),
                name="message_due",
            ),
            # Leases that ran out.
            models.Index(
                fields=["lease_until"],
                condition=Q(status__in=["claimed", "calling"]),
                name="message_leased",
            ),
            # A contact's messages; the frequency cap counts the sent ones of its window.
            models.Index(fields=["contact", "-sent_at"], name="message_of_contact"),
            # Numbers of a journey's steps, and the people behind them.
            models.Index(
                fields=["journey_id", "step_id", "status"],
                condition=Q(journey_id__isnull=False),
                name="message_by_step",
            ),
            # A campaign's figures and the people behind them; what of it is to be held or let go.
            models.Index(
                fields=["campaign_id", "status"],
                condition=Q(campaign_id__isnull=False),
                name="message_by_campaign",
            ),
            # What was sent since a day: the home figures.
            models.Index(
                fields=["sent_at"], condition=Q(sent_at__isnull=False), name="message_by_sent"
            ),
            # What a provider reports by an id of its own.
            models.Index(
                fields=["provider_message_id"],
                condition=~Q(provider_message_id=""),
                name="message_by_provider_id",
            ),
            # The list of messages in doubt.
            models.Index(
                fields=["queued_at"], condition=Q(status="in_doubt"), name="message_in_doubt"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.to_address} {self.status}"
