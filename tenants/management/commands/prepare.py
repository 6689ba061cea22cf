"""`manage.py prepare`: everything a start needs, and quick when nothing changed."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tenants.demo import make_demo
from tenants.migrating import migrate_all
from tenants.static_files import collect_if_changed


class Command(BaseCommand):
    help = "Migrate all schemas, collect static files and, on a local machine, make the demo."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        outcome = migrate_all()
        if outcome.migrated:
            self.stdout.write(f"Migrated {len(outcome.migrated)} workspaces")
        if collect_if_changed():
            self.stdout.write("Collected static files")
        if settings.LOCAL and make_demo(now=timezone.now()):
            self.stdout.write("Made the demo workspace")
        if outcome.failed:
            reasons = "; ".join(f"{name}: {why}" for name, why in outcome.failed.items())
            raise CommandError(
                f"{len(outcome.failed)} workspaces could not be migrated and the rest is ready:"
                f" {reasons}. Correct the cause and run it again."
            )
