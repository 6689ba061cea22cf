"""The changes of a draft: who made which, what can be undone, and what somebody missed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from journeys.contracts import Config
from journeys.edits import operations
from journeys.models import DraftEdit, Journey
from tenants.models import User

KEPT = 100


@dataclass(frozen=True)
class Author:
    """Who changes a draft, as its log remembers them; no id for a program."""

    id: UUID | None = None
    name: str = ""

    @classmethod
    def of(cls, user: User) -> "Author":
        return cls(user.pk, user.get_full_name()[:120])


@dataclass(frozen=True)
class History:
    """What can be undone and done again next, newest first; nobody reads definitions for it."""

    newest: DraftEdit | None = None
    undoable: DraftEdit | None = None
    redoable: DraftEdit | None = None

    def undo_label(self, reader: UUID | None) -> str:
        """ "Undo: add Email", with the colleague's name when it was theirs; "" for nothing."""
        return self._label(_("Undo: %(doing)s"), self.undoable, reader)

    def redo_label(self, reader: UUID | None) -> str:
        """The same for doing it again."""
        return self._label(_("Redo: %(doing)s"), self.redoable, reader)

    @staticmethod
    def _label(words: str, edit: DraftEdit | None, reader: UUID | None) -> str:
        if edit is None:
            return ""
        label = words % {"doing": doing(edit)}
        is_own = edit.by_id is not None and edit.by_id == reader
        return label if is_own or not edit.by_name else f"{label} ({edit.by_name})"


def history_of(journey: Journey) -> History:
    """The state of a draft's log; one query."""
    rows = list(journey.edits.defer("definition").order_by("-number"))
    done = [each for each in rows if not each.is_undone]
    undone = [each for each in rows if each.is_undone]
    return History(
        newest=max(rows, key=lambda each: each.revision, default=None),
        undoable=done[0] if done else None,
        redoable=undone[-1] if undone else None,
    )


def doing(edit: DraftEdit) -> str:
    """What undoing it takes back; the kind itself for an operation of another release."""
    return operations.get(edit.kind).doing(edit.what) if edit.kind in operations else edit.kind


def record(
    *, journey: Journey, before: Config, kind: str, what: str, by: Author, now: datetime
) -> None:
    """Note a change of the draft, whose row is locked and has its new revision already."""
    journey.edits.filter(is_undone=True).delete()
    last = journey.edits.order_by("-number").values_list("number", flat=True).first() or 0
    DraftEdit.objects.create(
        journey=journey,
        number=last + 1,
        kind=kind,
        what=what[:200],
        by_id=by.id,
        by_name=by.name,
        at=now,
        definition=before,
        revision=journey.draft_revision,
        turned_by_id=by.id,
        turned_by_name=by.name,
        turned_at=now,
    )
    journey.edits.filter(number__lte=last + 1 - KEPT).delete()


def missed(journey: Journey, *, reader: UUID | None, now: datetime) -> str:
    """Who changed the draft last, when and what, for somebody who worked on an older one."""
    newest = history_of(journey).newest
    if newest is None:
        return _("Somebody changed this meanwhile.")
    words = {"ago": ago(now - newest.turned_at), "what": having_done(newest)}
    if newest.turned_by_id is not None and newest.turned_by_id == reader:
        return _("You changed this %(ago)s, in another window: %(what)s.") % words
    words["who"] = newest.turned_by_name or _("Somebody")
    return _("%(who)s changed this %(ago)s: %(what)s.") % words


def having_done(edit: DraftEdit) -> str:
    """What somebody did last: made it, or undid it."""
    if edit.is_undone:
        return _("undid “%(doing)s”") % {"doing": doing(edit)}
    known = edit.kind in operations
    return operations.get(edit.kind).having_done(edit.what) if known else edit.kind


def ago(passed: timedelta) -> str:
    """A time that has passed, in the largest whole unit: "10 seconds ago"."""
    seconds = max(0, int(passed.total_seconds()))
    if seconds < 60:
        return ngettext("%(n)s second ago", "%(n)s seconds ago", seconds) % {"n": seconds}
    if seconds < 3600:
        minutes = seconds // 60
        return ngettext("%(n)s minute ago", "%(n)s minutes ago", minutes) % {"n": minutes}
    if seconds < 86_400:
        hours = seconds // 3600
        return ngettext("%(n)s hour ago", "%(n)s hours ago", hours) % {"n": hours}
    return ngettext("%(n)s day ago", "%(n)s days ago", seconds // 86_400) % {"n": seconds // 86_400}
