"""Contacts: the list, one person, imports and exports, fields and tags."""

from django.urls import path

from contacts.views import editing, exports, imports, listing, profile, segments, settings, tasks

app_name = "contacts"

urlpatterns = [
    path("contacts/", listing.contact_list, name="list"),
    path("contacts/bulk/", listing.bulk, name="bulk"),
    path("contacts/new/", editing.create, name="create"),
    path("contacts/fields/", settings.field_list, name="fields"),
    path("contacts/tags/", settings.tag_list, name="tags"),
    path("contacts/segments/", segments.segment_list, name="segments"),
    path("contacts/segments/new/", segments.create, name="segment_new"),
    path("contacts/segments/count/", segments.count, name="segment_count"),
    path("contacts/segments/<uuid:segment_id>/", segments.edit, name="segment"),
    path(
        "contacts/segments/<uuid:segment_id>/duplicate/",
        segments.duplicate,
        name="segment_duplicate",
    ),
    path("contacts/segments/<uuid:segment_id>/delete/", segments.delete, name="segment_delete"),
    path("tasks/", tasks.task_list, name="tasks"),
    path("tasks/<uuid:task_id>/done/", tasks.finish, name="task_done"),
    path("contacts/<uuid:contact_id>/tasks/", tasks.add, name="task_add"),
    path("contacts/imports/", imports.new, name="imports"),
    path("contacts/imports/<uuid:import_id>/", imports.detail, name="import"),
    path("contacts/imports/<uuid:import_id>/progress/", imports.progress, name="import_progress"),
    path("contacts/imports/<uuid:import_id>/cancel/", imports.cancel, name="import_cancel"),
    path("contacts/imports/<uuid:import_id>/resume/", imports.resume, name="import_resume"),
    path(
        "contacts/imports/<uuid:import_id>/problems/", imports.problem_list, name="import_problems"
    ),
    path(
        "contacts/imports/<uuid:import_id>/problems.csv",
        imports.problem_file,
        name="import_problem_file",
    ),
    path("contacts/exports/", exports.export_list, name="exports"),
    path("contacts/exports/<uuid:export_id>/file/", exports.export_file, name="export_file"),
    path("contacts/exports/<uuid:export_id>/forget/", exports.export_forget, name="export_forget"),
    path("contacts/<uuid:contact_id>/", profile.detail, name="detail"),
    path("contacts/<uuid:contact_id>/edit/", editing.edit, name="edit"),
    path("contacts/<uuid:contact_id>/erase/", profile.erase, name="erase"),
    path("contacts/<uuid:contact_id>/tags/add/", profile.tag_add, name="tag_add"),
    path("contacts/<uuid:contact_id>/tags/remove/", profile.tag_remove, name="tag_remove"),
    path("contacts/<uuid:contact_id>/notes/", profile.note, name="note"),
    path("contacts/<uuid:contact_id>/consent/", profile.consent, name="consent"),
    path("contacts/<uuid:contact_id>/proof/", profile.proof, name="proof"),
    path("contacts/<uuid:contact_id>/panels/<slug:key>/", profile.panel, name="panel"),
]
