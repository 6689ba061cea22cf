"""Journeys: the list, the tree with its figures, the draft, and people's ways."""

from django.urls import path

from journeys.views import (
    draft,
    entry_check,
    lifecycle,
    lists,
    people,
    publishing,
    replay,
    report,
    report_files,
    runs,
    splits,
    versions,
    walk,
    why,
)

app_name = "journeys"

ONE = "journeys/<uuid:journey_id>"

urlpatterns = [
    path("journeys/", lists.journey_list, name="list"),
    path("journeys/new/", lists.gallery, name="new"),
    path("journeys/create/", lists.create, name="create"),
    path("journeys/create/<slug:key>/", lists.create_from_recipe, name="create_from_recipe"),
    path(f"{ONE}/", report.report, name="report"),
    path(f"{ONE}/report/steps.csv", report_files.steps_file, name="steps_file"),
    path(f"{ONE}/report/by-<slug:unit>.csv", report_files.time_file, name="time_file"),
    path(f"{ONE}/people/", people.people_list, name="people"),
    path(f"{ONE}/people/file/", report_files.people_file, name="people_file"),
    path(f"{ONE}/why/", why.why_page, name="why"),
    path(f"{ONE}/people/add/", runs.people_add, name="add_people"),
    path(f"{ONE}/people/<uuid:run_id>/", runs.run_path, name="path"),
    path(f"{ONE}/people/<uuid:run_id>/remove/", runs.run_remove, name="remove_run"),
    path(f"{ONE}/people/<uuid:run_id>/skip/", runs.run_skip, name="skip_wait"),
    path("journeys/contacts/<uuid:contact_id>/add/", runs.contact_add, name="add_contact"),
    path(f"{ONE}/draft/", draft.draft, name="draft"),
    path(f"{ONE}/ops/", draft.ops, name="ops"),
    path(f"{ONE}/draft/save/", draft.save, name="draft_save"),
    path(f"{ONE}/draft/check/", entry_check.entry_check, name="entry_check"),
    path(f"{ONE}/draft/condition/", draft.condition, name="draft_condition"),
    path(f"{ONE}/replay/", replay.replay, name="replay"),
    path(f"{ONE}/replay/start/", replay.replay_start, name="replay_start"),
    path(f"{ONE}/replay/<uuid:replay_id>/", replay.replay_progress, name="replay_progress"),
    path(f"{ONE}/replay/<uuid:replay_id>/cancel/", replay.replay_cancel, name="replay_cancel"),
    path(f"{ONE}/replay/<uuid:replay_id>/people/", replay.replay_people, name="replay_people"),
    path(f"{ONE}/walk/", walk.walk, name="walk"),
    path(f"{ONE}/walk/mail/", walk.walk_mail, name="walk_mail"),
    path(f"{ONE}/publish/", publishing.publish, name="publish"),
    path(f"{ONE}/publish/cancel/", publishing.unplan, name="unplan"),
    path(f"{ONE}/versions/", versions.version_list, name="versions"),
    path(f"{ONE}/versions/compare/", versions.compare, name="compare_versions"),
    path(f"{ONE}/versions/<int:number>/", versions.version, name="version"),
    path(f"{ONE}/versions/<int:number>/restore/", versions.restore, name="restore_version"),
    path(f"{ONE}/tests/<slug:step_id>/", splits.choose, name="split"),
    path(f"{ONE}/rename/", lifecycle.rename, name="rename"),
    *(path(f"{ONE}/{name}/", lifecycle.act, {"name": name}, name=name) for name in lifecycle.ACTS),
]
