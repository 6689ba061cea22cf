"""The API under /api/: every app's `api.py`, the OpenAPI document and its page."""

from django.urls import include, path

from core.api import docs
from events import api as events

v1 = [
    path("openapi.json", docs.openapi, name="openapi"),
    path("events", events.EventsView.as_view(), name="events"),
    path("events/bulk", events.EventsBulkView.as_view(), name="events_bulk"),
]

app_name = "api"
urlpatterns = [
    path("docs", docs.page, name="docs"),
    path("v1/", include(v1)),
]
