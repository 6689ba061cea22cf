"""Pages of the event log, on a workspace's own host."""

from django.urls import path

from events import views

app_name = "events"
urlpatterns = [
    path("events/failed/", views.failed, name="failed"),
    path("events/failed/replay/", views.replay_failed, name="replay"),
    path("events/calls/", views.deliveries, name="deliveries"),
    path("events/calls/replay/", views.delivery_replay, name="delivery_replay"),
]
