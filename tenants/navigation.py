"""The workspace's settings in the side bar."""

from django.utils.translation import gettext_lazy as _

from core.navigation import NavItem, Section, navigation
from tenants.models import Membership

navigation.register(
    NavItem(
        "settings",
        _("Settings"),
        "settings",
        "tenants:business",
        section=Section.UNDERSTAND,
        order=900,
        role=Membership.Role.ADMIN,
    )
)
