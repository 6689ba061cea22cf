"""How a provider reports what became of messages: who vouches for a call, and how it is read.

The reading is Anymail's. Its views take their secrets from the process's settings when they start;
ours belong to the account, so views are made without that start and given what they need.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from anymail.signals import AnymailTrackingEvent, RejectReason
from anymail.utils import collect_all_methods
from anymail.webhooks.base import AnymailCoreWebhookView
from django import forms
from django.core.handlers.wsgi import WSGIRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.api.errors import ApiRefusal
from core.api.json_body import decode_json

DEAD = frozenset({RejectReason.BOUNCED, RejectReason.INVALID})


@dataclass(frozen=True)
class Call:
    """One webhook call: what was posted, when it came, and to which address of ours."""

    body: bytes
    headers: Mapping[str, str]
    at: datetime
    # Asked only by those who sign it.
    url: Callable[[], str] = str

    def request(self, body: bytes | None = None) -> WSGIRequest:
        """The call as Anymail reads it, with another body if one is given."""
        content = self.body if body is None else body
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "443",
            "CONTENT_LENGTH": str(len(content)),
            "wsgi.input": BytesIO(content),
        }
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        return WSGIRequest(environ)


class BadSignature(Exception):
    """Nothing vouches for a call."""


class NoSecrets(forms.Form):
    """For providers that sign nothing: the address itself is the secret."""


def bad_signature() -> ApiRefusal:
    """The refusal of a call that nobody vouches for."""
    return ApiRefusal("bad_signature", _("The signature of this call is missing or wrong."))


def invalid_json() -> ApiRefusal:
    """The refusal of a body that is no report."""
    return ApiRefusal("invalid_json", _("The body of this call is not a report in JSON."))


@dataclass(frozen=True)
class Keys:
    """What an account knows: its credentials, and what its provider signs with."""

    credentials: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, Any] = field(default_factory=dict)


class Feedback:
    """One provider's reports: the address, checked by an optional signature, read by Anymail."""

    view: ClassVar[type[AnymailCoreWebhookView]]
    # What the provider signs with, as a form; every field of it is needed.
    form_class: ClassVar[type[forms.Form]] = NoSecrets
    # Where to enter the address at the provider.
    where: ClassVar[str | Promise] = ""
    # The headers that are stored, besides the content type.
    headers: ClassVar[tuple[str, ...]] = ()
    # What a report may be at its top.
    shapes: ClassVar[tuple[type, ...]] = (dict,)
    # True where what is signed is a token, so that the same one may not vouch for another body.
    is_single_use: ClassVar[bool] = False

    def verify(self, call: Call, keys: Keys) -> None:
        """Raise anything at all when the call is not the provider's; the base asks Anymail."""
        view, request = self.made(**self.attributes(keys)), call.request()
        view.run_validators(request)

    def attributes(self, keys: Keys) -> dict[str, Any]:
        """What Anymail's view needs to check a signature."""
        return {}

    def made(self, **attributes: Any) -> Any:
        """Anymail's view with these attributes."""
        view: Any = object.__new__(self.view)
        view.validators = collect_all_methods(self.view, "validate_request")
        for name, value in attributes.items():
            setattr(view, name, value)
        return view

    def check(self, call: Call, keys: Keys) -> None:
        """Raise ApiRefusal for a call that is not the provider's, or no report."""
        if any(not keys.secrets.get(name) for name in self.form_class.base_fields):
            raise bad_signature()
        try:
            self.verify(call, keys)
        except ApiRefusal:
            raise
        except Exception:
            raise bad_signature() from None
        self.check_payload(call)

    def check_payload(self, call: Call) -> None:
        """Raise ApiRefusal when the body is not what this provider sends."""
        payload = decode_json(call.body)
        if not payload or not isinstance(payload, self.shapes):
            raise invalid_json()

    def answers(self, call: Call) -> bool:
        """Do at once what a call asks for that is no report; True when nothing is left to read."""
        return False

    def delivery_id(self, call: Call) -> str:
        """The provider's own id of the call; "" takes the body's hash."""
        return ""

    def kept_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Those of the call's headers that reading it needs."""
        return {name: headers[name] for name in ("Content-Type", *self.headers) if name in headers}

    def events(self, call: Call, body: bytes | None = None) -> list[AnymailTrackingEvent]:
        """The reports in a call, in Anymail's words; raises anything for what it cannot read."""
        view = self.made()
        return list(view.parse_events(call.request(body)))

    def parts(self, call: Call) -> Sequence[bytes]:
        """The body once for each report in it, so that a bad one does not sink the others."""
        return [call.body]

    def send_id(self, event: AnymailTrackingEvent) -> UUID | None:
        """Our own id of the send, which travelled with the message."""
        metadata = event.metadata if isinstance(event.metadata, Mapping) else {}
        return as_uuid(metadata.get("send_id")) or as_uuid(_local_part(event.message_id))

    def event_id(self, event: AnymailTrackingEvent) -> str:
        """The provider's id of the report, the same however often it is sent; "" for none."""
        return str(event.event_id or "")

    def event_type(self, event: AnymailTrackingEvent) -> str:
        """What happened, as Anymail calls it."""
        return str(event.event_type)

    def is_hard(self, event: AnymailTrackingEvent) -> bool:
        """Whether a bounce, or a refusal to send, says that the address is dead."""
        return event.reject_reason in DEAD

    def is_machine(self, event: AnymailTrackingEvent) -> bool:
        """Whether the provider itself says that no person opened or clicked."""
        return False


def as_uuid(value: Any) -> UUID | None:
    """The value as a UUID; None when it is none."""
    try:
        return UUID(str(value)) if value else None
    except ValueError:
        return None


def _local_part(message_id: Any) -> str:
    """What stands before the @ of a Message-ID: the send id, where ours survives."""
    text = str(message_id or "")
    return text.strip("<>").partition("@")[0] if "@" in text else ""


def list_parts(call: Call) -> list[bytes]:
    """The parts of a body that is a JSON list."""
    payload = decode_json(call.body)
    items = payload if isinstance(payload, list) else [payload]
    return [msgspec.json.encode([item]) for item in items]
