"""The shop in the side bar."""

from django.utils.translation import gettext_lazy as _

from core.navigation import NavItem, Section, navigation

SHOP = Section.SHOP
navigation.register(NavItem("orders", _("Orders"), "shopping-bag", "commerce:orders", SHOP, 10))
navigation.register(NavItem("carts", _("Carts"), "shopping-cart", "commerce:carts", SHOP, 20))
navigation.register(NavItem("products", _("Products"), "package", "commerce:products", SHOP, 30))
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
