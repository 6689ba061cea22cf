"""The settings every workspace has."""

from django.utils.translation import gettext_lazy as _

from tenants.contracts import SettingsTab, settings_tabs

for tab in (
    SettingsTab("business", _("Business"), "store", "tenants:business", order=10),
    SettingsTab("people", _("People"), "users", "tenants:people", order=20),
    SettingsTab("api_keys", _("API keys"), "key-round", "tenants:api_keys", order=80),
    SettingsTab("audit_log", _("Audit log"), "scroll-text", "tenants:audit_log", order=90),
):
    settings_tabs.register(tab)
