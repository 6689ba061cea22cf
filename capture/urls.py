"""Hosted pages, and the pages on which forms are kept."""

from django.urls import path

from capture.views import forms, preferences, signup

app_name = "capture"

urlpatterns = [
    path("f/<slug:slug>/", signup.signup, name="signup"),
    path("f/<slug:slug>/thanks/", signup.thanks, name="thanks"),
    path("confirm/<str:token>/", signup.confirm, name="confirm"),
    path("u/<str:token>/", preferences.unsubscribe_page, name="unsubscribe"),
    path("p/<str:token>/", preferences.preferences, name="preferences"),
    path("forms/", forms.form_list, name="forms"),
    path("forms/new/", forms.form_new, name="form_new"),
    path("forms/<uuid:form_id>/", forms.form_detail, name="form"),
    path("forms/<uuid:form_id>/edit/", forms.form_edit, name="form_edit"),
    path("forms/<uuid:form_id>/preview/", forms.form_preview, name="form_preview"),
    path("forms/<uuid:form_id>/people/", forms.form_people, name="form_people"),
    path("forms/<uuid:form_id>/open/", forms.form_open, name="form_open"),
    path("forms/<uuid:form_id>/close/", forms.form_close, name="form_close"),
]
