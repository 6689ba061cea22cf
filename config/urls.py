"""A workspace's own host: every app's `urls.py`, and the API."""

from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

APPS = (
    "tenants",
    "events",
    "contacts",
    "journeys",
    "campaigns",
    "capture",
    "commerce",
    "surveys",
    "insights",
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(f"{app}.urls")) for app in APPS if find_spec(f"{app}.urls")
]
urlpatterns.append(path("api/", include("config.api_urls")))
if settings.LOCAL:
    # Every component on one page, for whoever writes pages.
    urlpatterns.append(path("ui/specimen/", include("core.specimen")))

handler400 = "core.error_pages.bad_request"
handler403 = "core.error_pages.permission_denied"
handler404 = "core.error_pages.not_found"
handler500 = "core.error_pages.server_error"
