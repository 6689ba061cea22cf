"""The pages on which mails are written."""

from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from csp.decorators import csp_exempt
from django.contrib import messages
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.compile import TemplateError
from campaigns.contracts import blocks
from campaigns.drawing import sender_of
from campaigns.editing import (
    Edited,
    blank_body,
    changed_body,
    checks_of,
    edited_body,
    merge_field_help,
    place_for_new,
    place_problems,
    read_edited,
    sentence_of,
)
from campaigns.forms import NewTemplate, TemplateFields
from campaigns.models import Message, Template
from campaigns.previews import Preview, preview
from campaigns.services import Body, TemplateDraft, compile_draft, save_template, send_test
from contacts.models import Contact
from core.errors import Invalid
from core.framed import FRAMED
from core.htmx import page_or_partial
from core.mailgate import MessageRefused
from tenants.models import User, Workspace

READ_OR_POST = ["GET", "HEAD", "POST"]
CONTACTS_OFFERED = 20
HAND_WRITTEN = """<h1>Hello {{ contact.first_name }}</h1>
<p>Write here.</p>
<p><a href="{{ unsubscribe_url }}">Unsubscribe</a></p>
"""


@require_safe
def template_list(request: HttpRequest) -> HttpResponse:
    """All mails, by name; ?q= looks into names and subjects."""
    q = request.GET.get("q", "").strip().replace("\x00", "")[:100]
    sent = Message.objects.filter(template_version__template=OuterRef("pk"))
    found = Template.objects.select_related("live_version").defer(
        "body", "live_version__compiled", "live_version__body"
    )
    if q:
        found = found.filter(Q(name__icontains=q) | Q(subject__icontains=q))
    context = {"templates": found.annotate(is_used=Exists(sent)).order_by("name", "pk"), "q": q}
    return page_or_partial(
        request,
        page="campaigns/template_list.html",
        partial="campaigns/_templates.html",
        context=context,
    )


@require_http_methods(READ_OR_POST)
def template_new(request: HttpRequest) -> HttpResponse:
    """Begin a mail: empty, by hand in HTML, or as a copy of another."""
    form = NewTemplate(request.POST or None)
    if request.method == "POST" and form.is_valid():
        start = form.cleaned_data["start"]
        try:
            template = _begin(request, form.cleaned_data["name"], start)
        except TemplateError as error:
            form.add_error(None, error.message)
        else:
            return redirect("campaigns:template", template.pk)
    context = {
        "form": form,
        "start": request.POST.get("start") or request.GET.get("start", "blank"),
        "starters": Template.objects.exclude(starter="").defer("body").order_by("name"),
        "own": Template.objects.filter(starter="").defer("body").order_by("-updated_at")[:12],
    }
    status = 422 if form.errors else 200
    return render(request, "campaigns/template_new.html", context, status=status)


def _begin(request: HttpRequest, name: str, start: str) -> Template:
    language = _workspace(request).language
    draft = TemplateDraft(name=name, subject=name, body=blank_body(), language=language)
    if start == "html":
        draft = replace(draft, body={"html": HAND_WRITTEN})
    elif start.startswith("copy:"):
        source = get_object_or_404(Template, pk=_uuid(start.removeprefix("copy:")))
        draft = replace(
            draft,
            subject=source.subject,
            preheader=source.preheader,
            body=source.body,
            language=source.language,
        )
    return save_template(draft=draft, now=timezone.now())


