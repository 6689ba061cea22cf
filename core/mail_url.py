"""Where mail leaves, as one address: `smtp://user:password@host:port`."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# Scheme to (port, STARTTLS, TLS from the first byte).
SCHEMES = {"smtp": (25, False, False), "smtp+tls": (587, True, False), "smtps": (465, False, True)}


@dataclass(frozen=True)
class MailServer:
    """An SMTP server and how to speak to it."""

    host: str
    port: int
    username: str = ""
    password: str = ""
    use_tls: bool = False
    use_ssl: bool = False


def parse_mail_url(url: str) -> MailServer:
    """The server behind `smtp://`, `smtp+tls://` (STARTTLS) or `smtps://`.

    User and password are percent-decoded. Raises ImproperlyConfigured for anything else.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured("EMAIL_URL has a port that is not a number.") from None
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise ImproperlyConfigured(
            "EMAIL_URL must look like smtp://user:password@host:port, with smtp+tls:// for"
            " STARTTLS or smtps:// for TLS."
        )
    default_port, use_tls, use_ssl = SCHEMES[parts.scheme]
    return MailServer(
        host=parts.hostname,
        port=port or default_port,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        use_tls=use_tls,
        use_ssl=use_ssl,
    )
