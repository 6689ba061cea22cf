"""Home in the side bar."""

from django.utils.translation import gettext_lazy as _

from core.navigation import NavItem, navigation

navigation.register(NavItem("home", _("Home"), "house", "insights:home", order=0))
