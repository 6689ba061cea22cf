"""What an API key may be allowed to do; a view names one of these per method."""

from django.utils.translation import gettext_lazy as _

SCOPES = {
    "contacts:read": _("See contacts, tags and consents"),
    "contacts:write": _("Add and change contacts, tags and consents"),
    "events:write": _("Send events"),
    "journeys:read": _("See journeys and their numbers"),
    "journeys:write": _("Put contacts into journeys"),
    "campaigns:read": _("See campaigns and their numbers"),
    "campaigns:write": _("Write, send and stop campaigns"),
    "messages:read": _("See messages and what became of them"),
    "messages:write": _("Send messages to contacts"),
}