@require_http_methods(READ_OR_POST)
def template_edit(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """Write a mail: `op` moves a block, saves, or saves and sends a test."""
    template = get_object_or_404(Template.objects.select_related("live_version"), pk=template_id)
    if request.method != "POST":
        return _editor(request, template, _fields_of(template), edited_body(template.body))
    operation = request.POST.get("op", "save")
    edited, fields = read_edited(request.POST), TemplateFields(request.POST)
    if operation not in ("save", "test"):
        return _operated(request, template, edited, operation)
    if _is_stale(request, template):
        fields.add_error(
            None,
            _("Somebody saved this mail after you opened it. Saving again replaces their version."),
        )
    elif _are_valid(fields, edited):
        try:
            save_template(draft=_draft(fields, edited), template=template, now=timezone.now())
        except TemplateError as error:
            place_problems(edited, fields, error.problems)
        else:
            return _saved(request, template_id, wants_test=operation == "test")
    return _editor(request, template, fields, edited, status=422)


def _operated(
    request: HttpRequest, template: Template, edited: Edited, operation: str
) -> HttpResponse:
    """The same page with one block more, less or elsewhere; nothing is saved."""
    body, opened = edited.body, 0
    if not isinstance(body, dict):
        body, opened = changed_body(body, operation, request.POST.get("at", ""))
    names = TemplateFields.base_fields
    fields = TemplateFields(initial={name: request.POST.get(name, "") for name in names})
    return _editor(request, template, fields, edited_body(body, opened=opened))


def _are_valid(fields: TemplateFields, edited: Edited) -> bool:
    """Whether all of the page is; both are asked, so that both show their errors."""
    fields_are, blocks_are = fields.is_valid(), edited.is_valid
    return fields_are and blocks_are


def _saved(request: HttpRequest, template_id: UUID, *, wants_test: bool) -> HttpResponse:
    if not wants_test:
        messages.success(request, _("Saved. New sends use this version."))
        return redirect("campaigns:template", template_id)
    to = cast(User, request.user).email
    try:
        send_test(
            template=Template.objects.get(pk=template_id),
            to=to,
            contact_id=_uuid(request.POST.get("contact", "")),
            now=timezone.now(),
        )
    except Invalid as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Saved. A test is on its way to %(to)s.") % {"to": to})
    return redirect("campaigns:template", template_id)


@csp_exempt()  # type: ignore[arg-type]
@never_cache
@xframe_options_sameorigin
@require_http_methods(READ_OR_POST)
def template_preview(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """The mail as a page for the editor's frame: as saved, or as the editor sends it along."""
    template = get_object_or_404(Template, pk=template_id)
    chosen = request.POST if request.method == "POST" else request.GET
    draft = _draft_as_typed(request, template)
    try:
        made: Preview | None = preview(
            compiled=compile_draft(draft),
            contact_id=_uuid(chosen.get("contact", "")),
            now=timezone.now(),
        )
        problems = []
    except Invalid as refusal:
        made, problems = None, [sentence_of(each) for each in refusal.problems]
        problems = problems or [str(refusal.message)]
    if made is None or chosen.get("view") == "text":
        context = {"made": made, "problems": problems}
        status = 422 if problems else 200
        response = render(request, "campaigns/email/preview.html", context, status=status)
    else:
        response = HttpResponse(made.html)
    response["Content-Security-Policy"] = FRAMED
    return response


def _draft_as_typed(request: HttpRequest, template: Template) -> TemplateDraft:
    if request.method != "POST":
        return _draft_of(template)
    return TemplateDraft(
        name=template.name,
        subject=request.POST.get("subject", ""),
        preheader=request.POST.get("preheader", ""),
        language=request.POST.get("language", "") or template.language,
        body=read_edited(request.POST).body,
    )


def _editor(
    request: HttpRequest,
    template: Template,
    fields: TemplateFields,
    edited: Edited,
    status: int = 200,
) -> HttpResponse:
    body = edited.body
    opened = next((each.number for each in edited.blocks if each.is_open), None)
    at = opened if opened else place_for_new(body) if not isinstance(body, dict) else 0
    context = {
        "template": template,
        "fields": fields,
        "edited": edited,
        "kinds": list(blocks),
        "at": at,
        "sender": _sender(request),
        "contacts": Contact.objects.filter(email__isnull=False).order_by("-id")[:CONTACTS_OFFERED],
        "contact": request.POST.get("contact", ""),
        "help": merge_field_help(),
        "checks": checks_of(_draft_shown(fields, body, template)),
        "saved": request.method != "POST",
        "active": "templates",
    }
    return page_or_partial(
        request,
        page="campaigns/template_edit.html",
        partial="campaigns/_editor_blocks.html",
        context=context,
        status=status,
    )


def _draft_shown(fields: TemplateFields, body: Body, template: Template) -> TemplateDraft:
    shown = {name: str(fields[name].value() or "") for name in fields.fields}
    shown["language"] = shown["language"] or template.language
    return TemplateDraft(body=body, **shown)


def _is_stale(request: HttpRequest, template: Template) -> bool:
    newest = template.live_version.number if template.live_version else 0
    return request.POST.get("version", str(newest)) != str(newest)


def _fields_of(template: Template) -> TemplateFields:
    names = TemplateFields.base_fields
    return TemplateFields(initial={name: getattr(template, name) for name in names})


def _draft(fields: TemplateFields, edited: Edited) -> TemplateDraft:
    return TemplateDraft(body=edited.body, **fields.cleaned_data)


def _draft_of(template: Template) -> TemplateDraft:
    return TemplateDraft(
        name=template.name,
        subject=template.subject,
        preheader=template.preheader,
        language=template.language,
        body=template.body,
    )


def _sender(request: HttpRequest) -> str:
    try:
        name, address = sender_of(_workspace(request))
    except MessageRefused as refusal:
        return str(refusal.message)
    return f"{name} <{address}>"


def _workspace(request: HttpRequest) -> Workspace:
    return cast(Workspace, cast(Any, request).workspace)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
