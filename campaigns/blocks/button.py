from html import escape
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.block_fields import AlignField, LinkField
from campaigns.contracts import Block, Look, blocks


class ButtonForm(forms.Form):
    """One thing to do."""

    label = forms.CharField(label=_("Label"), max_length=100)
    href = LinkField(label=_("Link"))
    align = AlignField(initial="left")


class Button(Block):
    """A large link in the brand's colour."""

    key = "button"
    label = _("Button")
    icon = "mouse-pointer-click"
    form_class = ButtonForm

    def mjml(self, settings: dict[str, Any], look: Look) -> str:
        return (
            f'<mj-button css-class="vg-button" align="{settings["align"]}" '
            f'href="{escape(settings["href"])}" background-color="{look.solid}" '
            f'color="{look.on_solid}" font-size="16px" font-weight="600" line-height="20px" '
            f'border-radius="8px" inner-padding="14px 26px" padding="10px 32px 18px">'
            f"{escape(settings['label'])}</mj-button>"
        )

    def text(self, settings: dict[str, Any], look: Look) -> str:
        return f"{settings['label']}: {look.link(settings['href'])}"


blocks.register(Button())
