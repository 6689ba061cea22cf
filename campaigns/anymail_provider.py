"""Providers with an HTTP API, by way of Anymail: one message a call, and an exact verdict for it.

A provider is a file in `providers/` that names Anymail's backend and a form whose fields are the
backend's own options.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import requests
from anymail.exceptions import (
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailRequestsAPIError,
    AnymailSerializationError,
    AnymailUnsupportedFeature,
)
from django.core.mail import EmailMultiAlternatives
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from campaigns.outbound import Parcel, Provider, Session
from campaigns.smtp import Accepted, InDoubt, NotTried, Refused, Verdict
from core.mailgate import MessageRefused, check_message

CONNECT_SECONDS = 10
READ_SECONDS = 30
# Said of a call that never reached the provider's application.
NEVER_CONNECTED = (NewConnectionError, ConnectTimeoutError)
# Raised by Anymail while it builds the call, before anything leaves.
NEVER_CALLED = (AnymailInvalidAddress, AnymailSerializationError, AnymailUnsupportedFeature)


class AnymailProvider(Provider):
    """A provider whose form's fields are the keyword arguments of an Anymail backend."""

    backend: ClassVar[str]
    group = 10
    takes_metadata: ClassVar[bool] = True
    # Whether a Message-ID of ours survives, and what else the provider wants to hear for that.
    keeps_message_id: ClassVar[bool] = False
    more_headers: ClassVar[Mapping[str, str]] = {}
    # The header of a message, as Anymail passes it on, that names the send for the provider.
    idempotency_header: ClassVar[str] = ""

    @contextmanager
    def session(self, credentials: Mapping[str, Any]) -> Iterator["AnymailSession"]:
        """One kept-alive HTTPS session for the whole block."""
        options = {name: value for name, value in credentials.items() if value not in ("", None)}
        backend = import_string(self.backend)(timeout=(CONNECT_SECONDS, READ_SECONDS), **options)
        backend.open()
        try:
            yield AnymailSession(self, backend)
        finally:
            backend.close()


class AnymailSession(Session):
    """Calls the API once a message; what one answers says nothing of the next."""

    def __init__(self, provider: AnymailProvider, backend: Any) -> None:
        self.provider = provider
        self.backend = backend

    def send(self, parcels: Sequence[Parcel]) -> Iterator[Verdict]:
        """A verdict for each; once nobody answers, the rest is not tried."""
        unreachable: NotTried | None = None
        for parcel in parcels:
            verdict = unreachable or self._send(parcel)
            if isinstance(verdict, NotTried):
                unreachable = verdict
            yield verdict

    def _send(self, parcel: Parcel) -> Verdict:
        try:
            message = self.message(parcel)
            self.backend.send_messages([message])
        except MessageRefused as refusal:
            return Refused(True, 0, str(refusal.message))
        except NEVER_CALLED as error:
            return Refused(True, 0, _told(error))
        except AnymailRecipientsRefused:
            return Refused(True, 0, _("The provider does not send to this address."))
        except AnymailRequestsAPIError as error:
            return _verdict_of(error)
        except Exception as error:
            # An answer nobody foresaw costs this message its certainty, and no other.
            return InDoubt(_not_understood(error))
        return _verdict_of_status(message.anymail_status, parcel.to)  # type: ignore[attr-defined]

    def message(self, parcel: Parcel) -> EmailMultiAlternatives:
        """The parcel as Anymail takes it; raises MessageRefused when it may not leave."""
        rendered, headers = parcel.rendered, self._headers(parcel)
        check_message(to=parcel.to, sender=parcel.sender, subject=rendered.subject, headers=headers)
        message = EmailMultiAlternatives(
            subject=rendered.subject,
            body=rendered.text,
            from_email=_quoted(parcel.sender, parcel.sender_address),
            to=[parcel.to],
            headers={**headers, **self.provider.more_headers},
        )
        message.attach_alternative(rendered.html, "text/html")
        if self.provider.takes_metadata:
            message.metadata = {"send_id": str(parcel.id)}  # type: ignore[attr-defined]
        return message

    def _headers(self, parcel: Parcel) -> dict[str, str]:
        headers = {}
        if self.provider.idempotency_header:
            headers[self.provider.idempotency_header] = str(parcel.id)
        if self.provider.keeps_message_id:
            domain = parcel.sender_address.rsplit("@", 1)[1]
            headers["Message-ID"] = f"<{parcel.id}@{domain}>"
        if parcel.one_click:
            headers["List-Unsubscribe"] = f"<{parcel.rendered.unsubscribe_url}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        return headers


def _verdict_of_status(status: Any, to: str) -> Verdict:
    """What Anymail read out of an answer it understood."""
    found = status.recipients.get(to)
    if found is None or (found.status == "unknown" and not found.message_id):
        response = status.esp_response
        if response is not None and 400 <= response.status_code < 500:
            return Refused(True, response.status_code, " ".join(response.text.split())[:250])
        return InDoubt(_("The provider's answer does not say whether it was sent."))
    return Accepted(str(found.message_id or ""))


def _verdict_of(error: AnymailRequestsAPIError) -> Verdict:
    """What an API error says about whether the message left."""
    if error.response is None:
        return _verdict_without_answer(error)
    status, text = int(error.response.status_code), _told(error)
    has_wait = "Retry-After" in error.response.headers
    if status == 401:
        # The account's trouble, not this message's: it goes out once the key is put right.
        return NotTried(_("The provider refused the credentials."), status)
    if status in (408, 429) or (status == 503 and has_wait):
        return Refused(False, status, text)
    if 400 <= status < 500:
        return Refused(True, status, text)
    return InDoubt(_not_understood(error))


def _verdict_without_answer(error: AnymailRequestsAPIError) -> Verdict:
    """No answer came: certainly not sent only if no connection came about."""
    if isinstance(error, requests.ConnectTimeout) or any(
        isinstance(cause, NEVER_CONNECTED) for cause in _causes(error)
    ):
        return NotTried(_("The provider could not be reached."))
    if isinstance(error, requests.Timeout):
        return InDoubt(_("The provider did not answer in time."))
    return InDoubt(_("The connection to the provider was lost."))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything it says it came from."""
    seen: set[int] = set()
    waiting: list[Any] = [error]
    while waiting:
        current = waiting.pop()
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        waiting += [current.__cause__, current.__context__, getattr(current, "reason", None)]
        waiting += current.args


def _not_understood(error: Exception) -> str:
    return _("The provider's answer does not say whether it was sent: %(detail)s") % {
        "detail": _told(error)
    }


def _told(error: Exception) -> str:
    """The provider's own words, short."""
    response = getattr(error, "response", None)
    if response is not None:
        return " ".join(response.text.split())[:250]
    return " ".join(str(error).split())[:250]


def _quoted(sender: str, address: str) -> str:
    """`"Name" <address>`, so that a comma in the name separates nothing."""
    name = sender.removesuffix(f" <{address}>") if sender != address else ""
    if not name:
        return address
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}" <{address}>'
