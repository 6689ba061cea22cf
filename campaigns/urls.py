"""A mail's own links, and the pages of campaigns, templates, messages and sending accounts."""

from django.urls import path

from campaigns.views import (
    accounts,
    campaign_acts,
    campaign_report,
    campaigns,
    feedback,
    messages,
    public,
    templates,
)

app_name = "campaigns"

urlpatterns = [
    path("r/<str:token>/<int:index>", public.click, name="click"),
    path("o/<str:token>.gif", public.opened, name="open"),
    path("v/<str:token>", public.view, name="view"),
    path("campaigns/", campaigns.campaign_list, name="campaigns"),
    path("campaigns/new/", campaigns.campaign_new, name="campaign_new"),
    path("campaigns/<uuid:campaign_id>/", campaign_report.campaign, name="campaign"),
    path("campaigns/<uuid:campaign_id>/edit/", campaigns.campaign_edit, name="campaign_edit"),
    path(
        "campaigns/<uuid:campaign_id>/audience/",
        campaigns.campaign_audience,
        name="campaign_audience",
    ),
    path("campaigns/<uuid:campaign_id>/test/", campaigns.campaign_test, name="campaign_test"),
    path(
        "campaigns/<uuid:campaign_id>/progress/",
        campaign_report.campaign_progress,
        name="campaign_progress",
    ),
    path(
        "campaigns/<uuid:campaign_id>/people/",
        campaign_report.campaign_people,
        name="campaign_people",
    ),
    *(
        path(
            f"campaigns/<uuid:campaign_id>/{act}/",
            getattr(campaign_acts, f"campaign_{act}"),
            name=f"campaign_{act}",
        )
        for act in ("send", "unschedule", "pause", "resume", "cancel", "duplicate", "delete")
    ),
    path("hooks/mail/<str:token>/", feedback.provider_call, name="provider_call"),
    path("templates/", templates.template_list, name="templates"),
    path("templates/new/", templates.template_new, name="template_new"),
    path("templates/<uuid:template_id>/", templates.template_edit, name="template"),
    path("templates/<uuid:template_id>/preview", templates.template_preview, name="preview"),
    path("messages/", messages.message_list, name="messages"),
    path("messages/in-doubt/", messages.message_doubts, name="doubts"),
    path("messages/<uuid:message_id>/", messages.message_detail, name="message"),
    path("messages/<uuid:message_id>/mail", messages.message_mail, name="message_mail"),
    path("messages/<uuid:message_id>/resolve/", messages.message_resolve, name="resolve"),
    path("settings/sending/", accounts.account_list, name="accounts"),
    path("settings/sending/new/<slug:kind>/", accounts.account_new, name="account_new"),
    path("settings/sending/<uuid:account_id>/", accounts.account_edit, name="account"),
    path(
        "settings/sending/<uuid:account_id>/reports/",
        accounts.account_feedback,
        name="account_feedback",
    ),
    path(
        "settings/sending/<uuid:account_id>/default/",
        accounts.account_default,
        name="account_default",
    ),
    path(
        "settings/sending/<uuid:account_id>/switch/",
        accounts.account_switch,
        name="account_switch",
    ),
    path("settings/sending/<uuid:account_id>/test/", accounts.account_test, name="account_test"),
]
