"""`manage.py demo`: a record shop with a history, whose last days are played in minutes."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.errors import Invalid
from insights.record_shop.building import FLOWS, SLUG, fill_shop, make_shop
from insights.record_shop.cdnow import customers_of
from insights.record_shop.playing import Play
from tenants.demo import EMAIL
from tenants.hosts import workspace_origin
from tenants.models import User


class Command(BaseCommand):
    help = (
        "Build a record shop from real orders and play its last days with all flows running."
        " Start the product first: its mails go to the local inbox."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=21, help="days to play (default 21)")
        parser.add_argument("--customers", type=int, default=None, help="take only the first N")
        parser.add_argument("--slug", default=SLUG, help="address of the workspace")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.LOCAL:
            raise CommandError("The demo has a public password: it is for local machines only.")
        owner = User.objects.filter(email=EMAIL).first()
        if owner is None:
            raise CommandError("Run `make run` once first: it makes the demo sign-in.")
        now = timezone.now()
        start = now - timedelta(days=options["days"])
        try:
            workspace = make_shop(owner=owner, now=start, slug=options["slug"])
        except Invalid as refusal:
            raise CommandError(f"{refusal.message} Give another with --slug.") from None
        self.stdout.write(f"{workspace_origin(workspace)}/  sign in as {EMAIL}")
        self.stdout.write("Taking in the orders of a year and a half ...")
        coming = fill_shop(
            workspace=workspace, start=start, today=now.date(), customers=options["customers"]
        )
        self.stdout.write(f"{len(FLOWS)} journeys are live. Playing {options['days']} days ...")
        customers = customers_of(options["customers"])
        Play(workspace, start, now, coming, customers).run(self._tell)
        self.stdout.write("The shop has come to the present; from here on its clock is ours.")

    def _tell(self, moment: datetime) -> None:
        self.stdout.write(f"  {moment:%A %d %B}")
