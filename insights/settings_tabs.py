"""Attribution among the settings."""

from django.utils.translation import gettext_lazy as _

from tenants.contracts import SettingsTab, settings_tabs

settings_tabs.register(
    SettingsTab("attribution", _("Attribution"), "target", "insights:attribution", order=55)
)
