"""Replay: ninety days of the record shop through a changed welcome and a changed win-back journey.

There is no reference to run in turn: what is judged has no noise, namely that memory stays flat
and that nobody is read whom nothing could have started.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import psutil

from benchmarks.harness import Bench, Result, Run
from benchmarks.world import counted_statements, owner

DAYS = 90
SIGN_UPS = 1_000
MEGABYTE = 1024 * 1024


def run(bench: Bench) -> Result:
    """Build the shop, then replay each journey."""
    shop = Shop(bench)
    result = Result("replay")
    for recipe in ("welcome", "win_back_orders"):
        _replay(bench, shop, recipe, result)
    return result


def _replay(bench: Bench, shop: "Shop", recipe: str, result: Result) -> None:
    journey = shop.changed(recipe)
    seen: list[float] = []

    def work() -> float:
        with counted_statements() as statements:
            shop.replay(journey, seen)
        shop.statements = len(statements)
        return float(shop.rehearsals)

    taken = bench.measure(work)
    half = len(seen) // 2
    growth = (max(seen[half:]) - max(seen[: half + 1])) / MEGABYTE
    result.lines.append(_line(recipe, shop, taken, max(seen) / MEGABYTE, growth))
    result.at_most(f"{recipe}: MB of memory more in the second half", growth, 8)
    result.exactly(f"{recipe}: people looked at", shop.done, shop.total)


def _line(recipe: str, shop: "Shop", taken: Run, memory: float, growth: float) -> str:
    each = 1000 * taken.cpu / max(taken.units, 1)
    return (
        f"{recipe}: {shop.total:,} people, {shop.concerned:,} of them concerned, {shop.runs:,} runs"
        f" of the draft; {taken.units:,.0f} rehearsals at {each:.1f} CPU-ms"
        f" (app {1000 * taken.app_cpu / max(taken.units, 1):.1f}),"
        f" {shop.statements / max(taken.units, 1):.0f} statements each; wall {taken.wall:.0f} s;"
        f" {memory:,.0f} MB, {growth:+.1f} in the second half"
    )


class Shop:
    """The record shop whose last ninety days are told day by day."""

    def __init__(self, bench: Bench) -> None:
        from insights.record_shop.building import fill_shop, make_shop

        self.now = datetime.now(UTC)
        start = self.now - timedelta(days=DAYS)
        self.workspace = make_shop(owner=owner(), now=start)
        coming = fill_shop(
            workspace=self.workspace,
            start=start,
            today=self.now.date(),
            customers=bench.count(100_000),
        )
        self.concerned = self.rehearsals = self.runs = self.statements = self.done = self.total = 0
        self._tell(coming, start, bench.count(SIGN_UPS) // DAYS + 1)

    def _tell(self, coming: Any, start: datetime, sign_ups: int) -> None:
        """What people did, told in the evening of each day."""
        from events.drain import drain
        from insights.record_shop.selling import sell
        from tenants.context import enter_workspace

        with enter_workspace(self.workspace.schema_name):
            for day in range(DAYS):
                since, now = start + timedelta(days=day), start + timedelta(days=day + 1)
                sell([each for each in coming if since < each.at <= now], now=now)
                for number in range(sign_ups):
                    self._sign_up(f"{day}-{number}", now)
                while drain(now=now).done:
                    pass

    def _sign_up(self, name: str, now: datetime) -> None:
        from contacts.consent import record_consent
        from contacts.upserting import upsert_contacts
        from insights.record_shop.chance import whole
        from insights.record_shop.people import row_of

        row = row_of(1_000_000 + whole(1_000_000, "fan", name))
        found = upsert_contacts(rows=[row], source="form", now=now)[0].contact_id
        if found:
            record_consent(contact_ids=[found], action="subscribed", source="form", now=now)

    def changed(self, recipe: str) -> Any:
        """The journey of a recipe, its draft without the last step of what is live."""
        from journeys.models import Journey
        from journeys.services import save_draft
        from tenants.context import enter_workspace

        with enter_workspace(self.workspace.schema_name):
            journey = Journey.objects.get(recipe=recipe)
            draft = {**journey.draft, "steps": journey.draft["steps"][:-1]}
            save_draft(journey=journey, definition=draft, now=self.now)
        return journey

    def replay(self, journey: Any, seen: list[float]) -> None:
        """Ask for one and work until it is done; the process's memory after each slice."""
        from journeys.models import Replay
        from journeys.replaying.asking import request_replay
        from journeys.replaying.running import continue_replay
        from tenants.context import enter_workspace

        own = psutil.Process()
        with enter_workspace(self.workspace.schema_name):
            asked = request_replay(journey=journey, days=DAYS, now=self.now)
            while Replay.objects.filter(status__in=Replay.OPEN).exists():
                continue_replay(self.now)
                seen.append(own.memory_info().rss)
            asked.refresh_from_db()
        sides = [asked.result[name] for name in ("draft", "live") if name in asked.result]
        self.concerned, self.done, self.total = asked.result["concerned"], asked.done, asked.total
        self.rehearsals = sum(side["counts"].get("rehearsals", 0) for side in sides)
        self.runs = sides[0]["counts"].get("runs", 0)
