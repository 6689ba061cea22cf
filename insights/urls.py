"""The first page of a workspace, and how orders find their messages."""

from django.urls import path

from insights import views

app_name = "insights"

urlpatterns = [
    path("", views.home, name="home"),
    path("settings/attribution/", views.attribution, name="attribution"),
]
