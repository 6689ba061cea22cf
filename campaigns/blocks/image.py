from html import escape
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.block_fields import AlignField, LinkField, PictureField
from campaigns.contracts import Block, Look, blocks


class ImageForm(forms.Form):
    """A picture, what it shows in words, and where it leads."""

    src = PictureField(label=_("Picture"))
    alt = forms.CharField(
        label=_("Description"),
        max_length=300,
        required=False,
        help_text=_("Read aloud, and shown while pictures are off. Empty for decoration."),
    )
    href = LinkField(label=_("Link"), required=False)
    width = forms.IntegerField(
        label=_("Width in pixels"), min_value=16, max_value=600, required=False
    )
    align = AlignField(initial="center")


class Image(Block):
    """A picture that shrinks with the screen."""

    key = "image"
    label = _("Picture")
    icon = "image"
    form_class = ImageForm

    def mjml(self, settings: dict[str, Any], look: Look) -> str:
        link = f'href="{escape(settings["href"])}" ' if settings["href"] else ""
        width = f'width="{settings["width"]}px" ' if settings["width"] else ""
        side = "0" if not settings["width"] else "32px"
        return (
            f'<mj-image align="{settings["align"]}" src="{escape(settings["src"])}" '
            f'alt="{escape(settings["alt"])}" {link}{width}padding="8px {side}" />'
        )

    def text(self, settings: dict[str, Any], look: Look) -> str:
        if not settings["href"]:
            return f"[{settings['alt']}]" if settings["alt"] else ""
        where = look.link(settings["href"])
        return f"{settings['alt']}: {where}" if settings["alt"] else where


blocks.register(Image())
