"""Journeys: the list, the tree with its figures, the draft, and people's ways."""

from django.urls import path

from journeys.views import draft, lifecycle, lists, people, report, runs, splits

app_name = "journeys"

ONE = "journeys/<uuid:journey_id>"

urlpatterns = [
    path("journeys/", lists.journey_list, name="list"),
    path("journeys/new/", lists.gallery, name="new"),
    path("journeys/create/", lists.create, name="create"),
    path("journeys/create/<slug:key>/", lists.create_from_recipe, name="create_from_recipe"),
    path(f"{ONE}/", report.report, name="report"),
    path(f"{ONE}/people/", people.people_list, name="people"),
    path(f"{ONE}/people/add/", runs.people_add, name="add_people"),
    path(f"{ONE}/people/<uuid:run_id>/", runs.run_path, name="path"),
    path(f"{ONE}/people/<uuid:run_id>/remove/", runs.run_remove, name="remove_run"),
    path(f"{ONE}/people/<uuid:run_id>/skip/", runs.run_skip, name="skip_wait"),
    path("journeys/contacts/<uuid:contact_id>/add/", runs.contact_add, name="add_contact"),
    path(f"{ONE}/draft/", draft.draft, name="draft"),
    path(f"{ONE}/draft/add/", draft.add, name="draft_add"),
    path(f"{ONE}/draft/add-entry/", draft.add_entry, name="draft_add_entry"),
    path(f"{ONE}/draft/save/", draft.save, name="draft_save"),
    path(f"{ONE}/draft/remove/", draft.remove, name="draft_remove"),
    path(f"{ONE}/draft/move/", draft.move, name="draft_move"),
    path(f"{ONE}/draft/condition/", draft.condition, name="draft_condition"),
    path(f"{ONE}/publish/", lifecycle.publish, name="publish"),
    path(f"{ONE}/tests/<slug:step_id>/", splits.choose, name="split"),
    path(f"{ONE}/rename/", lifecycle.rename, name="rename"),
    *(path(f"{ONE}/{name}/", lifecycle.act, {"name": name}, name=name) for name in lifecycle.ACTS),
]
