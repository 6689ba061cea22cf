from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.contracts import Block, Look, blocks


class DividerForm(forms.Form):
    """A line; there is nothing to set."""


class Divider(Block):
    """A thin line between two parts."""

    key = "divider"
    label = _("Line")
    icon = "minus"
    form_class = DividerForm

    def mjml(self, settings: dict[str, Any], look: Look) -> str:
        return (
            f'<mj-divider css-class="vg-line" border-width="1px" border-color="{look.line}" '
            f'padding="14px 32px" />'
        )

    def text(self, settings: dict[str, Any], look: Look) -> str:
        return "-" * 40


blocks.register(Divider())
