"""`manage.py mailcatcher`: the SMTP server of a machine that must not send mail."""

import signal
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tenants.catcher import catching_server


class Command(BaseCommand):
    help = "Keep every mail sent to 127.0.0.1 for the inbox page, until stopped."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        stop = Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        server = catching_server(host="127.0.0.1", port=settings.MAIL_PORT)
        try:
            server.start()
        except OSError as error:
            raise CommandError(
                f"Port {settings.MAIL_PORT} for mail is taken ({error.strerror})."
                " Set VIAGGIO_MAIL_PORT to a free one."
            ) from None
        self.stdout.write(f"Catching mail on 127.0.0.1:{settings.MAIL_PORT}")
        stop.wait()
        server.stop()
