"""Exports: asked for, listed, fetched by members only."""

from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.exports import OPEN, forget_export, request_export
from contacts.listing import Filters
from contacts.models import ContactExport
from core.errors import Invalid
from core.htmx import page_or_partial
from tenants.audit import record_audit
from tenants.context import current_workspace
from tenants.pages import for_role


@for_role("editor")
@require_http_methods(["GET", "HEAD", "POST"])
def export_list(request: HttpRequest) -> HttpResponse:
    """Exports, newest first; a POST asks for one more."""
    if request.method == "POST":
        try:
            request_export(
                filters=Filters.read(request.POST), by_id=request.user.pk, now=timezone.now()
            )
        except Invalid as refusal:
            messages.error(request, refusal.message)
        return redirect("contacts:exports")
    exports = list(ContactExport.objects.order_by("-created_at")[:30])
    context = {
        "exports": exports,
        "is_running": any(job.status in OPEN for job in exports),
        "filters": Filters.read(request.GET),
    }
    return page_or_partial(
        request, page="contacts/exports.html", partial="contacts/_exports.html", context=context
    )


@for_role("editor")
@require_safe
def export_file(request: HttpRequest, export_id: UUID) -> FileResponse:
    """The file itself; who fetched it is in the audit log."""
    job = get_object_or_404(ContactExport, pk=export_id)
    if not job.file or not default_storage.exists(str(job.file.name)):
        raise Http404
    record_audit(
        action="contacts.exported",
        workspace=current_workspace(),
        actor=request.user,  # type: ignore[arg-type]
        target=str(job.pk),
        now=timezone.now(),
    )
    name = f"contacts-{job.created_at:%Y-%m-%d}.csv"
    return FileResponse(
        job.file.open("rb"), as_attachment=True, filename=name, content_type="text/csv"
    )


@require_POST
def export_forget(request: HttpRequest, export_id: UUID) -> HttpResponse:
    """Take an export away."""
    forget_export(job=get_object_or_404(ContactExport, pk=export_id))
    return redirect("contacts:exports")
