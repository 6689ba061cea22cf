"""Tags."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.contracts import ConditionScope, conditions
from contacts.models import ContactTag
from contacts.widgets import SuggestInput, tag_names

TESTS = {"has": gettext_lazy("has the tag"), "has_not": gettext_lazy("does not have the tag")}


class TagForm(forms.Form):
    test = forms.ChoiceField(label=gettext_lazy("Test"), choices=list(TESTS.items()))
    tag = forms.CharField(label=gettext_lazy("Tag"), max_length=60, widget=SuggestInput(tag_names))


class TagCondition:
    key = "tag"
    label = gettext_lazy("Tag")
    group = gettext_lazy("Who they are")
    icon = "tag"
    form = TagForm

    def summary(self, config: dict[str, Any]) -> str:
        if config["test"] == "has":
            return _("with the tag “%(tag)s”") % {"tag": config["tag"]}
        return _("without the tag “%(tag)s”") % {"tag": config["tag"]}

    def as_q(self, config: dict[str, Any], scope: ConditionScope) -> Q:
        tagged = Q(
            Exists(
                ContactTag.objects.filter(contact=OuterRef("pk"), tag__name__iexact=config["tag"])
            )
        )
        return tagged if config["test"] == "has" else ~tagged


conditions.register(TagCondition())
