"""Contacts' place in the side bar."""

from django.utils.translation import gettext_lazy as _

from core.navigation import NavItem, navigation

navigation.register(NavItem("contacts", _("Contacts"), "users", "contacts:list", order=20))
navigation.register(NavItem("segments", _("Segments"), "funnel", "contacts:segments", order=21))
