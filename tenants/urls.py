"""On a workspace's own host: the way in and out, and its settings."""

from importlib.util import find_spec

from django.urls import URLPattern, path
from django.views.generic import RedirectView

from tenants.views import entry, public, settings

app_name = "tenants"

urlpatterns: list[URLPattern] = [
    path("enter", entry.enter, name="enter"),
    path("sign-out/", entry.sign_out, name="sign_out"),
    path("language/", public.set_language_in_workspace, name="set_language"),
    path("settings/", settings.business, name="business"),
    path("settings/people/", settings.people, name="people"),
    path("settings/people/<int:pk>/role/", settings.change_role, name="change_role"),
    path("settings/people/<int:pk>/remove/", settings.remove_member, name="remove_member"),
    path("settings/api-keys/", settings.api_keys, name="api_keys"),
    path("settings/api-keys/<uuid:pk>/revoke/", settings.revoke_key, name="revoke_key"),
    path("settings/audit-log/", settings.audit_log, name="audit_log"),
]
if find_spec("insights.urls") is None:
    urlpatterns.append(path("", RedirectView.as_view(pattern_name="tenants:business"), name="home"))
