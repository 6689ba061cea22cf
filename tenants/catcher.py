"""A small SMTP server that keeps every mail instead of delivering it."""

import asyncio
import logging

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.utils import timezone

from tenants.inbox import catch_mail

log = logging.getLogger(__name__)

LARGEST_MAIL = 10 * 1024 * 1024


class CatchingHandler:
    """Stores each mail before it says so; without a database it asks the sender to come back."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return await asyncio.to_thread(store, envelope)


def store(envelope: Envelope) -> str:
    """The SMTP answer: 250 once the mail is a row, 451 when it could not be stored now."""
    close_old_connections()
    content = envelope.content or b""
    raw = content if isinstance(content, bytes) else content.encode()
    try:
        catch_mail(
            sender=envelope.mail_from or "",
            recipients=list(envelope.rcpt_tos),
            raw=raw,
            now=timezone.now(),
        )
    except (DatabaseError, InterfaceError):
        log.warning("mail_not_stored")
        connection.close()
        return "451 4.3.0 The inbox is not reachable now, try again later"
    return "250 2.0.0 Caught"


def catching_server(*, host: str, port: int) -> Controller:
    """A server ready to start."""
    return Controller(
        CatchingHandler(),
        hostname=host,
        port=port,
        data_size_limit=LARGEST_MAIL,
        enable_SMTPUTF8=True,
        ident="Viaggio",
    )
