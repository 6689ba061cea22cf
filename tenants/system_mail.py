"""Mail of the installation itself: rows first, then one sender that claims, calls and settles."""

import logging
import smtplib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime

from celery import current_app
from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from core.mail_url import parse_mail_url
from core.mailgate import MessageRefused, check_message
from tenants.models import SystemMail

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
BATCH = 20
MAX_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(hours=1)
TIMEOUT_SECONDS = 20
DUE = Q(status__in=[SystemMail.Status.QUEUED, SystemMail.Status.CALLING])


class RowBackend(BaseEmailBackend):
    """Django's door for mail: writes one row per recipient in the caller's transaction."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """How many messages were queued; one that must not leave is kept as failed."""
        now = timezone.now()
        rows = [
            _row(message, address, now)
            for message in email_messages
            for address in message.recipients()
        ]
        SystemMail.objects.bulk_create(rows)
        transaction.on_commit(hint)
        return sum(row.status == SystemMail.Status.QUEUED for row in rows)


def _row(message: EmailMessage, address: str, now: datetime) -> SystemMail:
    row = SystemMail(
        to_address=address[:254],
        subject=message.subject[:200],
        text=str(message.body),
        html=_html_of(message),
        due_at=now,
        created_at=now,
    )
    try:
        check_message(to=address, sender=message.from_email, subject=str(message.subject))
    except MessageRefused as refusal:
        row.status = SystemMail.Status.FAILED
        row.error = refusal.message[:300]
    return row


def _html_of(message: EmailMessage) -> str:
    for alternative in getattr(message, "alternatives", []):
        if alternative.mimetype == "text/html":
            return str(alternative.content)
    return ""


def hint() -> None:
    """Wake a sender; when the broker is away, the clock's next tick does it."""
    try:
        current_app.send_task("tenants.send_system_mail", queue="sending", expires=60)
    except (OperationalError, ConnectionError, TimeoutError):
        log.warning("hint_lost lane=system_mail")


def claim(*, now: datetime) -> list[SystemMail]:
    """Up to 20 due mails, theirs alone until the lease is over.

    A mail whose lease ran out while it was being sent goes out once more, for it would keep
    somebody locked out; after that it stays in doubt and is left alone.
    """
    late = Q(status=SystemMail.Status.CALLING, due_at__lte=now)
    SystemMail.objects.filter(late, is_resent=True).update(status=SystemMail.Status.IN_DOUBT)
    with transaction.atomic():
        due = SystemMail.objects.filter(DUE, due_at__lte=now).order_by("due_at")
        rows = list(due.select_for_update(skip_locked=True)[:BATCH])
        for row in rows:
            row.is_resent = row.is_resent or row.status == SystemMail.Status.CALLING
            row.status = SystemMail.Status.CALLING
            row.attempts += 1
            row.due_at = now + LEASE
        SystemMail.objects.bulk_update(rows, ["is_resent", "status", "attempts", "due_at"])
    return rows


def send_due(*, now: datetime) -> int:
    """Send what is due, a batch over one connection; returns how many were accepted."""
    rows = claim(now=now)
    if not rows:
        return 0
    server = _server()
    try:
        server.open()
    except (OSError, smtplib.SMTPException) as error:
        for row in rows:
            _try_later(row, error, now)
        return 0
    try:
        return sum(_send(server, row, now) for row in rows)
    finally:
        server.close()


def _server() -> EmailBackend:
    server = parse_mail_url(settings.EMAIL_URL)
    return EmailBackend(
        host=server["host"],
        port=server["port"],
        username=server["username"],
        password=server["password"],
        use_tls=server["security"] == "starttls",
        use_ssl=server["security"] == "tls",
        timeout=TIMEOUT_SECONDS,
    )


def _send(server: EmailBackend, row: SystemMail, now: datetime) -> bool:
    try:
        server.send_messages([_message(row, now)])
    except smtplib.SMTPServerDisconnected as error:
        return _leave_in_doubt(row, error)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _reason in error.recipients.values()]
        return _refused(row, error, max(codes, default=550), now)
    except smtplib.SMTPResponseException as error:
        return _refused(row, error, error.smtp_code, now)
    except (OSError, smtplib.SMTPException) as error:
        return _leave_in_doubt(row, error)
    return _settle(row, status=SystemMail.Status.ACCEPTED, sent_at=now, error="")


def _message(row: SystemMail, now: datetime) -> EmailMessage:
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    message = EmailMultiAlternatives(
        row.subject,
        row.text,
        settings.DEFAULT_FROM_EMAIL,
        [row.to_address],
        headers={
            "Message-ID": f"<{row.pk}@{domain}>",
            "Date": format_datetime(now),
            "Auto-Submitted": "auto-generated",
        },
    )
    if row.html:
        message.attach_alternative(row.html, "text/html")
    return message


def _refused(row: SystemMail, error: Exception, code: int, now: datetime) -> bool:
    if code < 500:
        return _try_later(row, error, now)
    return _settle(row, status=SystemMail.Status.FAILED, error=str(error)[:300])


def _try_later(row: SystemMail, error: Exception, now: datetime) -> bool:
    if row.attempts >= MAX_ATTEMPTS:
        return _settle(row, status=SystemMail.Status.FAILED, error=str(error)[:300])
    pause = min(FIRST_PAUSE * 2 ** (row.attempts - 1), LONGEST_PAUSE)
    return _settle(row, status=SystemMail.Status.QUEUED, due_at=now + pause, error=str(error)[:300])


def _leave_in_doubt(row: SystemMail, error: Exception) -> bool:
    """Nobody knows whether it left: the end of the lease decides."""
    return _settle(row, error=str(error)[:300])


def _settle(row: SystemMail, **fields: object) -> bool:
    """Write the verdict if the row is still this sender's; True when it was accepted."""
    mine = SystemMail.objects.filter(
        pk=row.pk, status=SystemMail.Status.CALLING, attempts=row.attempts
    )
    return bool(mine.update(**fields)) and fields.get("status") == SystemMail.Status.ACCEPTED


def send_again(*, mails: Iterable[SystemMail], now: datetime) -> int:
    """Queue mails that failed or stayed in doubt once more; returns how many."""
    stopped = [SystemMail.Status.FAILED, SystemMail.Status.IN_DOUBT]
    again = SystemMail.objects.filter(pk__in=[mail.pk for mail in mails], status__in=stopped)
    transaction.on_commit(hint)
    return again.update(status=SystemMail.Status.QUEUED, due_at=now, attempts=0, is_resent=False)
