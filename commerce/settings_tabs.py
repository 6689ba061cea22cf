"""The shop's pages of the settings."""

from django.utils.translation import gettext_lazy as _

from tenants.contracts import SettingsTab, settings_tabs

settings_tabs.register(
    SettingsTab("currencies", _("Currencies"), "coins", "commerce:currencies", order=50)
)
settings_tabs.register(SettingsTab("shops", _("Shops"), "plug", "commerce:shops", order=45))
