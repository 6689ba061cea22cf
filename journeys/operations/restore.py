"""The draft becomes a published version again."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Invalid
from journeys.definition import Definition, parse
from journeys.edits import Edit, Given, Operation, operations
from journeys.models import Journey


class RestoreFields(forms.Form):
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)


class Restore(Operation):
    """Nothing changes for those inside until it is published."""

    key = "restore"
    label = gettext_lazy("bring back version %(what)s")
    past = gettext_lazy("brought back version %(what)s")
    fields = RestoreFields

    def read(self, data: Given, journey: Journey) -> dict[str, Any]:
        number = super().read(data, journey)["version"]
        version = journey.versions.filter(number=number).first()
        if version is None:
            words = _("There is no version %(number)s.") % {"number": number}
            raise Invalid("no_such_version", words)
        return {"version": number, "definition": version.definition}

    def apply(self, definition: Definition, given: Given) -> Edit:
        return Edit(parse(given["definition"]), str(given["version"]))


operations.register(Restore())
