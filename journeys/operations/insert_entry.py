"""Another way in."""

from dataclasses import replace

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Invalid
from journeys.contracts import entries
from journeys.definition import Definition, EntryNode
from journeys.edits import Edit, Given, Operation, operations
from journeys.places import beginning

MAX_ENTRIES = 20


class InsertEntryFields(forms.Form):
    kind = forms.CharField(max_length=60)


class InsertEntry(Operation):
    """It begins with the settings its form begins with."""

    key = "insert_entry"
    label = gettext_lazy("add the way in %(what)s")
    past = gettext_lazy("added the way in “%(what)s”")
    fields = InsertEntryFields

    def apply(self, definition: Definition, given: Given) -> Edit:
        kind = given["kind"]
        if kind not in entries:
            raise Invalid("unknown_entry", _("There is no entry “%(kind)s”.") % {"kind": kind})
        if len(definition.entries) >= MAX_ENTRIES:
            words = _("A journey has %(most)s ways in at most.") % {"most": MAX_ENTRIES}
            raise Invalid("too_many_entries", words)
        new = EntryNode(kind, beginning(entries.get(kind).form))
        return Edit(
            replace(definition, entries=(*definition.entries, new)),
            str(entries.get(kind).label),
            focus=f"entry:{len(definition.entries)}",
        )


operations.register(InsertEntry())
