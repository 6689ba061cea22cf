"""The shop in the side bar."""

from django.utils.translation import gettext_lazy as _

from core.navigation import NavItem, Section, navigation

navigation.register(
    NavItem(
        "coupons",
        _("Coupons"),
        "ticket-percent",
        "commerce:coupons",
        section=Section.ENGAGE,
        order=45,
    )
)
