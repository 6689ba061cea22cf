"""What an API key may be allowed to do; a view names one of these per method."""

from django.utils.translation import gettext_lazy as _

SCOPES = {
    "contacts:read": _("See contacts, tags and consents"),
    "contacts:write": _("Add and change contacts, tags and consents"),
    "events:write": _("Send events"),
    "coupons:read": _("See coupons and their codes"),
    "coupons:write": _("Add coupon codes, ask whether they hold, and use them up"),
    "journeys:read": _("See journeys and their numbers"),
    "journeys:write": _("Put contacts into journeys, and change drafts"),
    "journeys:publish": _("Publish journeys, now or at a time"),
    "commerce:read": _("See products, carts and orders"),
    "commerce:write": _("Send products, carts and orders"),
    "campaigns:read": _("See campaigns and their numbers"),
    "campaigns:write": _("Write, send and stop campaigns"),
    "messages:read": _("See messages and what became of them"),
    "messages:write": _("Send messages to contacts"),
    "surveys:read": _("See surveys and their results"),
    "reviews:read": _("See reviews"),
    "reviews:write": _("Publish, refuse and answer reviews"),
}
