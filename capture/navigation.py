"""Capture's place in the side bar."""

from django.utils.translation import gettext_lazy as _

from core.navigation import NavItem, Section, navigation

navigation.register(
    NavItem(
        "forms",
        _("Sign-up forms"),
        "clipboard-pen",
        "capture:forms",
        section=Section.ENGAGE,
        order=60,
    )
)
