"""The pages of an import: file, columns, progress, report."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.forms import MappingForm, UploadForm
from contacts.imports import starting
from contacts.imports.running import COUNTS
from contacts.imports.starting import Choices
from contacts.imports.uploading import ENCODINGS, preview, upload
from contacts.models import ContactImport, ImportProblem
from contacts.origins import origins
from core.csv import write_rows
from core.errors import Invalid
from core.htmx import page_or_partial

PROBLEMS_SHOWN = 100
DELIMITER_NAMES = {
    ",": gettext_lazy("comma"),
    ";": gettext_lazy("semicolon"),
    "\t": gettext_lazy("tab"),
    "|": gettext_lazy("bar"),
}
RUNNING = (ContactImport.Status.QUEUED, ContactImport.Status.RUNNING)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Choose a file; beside it, the imports there were."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            job = upload(file=file, name=file.name, by_id=request.user.pk, now=timezone.now())
        except Invalid as refusal:
            form.add_error("file", refusal.message)
        else:
            return redirect("contacts:import", job.pk)
    context = {"form": form, "imports": ContactImport.objects.order_by("-created_at")[:20]}
    return render(request, "contacts/import_new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """The columns to be matched, or how the import is going."""
    job = get_object_or_404(ContactImport, pk=import_id)
    if job.status != ContactImport.Status.UPLOADED:
        return render(request, "contacts/import_progress.html", _progress(job))
    form = MappingForm(request.POST or None, job=job)
    if request.method == "POST" and form.is_valid():
        try:
            starting.start(job=job, choices=_choices(form), now=timezone.now())
        except Invalid as refusal:
            if not refusal.problems:
                messages.error(request, refusal.message)
                return redirect("contacts:import", job.pk)
            for problem in refusal.problems:
                name = problem.field if problem.field in form.fields else None
                form.add_error(name, str(problem.message))
        else:
            return redirect("contacts:import", job.pk)
    return _mapping_page(request, job, form)


def _choices(form: MappingForm) -> Choices:
    cleaned = form.cleaned_data
    return Choices(
        mapping=form.mapping(),
        tag=cleaned["tag"],
        date_order=cleaned["date_order"],
        wording=cleaned["wording"] if cleaned["consent"] == "yes" else "",
    )


def _mapping_page(request: HttpRequest, job: ContactImport, form: MappingForm) -> HttpResponse:
    rows = preview(job)
    samples = [[row[number] for row in rows] for number in range(len(job.columns))]
    context = {
        "job": job,
        "form": form,
        "columns": list(zip(form.columns(), samples, strict=True)),
        "settings": [form[name] for name in ("tag", "date_order", "consent", "wording")],
        "encoding": ENCODINGS.get(job.encoding, job.encoding),
        "delimiter": DELIMITER_NAMES[job.delimiter],
        "origin": origins.get(job.origin).label if job.origin in origins else "",
    }
    status = 422 if form.errors else 200
    return render(request, "contacts/import_columns.html", context, status=status)


@require_safe
def progress(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """How far it is; polled by its own page until it is over."""
    job = get_object_or_404(ContactImport, pk=import_id)
    return page_or_partial(
        request,
        page="contacts/import_progress.html",
        partial="contacts/_import_progress.html",
        context=_progress(job),
    )


def _progress(job: ContactImport) -> dict[str, Any]:
    labels = {
        "created": _("Added"),
        "updated": _("Updated"),
        "unchanged": _("Unchanged"),
        "failed": _("Refused"),
        "kept_unsubscribed": _("Kept unsubscribed"),
    }
    done = sum(job.counts.get(name, 0) for name in COUNTS if name != "kept_unsubscribed")
    return {
        "job": job,
        "counts": [(labels[name], job.counts.get(name, 0)) for name in COUNTS],
        "failed": job.counts.get("failed", 0),
        "done": min(done, job.total_rows),
        "is_running": job.status in RUNNING,
        "may_resume": bool(job.file) and job.status in ("failed", "cancelled") and job.options,
    }


@require_POST
def cancel(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Stop an import; what it did stays."""
    job = get_object_or_404(ContactImport, pk=import_id)
    if starting.cancel(job=job, now=timezone.now()):
        messages.info(request, _("The import is cancelled. What was imported stays."))
    return redirect("contacts:import", job.pk)


@require_POST
def resume(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Go on with a stopped import."""
    job = get_object_or_404(ContactImport, pk=import_id)
    starting.resume(job=job, now=timezone.now())
    return redirect("contacts:import", job.pk)


@require_safe
def problem_list(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """The refused lines, with reasons; after a cursor where there are many."""
    job = get_object_or_404(ContactImport, pk=import_id)
    after = request.GET.get("after", "")
    line = int(after[:9]) if after.isascii() and after.isdigit() else 0
    found = list(job.problems.filter(line__gt=line).order_by("line")[: PROBLEMS_SHOWN + 1])
    shown = found[:PROBLEMS_SHOWN]
    here = reverse("contacts:import_problems", args=[job.pk])
    next_url = f"{here}?after={shown[-1].line}" if len(found) > PROBLEMS_SHOWN else ""
    context = {"job": job, "problems": shown, "next_url": next_url}
    return render(request, "contacts/import_problems.html", context)


@require_safe
def problem_file(request: HttpRequest, import_id: UUID) -> StreamingHttpResponse:
    """The refused lines as CSV: line, column, reason, then the cells as they came."""
    job = get_object_or_404(ContactImport, pk=import_id)
    problems = ImportProblem.objects.filter(job=job).order_by("line").iterator(chunk_size=1000)
    header = ["line", "column", "code", "reason", *job.columns]
    rows = ([p.line, p.column, p.code, p.message, *p.row] for p in problems)
    response = StreamingHttpResponse(
        _with_bom(header, rows), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="refused-lines-{job.pk}.csv"'
    return response


def _with_bom(header: list[str], rows: Any) -> Any:
    yield "\ufeff"
    yield from write_rows([header])
    yield from write_rows(rows)
