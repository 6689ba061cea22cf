"""A text box that suggests what is there already, without a script."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms

from contacts.models import Tag


class SuggestInput(forms.TextInput):
    """An input with a datalist; `suggestions` is asked each time the form is drawn."""

    template_name = "contacts/_suggest_input.html"

    def __init__(self, suggestions: Callable[[], Iterable[str]], attrs: Any = None) -> None:
        super().__init__({"autocomplete": "off", **(attrs or {})})
        self.suggestions = suggestions

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        list_id = f"{context['widget']['attrs'].get('id', name)}-list"
        context["widget"]["attrs"]["list"] = list_id
        context["widget"]["list_id"] = list_id
        context["widget"]["suggestions"] = list(self.suggestions())
        return context


def tag_names() -> list[str]:
    """The first 200 tags, for suggestions."""
    return list(Tag.objects.values_list("name", flat=True)[:200])
