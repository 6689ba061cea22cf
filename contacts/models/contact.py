"""A contact, other ways it is known, and its tags."""

from django.db import models
from django.db.models import Q
from django.utils.timezone import now as clock
from django.utils.translation import gettext_lazy as _

from contacts.models.consent import Suppression
from core.ids import uuid7


class ContactQuerySet(models.QuerySet["Contact"]):
    """Reads of contacts that chain."""

    def mailable(self) -> "ContactQuerySet":
        """Those who may get marketing mail: an address, consent given, not suppressed."""
        return self.filter(Contact.may_be_mailed())

    def search(self, text: str) -> "ContactQuerySet":
        """Those whose name, address or phone contains the text; all when it is blank."""
        text = text.strip().replace("\x00", "")
        if not text:
            return self
        return self.filter(
            Q(email__icontains=text)
            | Q(first_name__icontains=text)
            | Q(last_name__icontains=text)
            | Q(phone__icontains=text)
        )

    def tagged(self, name: str) -> "ContactQuerySet":
        return self.filter(contact_tags__tag__name=name)


class Contact(models.Model):
    """A person the business knows, from whatever source."""

    class Consent(models.TextChoices):
        """Whether marketing mail is allowed; a projection of the consent ledger."""

        NONE = "none", _("Never asked")
        PENDING = "pending", _("Not confirmed")
        SUBSCRIBED = "subscribed", _("Subscribed")
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Lower-cased, ASCII domain, as core.mailgate cleans it.
    email = models.CharField(_("email"), max_length=254, null=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    external_id = models.CharField(_("external id"), max_length=128, null=True)
    first_name = models.CharField(_("first name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True)
    timezone = models.CharField(_("time zone"), max_length=64, blank=True)
    # Custom fields by ContactField.key; values as ContactField types say.
    fields = models.JSONField(default=dict)
    email_consent = models.CharField(
        _("email consent"), max_length=12, choices=Consent, default=Consent.NONE
    )
    source = models.CharField(_("source"), max_length=120, blank=True)
    created_at = models.DateTimeField(default=clock)
    updated_at = models.DateTimeField(default=clock)
    last_seen_at = models.DateTimeField(null=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        # As constraints rather than unique=True, which would add an index for LIKE to each that
        # nothing reads and every import pays for.
        constraints = [
            # Resolving by address; one contact per address.
            models.UniqueConstraint(fields=["email"], name="contact_email_once"),
            # Resolving by the business's own number.
            models.UniqueConstraint(fields=["external_id"], name="contact_external_id_once"),
        ]
        indexes = [
            # The contact list: newest first, paged by cursor.
            models.Index(fields=["-created_at", "-id"], name="contact_newest"),
            # Resolving by phone.
            models.Index(fields=["phone"], condition=~Q(phone=""), name="contact_phone"),
            # Filter by consent, count of mailable people.
            models.Index(fields=["email_consent"], name="contact_consent"),
            # Who was last seen in a stretch of time: journeys that begin when somebody stays away.
            models.Index(
                fields=["last_seen_at"],
                condition=Q(last_seen_at__isnull=False),
                name="contact_last_seen",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def may_be_mailed() -> Q:
        """The filter behind `mailable()`, for conditions that need its opposite too."""
        suppressed = Suppression.objects.filter(channel="email", value=models.OuterRef("email"))
        return Q(
            ~models.Exists(suppressed),
            email__isnull=False,
            email_consent=Contact.Consent.SUBSCRIBED,
        )

    @property
    def name(self) -> str:
        """What to call them: their name, else their address, else their phone or id."""
        full = f"{self.first_name} {self.last_name}".strip()
        return full or self.email or self.phone or self.external_id or str(self.id)


class Identity(models.Model):
    """Another way a contact is known: a former address, a browser's anonymous id."""

    class Kind(models.TextChoices):
        EMAIL = "email"
        PHONE = "phone"
        EXTERNAL = "external_id"
        ANONYMOUS = "anonymous_id"

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=12, choices=Kind)
    value = models.CharField(max_length=254)
    created_at = models.DateTimeField(default=clock)

    class Meta:
        constraints = [
            # Resolving: one owner per identifier.
            models.UniqueConstraint(fields=["kind", "value"], name="identity_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


class Tag(models.Model):
    """A label an owner puts on contacts."""

    name = models.CharField(_("tag"), max_length=60, unique=True)
    created_at = models.DateTimeField(default=clock)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ContactTag(models.Model):
    """One tag on one contact, and where it came from."""

    # Indexed by tagged_once.
    contact = models.ForeignKey(
        Contact, models.CASCADE, related_name="contact_tags", db_index=False
    )
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="contact_tags")
    source = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=clock)

    class Meta:
        constraints = [
            # Adding twice is adding once; reads of a contact's tags.
            models.UniqueConstraint(fields=["contact", "tag"], name="tagged_once"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.tag_id}"
