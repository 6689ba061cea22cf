"""Any SMTP server, over one reused connection."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.outbound import Parcel, Provider, Session, providers
from campaigns.smtp import Outgoing, Refused, SmtpClient, Verdict
from core.mailgate import MessageRefused


class SmtpForm(forms.Form):
    """Where the server is and how to sign in."""

    host = forms.CharField(label=_("Server"), max_length=253)
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, initial=587)
    security = forms.ChoiceField(
        label=_("Encryption"),
        choices=[("starttls", "STARTTLS"), ("tls", "TLS"), ("none", _("None"))],
    )
    username = forms.CharField(label=_("User name"), required=False, max_length=200)
    password = forms.CharField(
        label=_("Password"), required=False, max_length=200, widget=forms.PasswordInput
    )


class SmtpSession(Session):
    """Builds each message's bytes and hands them to the client."""

    def __init__(self, client: SmtpClient) -> None:
        self.client = client

    def send(self, parcels: Sequence[Parcel]) -> Iterator[Verdict]:
        """A verdict for each; a message that may not leave is refused by us, for good."""
        ready: list[Outgoing] = []
        refused: dict[int, Refused] = {}
        for number, parcel in enumerate(parcels):
            try:
                ready.append(_outgoing(parcel))
            except MessageRefused as refusal:
                refused[number] = Refused(True, 0, str(refusal.message))
        sent = self.client.send_batch(ready)
        for number in range(len(parcels)):
            yield refused[number] if number in refused else next(sent)


def _outgoing(parcel: Parcel) -> Outgoing:
    return Outgoing(parcel.sender_address, parcel.to, parcel.mime(), dotless=True)


class Smtp(Provider):
    key = "smtp"
    label = _("SMTP server")
    form_class = SmtpForm

    @contextmanager
    def session(self, credentials: Mapping[str, Any]) -> Iterator[SmtpSession]:
        """One connection for the whole block."""
        client = SmtpClient(
            credentials["host"],
            int(credentials["port"]),
            security=credentials.get("security", "none"),
            username=credentials.get("username", ""),
            password=credentials.get("password", ""),
        )
        with client:
            yield SmtpSession(client)


providers.register(Smtp())
