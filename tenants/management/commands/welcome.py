"""`manage.py welcome`: where everything is, once it runs."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from tenants import demo
from tenants.hosts import public_origin, public_url, workspace_origin
from tenants.models import Workspace


class Command(BaseCommand):
    help = "Print the addresses of this installation and, on a local machine, the demo sign-in."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        lines = [("Viaggio", public_origin() + "/"), ("Operators", public_url("admin:index"))]
        workspace = Workspace.objects.filter(slug=demo.SLUG).first()
        if settings.LOCAL and workspace:
            origin = workspace_origin(workspace)
            lines += [
                ("Mail inbox", public_url("inbox")),
                ("Demo workspace", f"{origin}/"),
                ("API", f"{origin}/api/docs"),
                ("Demo sign-in", f"{demo.EMAIL}  password: {demo.PASSWORD}"),
            ]
        for label, value in lines:
            self.stdout.write(f"{label + ':':<16}{value}")
