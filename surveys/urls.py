"""Hosted surveys and reviews, the widget for shops, and the pages on which both are kept."""

from django.urls import path

from surveys.views import answer, moderation, people, review, surveys, widget

app_name = "surveys"

urlpatterns = [
    path("survey/<str:token>/", answer.answer, name="answer"),
    path("survey/<str:token>/thanks/", answer.thanks, name="thanks"),
    path("review/<str:token>/", review.review_lines, name="review_lines"),
    path("review/<str:token>/thanks/", review.thanks, name="review_thanks"),
    path("review/<str:token>/<uuid:line_id>/", review.review_form, name="review_form"),
    path("widget/reviews.json", widget.reviews_json, name="widget_json"),
    path("widget/reviews.js", widget.reviews_script, name="widget_script"),
    path("widget/photos/<uuid:review_id>.jpg", widget.photo, name="widget_photo"),
    path("surveys/", surveys.survey_list, name="surveys"),
    path("surveys/new/", surveys.survey_new, name="survey_new"),
    path("surveys/<uuid:survey_id>/", surveys.survey_detail, name="survey"),
    path("surveys/<uuid:survey_id>/edit/", surveys.survey_edit, name="survey_edit"),
    path("surveys/<uuid:survey_id>/preview/", surveys.survey_preview, name="survey_preview"),
    path("surveys/<uuid:survey_id>/people/", people.survey_people, name="survey_people"),
    path("surveys/<uuid:survey_id>/open/", surveys.survey_open, name="survey_open"),
    path("surveys/<uuid:survey_id>/close/", surveys.survey_close, name="survey_close"),
    path("reviews/", moderation.review_list, name="reviews"),
    path("reviews/<uuid:review_id>/", moderation.review_detail, name="review"),
    path("reviews/<uuid:review_id>/photo/", moderation.review_photo, name="review_photo"),
    path("reviews/<uuid:review_id>/publish/", moderation.review_publish, name="review_publish"),
    path("reviews/<uuid:review_id>/refuse/", moderation.review_refuse, name="review_refuse"),
    path("reviews/<uuid:review_id>/reply/", moderation.review_reply, name="review_reply"),
]
