"""`smtp://user:password@host:port`: where mail leaves, in one setting."""

from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

SECURITY = {"smtp": "none", "smtp+tls": "starttls", "smtps": "tls"}
PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def parse_mail_url(url: str) -> dict[str, Any]:
    """Host, port, security (none, starttls, tls), username and password of a mail server.

    Schemes: `smtp` plain, `smtp+tls` STARTTLS, `smtps` TLS from the start; others raise
    ImproperlyConfigured.
    """
    parts = urlsplit(url)
    if parts.scheme not in SECURITY or not parts.hostname:
        raise ImproperlyConfigured(
            "EMAIL_URL must look like smtp://host:25, smtp+tls://user:password@host:587"
            " or smtps://user:password@host:465."
        )
    return {
        "host": parts.hostname,
        "port": parts.port or PORTS[parts.scheme],
        "security": SECURITY[parts.scheme],
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
    }
