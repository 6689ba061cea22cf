"""Form fields that blocks share: links, colours, alignment."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_BARE_HOST = re.compile(r"[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+([/?#:].*)?\Z", re.DOTALL)
ALIGNMENTS = [("left", _("Left")), ("center", _("Centre")), ("right", _("Right"))]


class LinkField(forms.CharField):
    """An address to open: http, https, mailto or tel, or one filled in by a merge field."""

    schemes: tuple[str, ...] = ("http", "https", "mailto", "tel")

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 2000)
        super().__init__(**options)

    def clean(self, value: Any) -> str:
        """The address, with https:// before a bare host name; raises ValidationError."""
        address = str(super().clean(value) or "")
        if _BARE_HOST.match(address) and "@" not in address:
            address = f"https://{address}"
        if not address or "{{" in address or "{%" in address or address.startswith("#"):
            return address
        scheme = _SCHEME.match(address)
        if not scheme or scheme[1].lower() not in self.schemes or re.search(r"\s", address):
            raise ValidationError(
                _("Enter an address that starts with %(schemes)s."),
                code="bad_link",
                params={"schemes": ", ".join(f"{name}:" for name in self.schemes)},
            )
        return address


class PictureField(LinkField):
    """The address of a picture on the web."""

    schemes = ("http", "https")


class AlignField(forms.ChoiceField):
    """Left, centre or right."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Alignment"))
        super().__init__(choices=ALIGNMENTS, required=False, **options)

    def clean(self, value: Any) -> str:
        """The choice, or the field's initial one when nothing was chosen."""
        return str(super().clean(value) or self.initial or "left")
