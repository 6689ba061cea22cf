"""The list of contacts, and what is done to many of them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from contacts.bulk import tag_chosen
from contacts.event_types import source_words
from contacts.listing import Filters, filter_values, filtered, head_count, page_of
from contacts.models import BulkAction, Contact
from contacts.segments import scope_at
from contacts.tags import tags_of
from contacts.widgets import tag_names
from core.errors import Invalid
from core.htmx import page_or_partial


@require_safe
def contact_list(request: HttpRequest) -> HttpResponse:
    """Contacts, newest first, narrowed down by search and filters."""
    filters = Filters.read(request.GET)
    chosen = filtered(filters, scope_at(timezone.now()))
    page = page_of(chosen, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    everybody = head_count(Contact.objects.all())
    tags = tags_of([contact.pk for contact in page.contacts])
    here = reverse("contacts:list")
    context = {
        "filters": filters,
        "query": filters.query(),
        "chips": [
            (words, value, f"{here}?{filters.query(without=name)}")
            for name, words, value in filters.chips()
        ],
        "rows": [
            (contact, tags.get(contact.pk, []), source_words(contact.source))
            for contact in page.contacts
        ],
        "everybody": everybody,
        "mailable": head_count(Contact.objects.mailable()),
        "matches": head_count(chosen) if filters.as_json() else everybody,
        "previous_url": f"{here}?{filters.query(before=page.previous)}" if page.previous else "",
        "next_url": f"{here}?{filters.query(after=page.next)}" if page.next else "",
        "tag_names": tag_names(),
        "open_actions": list(BulkAction.objects.filter(finished_at__isnull=True)[:3]),
        **filter_values(),
    }
    return page_or_partial(
        request, page="contacts/list.html", partial="contacts/_table.html", context=context
    )


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Add or remove a tag for the chosen contacts, or for all that match."""
    filters = Filters.read(request.POST)
    back = redirect(f"{reverse('contacts:list')}?{filters.query()}")
    action = request.POST.get("action", "")
    if action not in BulkAction.Action.values:
        messages.error(request, _("Choose what to do."))
        return back
    given: dict[str, Any] = {"contact_ids": _ids(request)}
    if request.POST.get("all"):
        given = {"everybody_in": filters}
    if given == {"contact_ids": []}:
        messages.error(request, _("Choose at least one contact."))
        return back
    try:
        result = tag_chosen(
            action=action,
            tag=request.POST.get("name", ""),
            by_id=request.user.pk,
            now=timezone.now(),
            **given,
        )
    except Invalid as refusal:
        messages.error(request, refusal.message)
        return back
    messages.success(request, _done(result.changed, is_queued=result.job is not None))
    return back


def _ids(request: HttpRequest) -> list[UUID]:
    found = []
    for text in request.POST.getlist("ids")[:500]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _done(changed: int, *, is_queued: bool) -> str:
    if is_queued:
        return _("This is being done in the background. You may go on.")
    words = ngettext("%(count)s contact changed.", "%(count)s contacts changed.", changed)
    return words % {"count": changed}
