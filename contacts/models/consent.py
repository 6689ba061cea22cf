"""What people allowed, in which words, and who is never written to."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ConsentWording(models.Model):
    """One version of the sentence people agreed to; never edited, only followed by the next."""

    key = models.CharField(max_length=60, default="default")
    number = models.PositiveIntegerField(default=1)
    language = models.CharField(max_length=8, default="en")
    text = models.TextField(_("wording"))
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            # A form names the newest number of its key and language.
            models.UniqueConstraint(fields=["key", "language", "number"], name="wording_once"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.language} v{self.number}"


class ConsentEntry(models.Model):
    """One change of consent. The database refuses to update or delete it."""

    class Action(models.TextChoices):
        REQUESTED = "requested", _("Asked to confirm")
        SUBSCRIBED = "subscribed", _("Subscribed")
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")

    contact_id = models.UUIDField()
    channel = models.CharField(max_length=10, default="email")
    action = models.CharField(max_length=12, choices=Action)
    # form, import, api, preferences, one_click, manual, complaint, provider
    source = models.CharField(max_length=40)
    detail = models.CharField(max_length=300, blank=True)
    # Read from the entry only; wordings are never deleted while entries name them.
    wording = models.ForeignKey(
        ConsentWording, models.PROTECT, null=True, related_name="+", db_index=False
    )
    ip = models.GenericIPAddressField(null=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            # A contact's ledger, newest first.
            models.Index(fields=["contact_id", "-occurred_at"], name="consent_of_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.channel} {self.action}"


class Suppression(models.Model):
    """An address that must never be written to, and why."""

    class Reason(models.TextChoices):
        BOUNCED = "bounced", _("Bounced")
        COMPLAINED = "complained", _("Marked as spam")
        ERASED = "erased", _("Erased on request")
        MANUAL = "manual", _("Blocked by hand")

    channel = models.CharField(max_length=10, default="email")
    # The address in lower case; for ERASED its SHA-256 in hex, so that the address is gone.
    value = models.CharField(max_length=254)
    reason = models.CharField(max_length=12, choices=Reason)
    detail = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            # The send policy and mailable() look addresses up here.
            models.UniqueConstraint(fields=["channel", "value"], name="suppressed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.value} {self.reason}"
