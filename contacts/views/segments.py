"""Saved segments: the list, the page that builds one, copying and deleting."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts import saved_segments
from contacts.audience import AudienceCounts, audience_counts, sizes
from contacts.listing import Filters, head_count
from contacts.models import Contact, Segment
from contacts.naming import names_read_once
from contacts.segments import clean_tree
from contacts.tree_editing import Editor, kinds, read, read_text, respond, words_of
from core.errors import Invalid
from core.htmx import page_or_partial, redirect_to
from tenants.models import Membership

PAGE_SIZE = 20


class SegmentForm(forms.Form):
    """What to call it; the conditions have an editor of their own."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=saved_segments.NAME_MAX)


def _may_edit(request: HttpRequest) -> bool:
    membership: Membership = request.membership  # type: ignore[attr-defined]
    return membership.may(Membership.Role.EDITOR)


@require_safe
def segment_list(request: HttpRequest) -> HttpResponse:
    """The segments with their words, and how many people are in each.

    Counting a large workspace takes a moment: there the sizes follow the page.
    """
    q = request.GET.get("q", "").replace("\x00", "").strip()[:80]
    found = Segment.objects.filter(name__icontains=q).order_by(Lower("name"))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    counted = "sizes" in request.GET or head_count(Contact.objects.all()).is_exact
    trees = [segment.tree for segment in shown]
    with names_read_once():
        numbers = sizes(trees, now=timezone.now()) if counted else [None] * len(shown)
        words = [words_of(read(tree)) for tree in trees]
    context = {
        "q": q,
        "rows": list(zip(shown, words, numbers, strict=True)),
        "counted": counted,
        "page": page,
        "sizes_url": _list_url(q, page.number, sizes=1),
        "previous_url": _list_url(q, page.number - 1) if page.has_previous() else "",
        "next_url": _list_url(q, page.number + 1) if page.has_next() else "",
        "may_edit": _may_edit(request),
    }
    return page_or_partial(
        request, page="contacts/segments.html", partial="contacts/_segments.html", context=context
    )


def _list_url(q: str, page: int, **more: Any) -> str:
    wanted = {"q": q, "page": page, **more}
    query = urlencode({name: value for name, value in wanted.items() if value})
    return f"{reverse('contacts:segments')}?{query}"


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Build a new segment; the filters of the contact list may be what it begins with."""
    if request.method == "POST":
        return _pressed(request, None)
    editor = Editor(read(Filters.read(request.GET).as_segment()))
    return _page(request, None, editor, SegmentForm())


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, segment_id: UUID) -> HttpResponse:
    """Change a segment."""
    segment = get_object_or_404(Segment, pk=segment_id)
    if request.method == "POST":
        return _pressed(request, segment)
    return _page(request, segment, Editor(read(segment.tree)), SegmentForm({"name": segment.name}))


def _pressed(request: HttpRequest, segment: Segment | None) -> HttpResponse:
    """Whatever was pressed in the builder; only `save` writes."""
    editor = respond(read_text(request.POST.get("tree", "")), request.POST)
    form = SegmentForm(request.POST)
    if request.POST.get("do") != "save":
        # A name half written is no mistake yet.
        return _page(request, segment, editor, SegmentForm(initial=_typed(request)))
    editor = editor.settled()
    problems: list[str] = []
    if editor.opening is None and form.is_valid():
        try:
            _save(segment, {"name": form.cleaned_data["name"], "tree": editor.tree})
        except Invalid as refusal:
            problems = _told(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect_to(request, reverse("contacts:segments"))
    return _page(request, segment, editor, form, problems, status=422)


def _typed(request: HttpRequest) -> dict[str, str]:
    return {"name": request.POST.get("name", "")[: saved_segments.NAME_MAX]}


def _save(segment: Segment | None, changes: Mapping[str, Any]) -> None:
    now = timezone.now()
    if segment is None:
        saved_segments.create_segment(name=changes["name"], tree=changes["tree"], now=now)
    else:
        saved_segments.update_segment(segment_id=segment.pk, changes=changes, now=now)


def _told(form: SegmentForm, refusal: Invalid) -> list[str]:
    """The problems of the name beside it; the others in words."""
    for problem in refusal.problems:
        if problem.field == "name":
            form.add_error("name", problem.message)
    return [problem.message for problem in refusal.problems if problem.field != "name"]


def _page(
    request: HttpRequest,
    segment: Segment | None,
    editor: Editor,
    form: SegmentForm,
    problems: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    refused = editor.opening is not None and bool(editor.opening.form.errors)
    context = {
        "segment": segment,
        "form": form,
        "editor": editor,
        "root": editor.shown,
        "condition_kinds": kinds(),
        "problems": problems or [],
        "counts": _counts(editor),
        "may_edit": _may_edit(request),
        "active": "segments",
    }
    return page_or_partial(
        request,
        page="contacts/segment.html",
        partial="contacts/_segment_builder.html",
        context=context,
        status=422 if refused else status,
    )


def _counts(editor: Editor) -> AudienceCounts | None:
    """How many people the conditions hold for now; None while they cannot be asked."""
    tree, problems = clean_tree(editor.tree)
    return None if problems else audience_counts(tree=tree, now=timezone.now())


@require_POST
def count(request: HttpRequest) -> HttpResponse:
    """The size while it is being built, with what the open form says so far."""
    editor = respond(read_text(request.POST.get("tree", "")), request.POST).settled()
    return render(request, "contacts/_audience.html", {"counts": _counts(editor)})


@require_POST
def duplicate(request: HttpRequest, segment_id: UUID) -> HttpResponse:
    """A copy, opened to be changed."""
    segment = get_object_or_404(Segment, pk=segment_id)
    try:
        copy = saved_segments.duplicate_segment(segment=segment, now=timezone.now())
    except Invalid as refusal:
        messages.error(request, refusal.message)
        return redirect("contacts:segment", segment.pk)
    return redirect("contacts:segment", copy.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, segment_id: UUID) -> HttpResponse:
    """Ask, then delete; one in use stays, and the page says where it is used."""
    segment = get_object_or_404(Segment, pk=segment_id)
    refusal = ""
    if request.method == "POST":
        try:
            saved_segments.delete_segment(segment_id=segment.pk)
        except Invalid as invalid:
            refusal = invalid.message
        else:
            messages.success(request, _("The segment is deleted."))
            return redirect("contacts:segments")
    context = {
        "segment": segment,
        "users": saved_segments.uses_of(segment.pk),
        "refusal": refusal,
        "active": "segments",
    }
    return render(request, "contacts/segment_delete.html", context, status=422 if refusal else 200)
