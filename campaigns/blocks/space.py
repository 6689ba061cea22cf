from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.contracts import Block, Look, blocks


class SpaceForm(forms.Form):
    """How much room to leave."""

    height = forms.IntegerField(
        label=_("Height in pixels"), min_value=4, max_value=200, initial=24, required=False
    )


class Space(Block):
    """Empty room."""

    key = "space"
    label = _("Space")
    icon = "unfold-vertical"
    form_class = SpaceForm

    def mjml(self, settings: dict[str, Any], look: Look) -> str:
        return f'<mj-spacer height="{settings["height"] or 24}px" />'

    def text(self, settings: dict[str, Any], look: Look) -> str:
        return ""


blocks.register(Space())
