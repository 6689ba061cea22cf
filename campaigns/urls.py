"""A mail's own links, and the pages of templates, messages and sending accounts."""

from django.urls import path

from campaigns.views import public

app_name = "campaigns"

urlpatterns = [
    path("r/<str:token>/<int:index>", public.click, name="click"),
    path("o/<str:token>.gif", public.opened, name="open"),
    path("v/<str:token>", public.view, name="view"),
]
