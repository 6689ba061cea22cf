"""Tasks of colleagues about contacts: making them, telling about them, ticking them off."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.mail import EmailMessage, get_connection
from django.db.models import F, QuerySet
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from contacts.models import Contact, Task
from contacts.naming import names
from core.errors import Invalid, Problem
from tenants.context import current_workspace
from tenants.hosts import workspace_url
from tenants.members import team_of
from tenants.models import Membership, User, Workspace

TITLE_MAX, NOTE_MAX = 200, 2000
# A colleague gets one mail for so many tasks of one batch at most, the rest is on the page.
LISTED = 20


@dataclass(frozen=True)
class NewTask:
    """Something to do about a contact; a `source_key` that is there already makes nothing."""

    contact_id: UUID
    title: str
    note: str = ""
    assignee_id: UUID | None = None
    due_at: datetime | None = None
    source_key: str = ""


def create_tasks(*, tasks: Sequence[NewTask], now: datetime, alert: bool = False) -> list[Task]:
    """Make those that are not there yet, in the caller's transaction; the new ones.

    With `alert` the assignee gets a mail about them, all owners and admins where there is none.
    """
    rows = [
        Task(
            contact_id=each.contact_id,
            title=each.title[:TITLE_MAX],
            note=each.note[:NOTE_MAX],
            assignee_id=each.assignee_id,
            due_at=each.due_at,
            source_key=each.source_key,
            created_at=now,
        )
        for each in tasks
    ]
    if not rows:
        return []
    Task.objects.bulk_create(rows, ignore_conflicts=True)
    # Which rows were new: those of this batch that are there under the ids it made.
    made = list(
        Task.objects.filter(pk__in=[row.pk for row in rows])
        .select_related("contact")
        .order_by("created_at", "pk")
    )
    if alert and made:
        _alert(made)
    return made


def add_task(*, contact: Contact, title: str, by_id: UUID, now: datetime) -> Task:
    """A task somebody gives themselves; raises Invalid without a title."""
    text = " ".join(title.replace("\x00", "").split())
    if not text or len(text) > TITLE_MAX:
        sentence = _("Say what is to be done, in at most %(most)s characters.")
        message = sentence % {"most": TITLE_MAX}
        raise Invalid("bad_title", message, [Problem("bad_title", message, "title")])
    [task] = create_tasks(tasks=[NewTask(contact.pk, text, assignee_id=by_id)], now=now)
    return task


def finish_task(*, task_id: UUID, by_id: UUID | None, now: datetime) -> Task | None:
    """Tick it off; one that is done already stays as it was. None when there is no such task."""
    Task.objects.filter(pk=task_id, done_at__isnull=True).update(done_at=now, done_by_id=by_id)
    return Task.objects.select_related("contact").filter(pk=task_id).first()


def reopen_task(*, task_id: UUID) -> None:
    """Take the tick away again."""
    Task.objects.filter(pk=task_id).update(done_at=None, done_by_id=None)


def open_tasks() -> QuerySet[Task]:
    """What is to be done, the most urgent first."""
    rows = Task.objects.filter(done_at__isnull=True).select_related("contact")
    return rows.order_by(F("due_at").asc(nulls_last=True), "created_at", "pk")


def done_tasks() -> QuerySet[Task]:
    """What was done, newest first."""
    return Task.objects.filter(done_at__isnull=False).select_related("contact").order_by("-done_at")


def named(tasks: Iterable[Task]) -> list[tuple[Task, str]]:
    """Each task with the name of whose it is; "" for nobody's, or for one who left."""
    rows = list(tasks)
    team = {user.pk: user.get_full_name() for user in team_of(current_workspace())} if rows else {}
    return [(row, team.get(row.assignee_id, "") if row.assignee_id else "") for row in rows]


# --- telling


def _alert(tasks: Sequence[Task]) -> None:
    """One mail to each colleague about all that is new for them, queued with the tasks."""
    workspace = current_workspace()
    team = {user.pk: user for user in team_of(workspace)}
    mine: dict[UUID, list[Task]] = {}
    for task in tasks:
        readers = [task.assignee_id] if task.assignee_id in team else _leads(workspace)
        for reader in readers:
            mine.setdefault(reader, []).append(task)
    mails = [_mail(workspace, team[reader], found) for reader, found in mine.items()]
    if mails:
        get_connection().send_messages(mails)


def _leads(workspace: Workspace) -> list[UUID]:
    roles = (Membership.Role.OWNER, Membership.Role.ADMIN)
    return list(
        workspace.memberships.filter(role__in=roles)
        .order_by("created_at")
        .values_list("user_id", flat=True)
    )


def _mail(workspace: Workspace, reader: User, tasks: Sequence[Task]) -> EmailMessage:
    """In the reader's language; names come from contacts, so no line of them may break."""
    with translation.override(reader.language):
        first = tasks[0]
        subject = f"{first.title}: {first.contact.name}"
        if len(tasks) > 1:
            subject = _("%(count)s new tasks") % {"count": len(tasks)}
        parts = [_told(workspace, task) for task in tasks[:LISTED]]
        page = workspace_url(workspace, "contacts:tasks")
        parts.append(_("All tasks: %(url)s") % {"url": page})
        return EmailMessage(" ".join(subject.split())[:200], "\n\n".join(parts), to=[reader.email])


def _told(workspace: Workspace, task: Task) -> str:
    lines = [f"{task.title}: {task.contact.name}"]
    if task.note:
        lines.append(task.note)
    if task.due_at:
        lines.append(_("Until %(day)s") % {"day": date_format(task.due_at, "DATE_FORMAT")})
    lines.append(workspace_url(workspace, "contacts:detail", task.contact_id))
    return "\n".join(lines)


def team_choices() -> list[tuple[str, str]]:
    """Who a task can be given to: (id, name)."""
    return list(names("team", _team_names).items())


def _team_names() -> dict[str, str]:
    return {str(user.pk): user.get_full_name() for user in team_of(current_workspace())}
