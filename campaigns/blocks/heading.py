from html import escape
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.block_fields import AlignField
from campaigns.contracts import Block, Look, blocks

# Letters, lines, and the room around, by level.
SIZES = {
    "1": ("28px", "34px", "12px 32px 8px"),
    "2": ("22px", "28px", "12px 32px 4px"),
    "3": ("18px", "24px", "10px 32px 0"),
}


class HeadingForm(forms.Form):
    """A line of large text."""

    text = forms.CharField(label=_("Text"), max_length=300)
    level = forms.ChoiceField(
        label=_("Size"),
        choices=[("1", _("Large")), ("2", _("Medium")), ("3", _("Small"))],
        required=False,
        initial="1",
    )
    align = AlignField(initial="left")


class Heading(Block):
    """A heading of one of three sizes."""

    key = "heading"
    label = _("Heading")
    icon = "heading"
    form_class = HeadingForm

    def mjml(self, settings: dict[str, Any], look: Look) -> str:
        level = settings["level"] or "1"
        size, height, padding = SIZES[level]
        inner = (
            f'<h{level} style="margin:0;font-size:{size};line-height:{height};font-weight:650;'
            f'letter-spacing:-0.01em;">{escape(settings["text"])}</h{level}>'
        )
        return (
            f'<mj-text css-class="vg-text" align="{settings["align"]}" color="{look.text}" '
            f'font-size="{size}" line-height="{height}" padding="{padding}">'
            f"{look.keep(inner)}</mj-text>"
        )

    def text(self, settings: dict[str, Any], look: Look) -> str:
        return str(settings["text"])


blocks.register(Heading())
