"""The API under /api/: every app's `api.py`, the OpenAPI document and its page."""

from django.urls import include, path

from campaigns.api import campaigns, messages
from commerce.api import carts, categories, coupons, orders, products
from contacts.api import consents, custom_fields, labels, people, segments, tasks, tickets
from core.api import docs
from events import api as events
from journeys.api import drafts as journey_drafts
from journeys.api import enrolments, journeys, replays, versions
from journeys.api import why as journey_why
from surveys.api import reviews, surveys

v1 = [
    path("openapi.json", docs.openapi, name="openapi"),
    path("contacts", people.ContactsView.as_view(), name="contacts"),
    path("contacts/bulk", people.ContactsBulkView.as_view(), name="contacts_bulk"),
    path("contacts/<uuid:contact_id>", people.ContactView.as_view(), name="contact"),
    path("contacts/<uuid:contact_id>/tags", labels.ContactTagsView.as_view(), name="contact_tags"),
    path(
        "contacts/<uuid:contact_id>/tags/<path:name>",
        labels.ContactTagView.as_view(),
        name="contact_tag",
    ),
    path("contacts/<uuid:contact_id>/consents", consents.ConsentsView.as_view(), name="consents"),
    path("contact-fields", custom_fields.CustomFieldsView.as_view(), name="contact_fields"),
    path("tags", labels.TagsView.as_view(), name="tags"),
    path("tags/bulk", labels.TagsBulkView.as_view(), name="tags_bulk"),
    path("tickets", tickets.TicketsView.as_view(), name="tickets"),
    path("tasks", tasks.TasksView.as_view(), name="tasks"),
    path("tasks/<uuid:task_id>", tasks.TaskView.as_view(), name="task"),
    path("tasks/<uuid:task_id>/complete", tasks.TaskCompleteView.as_view(), name="task_complete"),
    path("segments", segments.SegmentsView.as_view(), name="segments"),
    path("segments/<uuid:segment_id>", segments.SegmentView.as_view(), name="segment"),
    path(
        "segments/<uuid:segment_id>/contacts",
        segments.SegmentContactsView.as_view(),
        name="segment_contacts",
    ),
    path(
        "segments/<uuid:segment_id>/count",
        segments.SegmentCountView.as_view(),
        name="segment_count",
    ),
    path("events", events.EventsView.as_view(), name="events"),
    path("events/bulk", events.EventsBulkView.as_view(), name="events_bulk"),
    path("journeys", journeys.JourneysView.as_view(), name="journeys"),
    path("journeys/<uuid:journey_id>", journeys.JourneyView.as_view(), name="journey"),
    path(
        "journeys/<uuid:journey_id>/versions",
        journeys.VersionsView.as_view(),
        name="journey_versions",
    ),
    path(
        "journeys/<uuid:journey_id>/draft",
        journey_drafts.DraftView.as_view(),
        name="journey_draft",
    ),
    path(
        "journeys/<uuid:journey_id>/draft/ops",
        journey_drafts.DraftOpsView.as_view(),
        name="journey_draft_ops",
    ),
    path(
        "journeys/<uuid:journey_id>/versions/<int:number>",
        versions.VersionView.as_view(),
        name="journey_version",
    ),
    path(
        "journeys/<uuid:journey_id>/versions/<int:number>/restore",
        versions.VersionRestoreView.as_view(),
        name="journey_version_restore",
    ),
    path(
        "journeys/<uuid:journey_id>/publish",
        versions.PublishView.as_view(),
        name="journey_publish",
    ),
    path(
        "journeys/<uuid:journey_id>/planned",
        versions.PlannedView.as_view(),
        name="journey_planned",
    ),
    path(
        "journeys/<uuid:journey_id>/enrolments",
        enrolments.EnrolmentsView.as_view(),
        name="enrolments",
    ),
    path(
        "journeys/<uuid:journey_id>/explain",
        journey_why.ExplainView.as_view(),
        name="journey_explain",
    ),
    path("journeys/<uuid:journey_id>/replays", replays.ReplaysView.as_view(), name="replays"),
    path(
        "journeys/<uuid:journey_id>/replays/<uuid:replay_id>",
        replays.ReplayView.as_view(),
        name="replay",
    ),
    path(
        "journeys/<uuid:journey_id>/replays/<uuid:replay_id>/cancel",
        replays.ReplayCancelView.as_view(),
        name="replay_cancel",
    ),
    path("products", products.ProductsView.as_view(), name="products"),
    path("products/bulk", products.ProductsBulkView.as_view(), name="products_bulk"),
    path("products/<uuid:product_id>", products.ProductView.as_view(), name="product"),
    path("categories", categories.CategoriesView.as_view(), name="categories"),
    path("categories/bulk", categories.CategoriesBulkView.as_view(), name="categories_bulk"),
    path("categories/<uuid:category_id>", categories.CategoryView.as_view(), name="category"),
    path("orders", orders.OrdersView.as_view(), name="orders"),
    path("orders/bulk", orders.OrdersBulkView.as_view(), name="orders_bulk"),
    path("orders/<uuid:order_id>", orders.OrderView.as_view(), name="order"),
    path("carts", carts.CartsView.as_view(), name="carts"),
    path("carts/bulk", carts.CartsBulkView.as_view(), name="carts_bulk"),
    path("carts/<uuid:cart_id>", carts.CartView.as_view(), name="cart"),
    path("coupons", coupons.CouponsView.as_view(), name="coupons"),
    path("coupons/validate", coupons.CodeValidateView.as_view(), name="coupons_validate"),
    path("coupons/redeem", coupons.CodeRedeemView.as_view(), name="coupons_redeem"),
    path(
        "coupons/<uuid:coupon_id>/codes",
        coupons.CouponCodesView.as_view(),
        name="coupon_codes",
    ),
    path("campaigns", campaigns.CampaignsView.as_view(), name="campaigns"),
    path("campaigns/<uuid:campaign_id>", campaigns.CampaignView.as_view(), name="campaign"),
    path(
        "campaigns/<uuid:campaign_id>/report",
        campaigns.CampaignReportView.as_view(),
        name="campaign_report",
    ),
    path(
        "campaigns/<uuid:campaign_id>/send",
        campaigns.CampaignSendView.as_view(),
        name="campaign_send",
    ),
    path(
        "campaigns/<uuid:campaign_id>/pause",
        campaigns.CampaignPauseView.as_view(),
        name="campaign_pause",
    ),
    path(
        "campaigns/<uuid:campaign_id>/resume",
        campaigns.CampaignResumeView.as_view(),
        name="campaign_resume",
    ),
    path(
        "campaigns/<uuid:campaign_id>/cancel",
        campaigns.CampaignCancelView.as_view(),
        name="campaign_cancel",
    ),
    path("messages", messages.MessagesView.as_view(), name="messages"),
    path("messages/<uuid:message_id>", messages.MessageView.as_view(), name="message"),
    path("surveys", surveys.SurveysView.as_view(), name="surveys"),
    path("surveys/<uuid:survey_id>", surveys.SurveyView.as_view(), name="survey"),
    path("reviews", reviews.ReviewsView.as_view(), name="reviews"),
    path("reviews/<uuid:review_id>", reviews.ReviewView.as_view(), name="review"),
]

app_name = "api"
urlpatterns = [
    path("docs", docs.page, name="docs"),
    path("v1/", include(v1)),
]
