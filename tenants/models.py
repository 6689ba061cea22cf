"""Whose: workspaces, the people who work in them, their keys, and what is due when."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils.timezone import now as clock
from django.utils.translation import gettext_lazy as _
from django_tenants.models import DomainMixin, TenantMixin

from core.ids import uuid7


class UserManager(BaseUserManager["User"]):
    """Creates people by address; addresses are compared in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in; they may belong to several workspaces."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("email"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(_("language"), max_length=8, default="en")
    is_staff = models.BooleanField(_("operator"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(default=clock, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.name or self.email


class WorkspaceQuerySet(models.QuerySet["Workspace"]):
    """Reads of workspaces; the template schema's row never counts as one."""

    def active(self) -> "WorkspaceQuerySet":
        return self.filter(status=Workspace.Status.ACTIVE)

    def of(self, user: "User") -> "WorkspaceQuerySet":
        return self.active().filter(memberships__user=user).order_by("name")


class Workspace(TenantMixin):
    """One business: its schema, its people, its look and its rules for sending."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")
        TEMPLATE = "template", _("Template")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("business name"), max_length=80)
    slug = models.SlugField(_("address"), max_length=40, unique=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.ACTIVE)
    # Only "default" today; a field from the start so that workspaces can move to other databases.
    database = models.CharField(max_length=40, default="default", editable=False)
    language = models.CharField(_("language"), max_length=8, default="en")
    timezone = models.CharField(_("time zone"), max_length=64, default="Europe/Rome")
    postal_address = models.CharField(_("postal address"), max_length=200, blank=True)
    brand_colour = models.CharField(_("brand colour"), max_length=7, default="#0e6a5a")
    sender_name = models.CharField(_("sender name"), max_length=80, blank=True)
    sender_email = models.EmailField(_("sender address"), blank=True)
    cap_messages = models.PositiveSmallIntegerField(
        _("messages at most"), default=4, help_text=_("Marketing messages per person and window.")
    )
    cap_days = models.PositiveSmallIntegerField(_("window in days"), default=7)
    # By the clock where the person is; both null for none.
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    # Until then no task works here: somebody moves this workspace's clock by hand. A moment and
    # not a mark, so that nobody has to be there to end it.
    held_until = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=clock, editable=False)

    auto_create_schema = False
    auto_drop_schema = False

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("workspace")
        verbose_name_plural = _("workspaces")

    def __str__(self) -> str:
        return self.name


class Domain(DomainMixin):
    """A host name that leads to a workspace."""


class Membership(models.Model):
    """One person's role in one workspace."""

    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        ADMIN = "admin", _("Admin")
        EDITOR = "editor", _("Editor")
        VIEWER = "viewer", _("Viewer")

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=8, choices=Role, default=Role.EDITOR)
    created_at = models.DateTimeField(default=clock, editable=False)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            # The access middleware reads one row by these two.
            models.UniqueConstraint(fields=["user", "workspace"], name="member_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"

    # Each role may do all that those after it may.
    ORDER = (Role.VIEWER, Role.EDITOR, Role.ADMIN, Role.OWNER)

    def may(self, role: str) -> bool:
        """True when this membership's role includes the given one."""
        return self.ORDER.index(self.Role(self.role)) >= self.ORDER.index(self.Role(role))


class HandOver(models.Model):
    """A single-use, 60-second ticket that carries a sign-in to a workspace's own host."""

    token_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    path = models.CharField(max_length=500, default="/")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    # The sessions it came from and led to, so that signing out of one host signs out of all.
    from_session = models.CharField(max_length=40, default="")
    to_session = models.CharField(max_length=40, default="")

    class Meta:
        indexes = [
            # Signing out of the public site looks for the sessions handed over from there.
            models.Index(fields=["from_session"], name="hand_over_from"),
            # Signing out of a workspace looks for where its session came from.
            models.Index(fields=["to_session"], name="hand_over_to"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} to {self.workspace_id}"


class ApiKey(models.Model):
    """A key an integrator calls the API with; only its hash is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="api_keys")
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(max_length=16)
    # Read by the API's authentication on each request.
    key_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(_("scopes"), default=list)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class Agenda(models.Model):
    """When one lane of one workspace next has work; rows are lowered, claimed and settled."""

    class Lane(models.TextChoices):
        EVENTS = "events"
        JOURNEYS = "journeys"
        SENDING = "sending"
        BULK = "bulk"
        DAILY = "daily"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="agenda")
    lane = models.CharField(max_length=10, choices=Lane)
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # lower() upserts by these two.
            models.UniqueConstraint(fields=["workspace", "lane"], name="agenda_once"),
        ]
        indexes = [
            # The beat tick reads what is due; rows without work stay out of it.
            models.Index(
                fields=["due_at"], condition=models.Q(due_at__isnull=False), name="agenda_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.workspace_id} {self.lane}"


class AuditEntry(models.Model):
    """Who did what, to what, when and from where; written once."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, null=True, related_name="+")
    actor = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    actor_label = models.CharField(max_length=120)
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)
    ip = models.GenericIPAddressField(null=True)
    at = models.DateTimeField(default=clock)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes = [
            # The audit page of a workspace, newest first.
            models.Index(fields=["workspace", "-at"], name="audit_by_workspace"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_label} {self.action}"


class SystemMail(models.Model):
    """A mail of the installation itself (verification, reset): one row per send."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        CALLING = "calling", _("Being sent")
        ACCEPTED = "accepted", _("Accepted")
        FAILED = "failed", _("Failed")
        IN_DOUBT = "in_doubt", _("In doubt")

    id: "models.UUIDField[UUID, UUID]" = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    to_address = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    # While the mail is being sent this is the end of the lease.
    due_at = models.DateTimeField(default=clock)
    # True once it went out again because nobody knows what became of the first time.
    is_resent = models.BooleanField(default=False)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("system mail")
        verbose_name_plural = _("system mail")
        indexes = [
            # The sender reads what is still to go.
            models.Index(
                fields=["due_at"],
                condition=models.Q(status__in=["queued", "calling"]),
                name="system_mail_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to_address}"


class CaughtMail(models.Model):
    """A mail the local catcher took instead of delivering it."""

    received_at = models.DateTimeField(default=clock)
    sender = models.CharField(max_length=320)
    recipients = models.JSONField(default=list)
    subject = models.CharField(max_length=1000, blank=True)
    raw = models.BinaryField()

    class Meta:
        verbose_name = _("caught mail")
        verbose_name_plural = _("caught mail")
        # The inbox page, newest first.
        indexes = [models.Index(fields=["-received_at"], name="caught_newest")]

    def __str__(self) -> str:
        return self.subject
