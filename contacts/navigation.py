"""Contacts' places in the side bar."""

from django.utils.translation import gettext_lazy as _

from contacts.models import Task
from core.navigation import Counted, NavItem, navigation

TO_DO = Counted(lambda: Task.objects.filter(done_at__isnull=True), _("to do"))

navigation.register(NavItem("contacts", _("Contacts"), "users", "contacts:list", order=20))
navigation.register(NavItem("segments", _("Segments"), "funnel", "contacts:segments", order=21))
navigation.register(
    NavItem("tasks", _("Tasks"), "list-todo", "contacts:tasks", order=22, counted=TO_DO)
)
