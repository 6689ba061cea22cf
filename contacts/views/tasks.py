"""Tasks of the team: the page, ticking off, and giving oneself one."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from contacts.models import Contact, Task
from contacts.todo import add_task, done_tasks, finish_task, named, open_tasks, reopen_task
from core.errors import Invalid
from core.htmx import page_or_partial
from tenants.models import User

PAGE_SIZE = 50
SHOWN = {
    "mine": gettext_lazy("Mine"),
    "open": gettext_lazy("All open"),
    "done": gettext_lazy("Done"),
}


@require_safe
def task_list(request: HttpRequest) -> HttpResponse:
    """Tasks: one's own, all that are open, or those that are done."""
    shown = request.GET.get("show", "")
    shown = shown if shown in SHOWN else "open"
    here = reverse("contacts:tasks")
    page = Paginator(_chosen(request, shown), PAGE_SIZE).get_page(request.GET.get("page"))
    address = f"{here}?show={shown}&page="
    context = {
        "shown": shown,
        "tabs": [
            {"label": label, "url": f"{here}?show={key}", "current": key == shown}
            for key, label in SHOWN.items()
        ],
        "rows": named(page.object_list),
        "page": page,
        "previous_url": f"{address}{page.number - 1}" if page.has_previous() else "",
        "next_url": f"{address}{page.number + 1}" if page.has_next() else "",
        "now": timezone.now(),
        "active": "tasks",
    }
    return page_or_partial(
        request, page="contacts/tasks.html", partial="contacts/_tasks.html", context=context
    )


def _chosen(request: HttpRequest, shown: str) -> QuerySet[Task]:
    if shown == "done":
        return done_tasks()
    return open_tasks().filter(assignee_id=_me(request)) if shown == "mine" else open_tasks()


def _me(request: HttpRequest) -> UUID:
    return cast(User, request.user).pk


@require_POST
def finish(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Tick a task off, or take the tick away (`undo`)."""
    task = get_object_or_404(Task, pk=task_id)
    if "undo" in request.POST:
        reopen_task(task_id=task.pk)
    elif finish_task(task_id=task.pk, by_id=_me(request), now=timezone.now()) is None:
        raise Http404
    else:
        messages.success(request, _("Done: %(title)s") % {"title": task.title})
    return _back(request, task.contact_id)


def _back(request: HttpRequest, contact_id: Any) -> HttpResponse:
    if request.POST.get("back") == "contact":
        return redirect("contacts:detail", contact_id)
    shown = request.POST.get("show", "")
    return redirect(f"{reverse('contacts:tasks')}?show={shown if shown in SHOWN else 'open'}")


@require_POST
def add(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """A task about this contact, for whoever writes it down."""
    contact = get_object_or_404(Contact, pk=contact_id)
    title = request.POST.get("title", "")
    try:
        add_task(contact=contact, title=title, by_id=_me(request), now=timezone.now())
    except Invalid as refusal:
        messages.error(request, refusal.message)
    return redirect("contacts:detail", contact.pk)
