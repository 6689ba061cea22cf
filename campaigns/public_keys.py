"""Public keys as providers show them: base64, with or without its frame."""

import re
from typing import Any

from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django import forms
from django.utils.translation import gettext as _

FRAME = re.compile(r"-----(BEGIN|END) PUBLIC KEY-----|\s")


def as_pem(key: str) -> bytes:
    """The key in its frame (RFC 7468)."""
    return f"-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----".encode()


class PublicKeyField(forms.CharField):
    """A public key; its value is the base64 alone."""

    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=2000, **kwargs)

    def clean(self, value: Any) -> str:
        """The base64 of a key that can be read; raises ValidationError else."""
        bare = FRAME.sub("", super().clean(value))
        try:
            load_pem_public_key(as_pem(bare))
        except ValueError:
            raise forms.ValidationError(_("This is not a public key."), "bad_key") from None
        return bare
