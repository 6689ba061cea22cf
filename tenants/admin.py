"""The operators' admin, on the public host only; sign-in is everybody's, second factor included."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tenants.models import (
    Agenda,
    ApiKey,
    AuditEntry,
    CaughtMail,
    Membership,
    SystemMail,
    User,
    Workspace,
)
from tenants.suspension import set_status
from tenants.system_mail import send_again

admin.site.site_header = gettext_lazy("Viaggio operators")
admin.site.site_title = gettext_lazy("Viaggio operators")
admin.site.index_title = gettext_lazy("This installation")
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


class ReadOnly:
    """Nothing here is added, changed or deleted by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MemberInline(ReadOnly, admin.TabularInline):
    model = Membership
    extra = 0
    fields = ("user", "role", "created_at")
    readonly_fields = fields


@admin.register(Workspace)
class WorkspaceAdmin(admin.ModelAdmin):
    """Every workspace; made by sign-up, never deleted by a click."""

    list_display = ("name", "slug", "status", "members", "language", "timezone", "created_at")
    list_filter = ("status", "language")
    search_fields = ("name", "slug", "memberships__user__email")
    date_hierarchy = "created_at"
    readonly_fields = ("slug", "schema_name", "status", "created_at")
    inlines = (MemberInline,)
    actions = ("suspend", "activate")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workspace]:
        found: QuerySet[Workspace] = super().get_queryset(request)
        return found.exclude(status=Workspace.Status.TEMPLATE).annotate(
            member_count=Count("memberships")
        )

    @admin.display(description=gettext_lazy("members"), ordering="member_count")
    def members(self, workspace: Any) -> int:
        return int(workspace.member_count)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description=gettext_lazy("Suspend: no sign-in, no sending"))
    def suspend(self, request: HttpRequest, queryset: QuerySet[Workspace]) -> None:
        self._set(request, queryset, Workspace.Status.SUSPENDED)

    @admin.action(description=gettext_lazy("Activate again"))
    def activate(self, request: HttpRequest, queryset: QuerySet[Workspace]) -> None:
        self._set(request, queryset, Workspace.Status.ACTIVE)

    def _set(self, request: HttpRequest, queryset: QuerySet[Workspace], status: str) -> None:
        count = set_status(
            workspace_ids=list(queryset.values_list("pk", flat=True)),
            status=status,
            by=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
        text = ngettext("%(count)d workspace changed.", "%(count)d workspaces changed.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """People; passwords are theirs alone."""

    list_display = ("email", "name", "is_staff", "is_active", "created_at")
    list_filter = ("is_staff", "is_active", "language")
    search_fields = ("email", "name")
    fields = ("email", "name", "language", "is_active", "is_staff", "is_superuser", "created_at")
    readonly_fields = ("email", "created_at", "last_login")
    inlines = (MemberInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    """Who works where; changes of role are audited where owners make them."""

    list_display = ("user", "workspace", "role", "created_at")
    list_filter = ("role",)
    search_fields = ("user__email", "workspace__name", "workspace__slug")
    list_select_related = ("user", "workspace")
    autocomplete_fields = ("user", "workspace")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("at", "workspace", "actor_label", "action", "target", "ip")
    list_filter = ("action",)
    search_fields = ("actor_label", "target", "workspace__slug")
    list_select_related = ("workspace",)
    date_hierarchy = "at"


@admin.register(Agenda)
class AgendaAdmin(ReadOnly, admin.ModelAdmin):
    """The backlog: what is due when; the oldest due row tells how late the installation is."""

    list_display = ("workspace", "lane", "due_at", "is_due")
    list_filter = ("lane",)
    list_select_related = ("workspace",)
    ordering = ("due_at",)

    @admin.display(boolean=True, description=gettext_lazy("due"))
    def is_due(self, row: Agenda) -> bool:
        return row.due_at is not None and row.due_at <= timezone.now()


@admin.register(SystemMail)
class SystemMailAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("created_at", "to_address", "subject", "status", "attempts", "error")
    list_filter = ("status",)
    search_fields = ("to_address", "subject")
    # The links in these mails open accounts.
    exclude = ("text", "html")
    actions = ("queue_again",)

    @admin.action(description=gettext_lazy("Send failed ones and those in doubt again"))
    def queue_again(self, request: HttpRequest, queryset: QuerySet[SystemMail]) -> None:
        count = send_again(mails=queryset, now=timezone.now())
        text = ngettext("%(count)d mail queued.", "%(count)d mails queued.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)


@admin.register(CaughtMail)
class CaughtMailAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("received_at", "sender", "to", "subject", "read")
    exclude = ("raw",)
    ordering = ("-received_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CaughtMail]:
        found: QuerySet[CaughtMail] = super().get_queryset(request)
        return found.defer("raw")

    @admin.display(description=gettext_lazy("to"))
    def to(self, mail: CaughtMail) -> str:
        return ", ".join(mail.recipients)

    @admin.display(description=gettext_lazy("mail"))
    def read(self, mail: CaughtMail) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("inbox_mail", args=[mail.pk]), _("Read"))


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("workspace", "name", "prefix", "created_at", "last_used_at", "revoked_at")
    list_select_related = ("workspace",)
    search_fields = ("name", "prefix", "workspace__slug")
    exclude = ("key_hash",)
