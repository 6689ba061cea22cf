"""Time-born entries: one day of people let in, among 1,000,000 contacts and 5,000,000 order lines.

The reference asks the same question by hand, with all the schema's indexes, and inserts the answer
into a plain table: no rules for coming again, no holdout, no context. Ours must cost little more
than a row of the engine costs.
"""

from datetime import datetime, timedelta
from typing import Any

from benchmarks.harness import Bench, Result, describe, median_ratio
from benchmarks.world import counted_statements, make_workspace

CONTACTS, LINES, CARTS = 1_000_000, 5_000_000, 200_000
# Lines lie evenly over so many days before the moment the world was made at.
DAYS = 8 * 365
BACKLOG = 200_000
# What an ordinary look has to look at.
STRETCH = timedelta(minutes=10)

# Half of all orders come from a tenth of the people.
BUYER = """
     CROSS JOIN LATERAL (SELECT 1 + (n::bigint * 7919)
           %% (%(contacts)s / CASE WHEN n %% 2 = 0 THEN 1 ELSE 10 END) AS buyer) AS person"""
BUYER_OF_LINE = BUYER.replace("n::", "o::").replace("n %%", "o %%")
FILL = f"""
    SET synchronous_commit = off;
    INSERT INTO contacts_contact (id, email, phone, first_name, last_name, language, timezone,
                                  fields, email_consent, source, created_at, updated_at)
    SELECT md5('c' || n)::uuid, 'p' || n || '@example.com', '', '', '', 'it',
           (ARRAY['', '', '', 'Europe/Rome', 'Europe/London', 'America/New_York'])[1 + n %% 6],
           '{{}}', 'subscribed', '', %(now)s, %(now)s
      FROM generate_series(1, %(contacts)s) AS n;
    INSERT INTO commerce_category (id, source, external_id, name, path, parent_external_id,
                                   changed_at)
    SELECT md5('s' || n)::uuid, 'api', n::text, 'Shelf ' || n, ARRAY[md5('s' || n)::uuid], '',
           %(now)s FROM generate_series(0, 19) AS n;
    INSERT INTO commerce_product (id, source, external_id, name, sku, url, image_url, currency,
                                  price, is_on_sale, created_at, changed_at,
                                  category_external_ids)
    SELECT md5('p' || n)::uuid, 'api', n::text, 'Product ' || n, '', '', '', 'EUR', 10 + n %% 90,
           true, %(now)s, %(now)s, '{{}}' FROM generate_series(0, 999) AS n;
    INSERT INTO commerce_productcategory (product_id, category_id)
    SELECT md5('p' || n)::uuid, md5('s' || n %% 20)::uuid FROM generate_series(0, 999) AS n;
    INSERT INTO commerce_order (id, source, external_id, number, contact_id, status, currency,
                                total, discount, shipping, refunded, value, rate, coupon_codes,
                                cart_external_id, placed_at, changed_at, is_deleted, created_at)
    SELECT md5('o' || n)::uuid, 'api', n::text, n::text,
           md5('c' || buyer)::uuid, 'placed', 'EUR', 100, 0, 0,
           0, 100, 1, '{{}}', '', %(now)s - n * %(step)s * 2.5, %(now)s, false, %(now)s
      FROM generate_series(1, %(lines)s * 2 / 5) AS n {BUYER};
    INSERT INTO commerce_orderline (id, order_id, position, product_id, product_external_id, name,
                                    variant, sku, quantity, unit_price, total, value, contact_id,
                                    placed_at, counts, url, image_url)
    SELECT md5('l' || n)::uuid, md5('o' || o)::uuid, n %% 5, md5('p' || n %% 1000)::uuid,
           (n %% 1000)::text, 'Product', '', '', 1, 10 + n %% 90, 10 + n %% 90, 10 + n %% 90,
           md5('c' || buyer)::uuid,
           %(now)s - o * %(step)s * 2.5, true, '', ''
      FROM generate_series(1, %(lines)s) AS n
     CROSS JOIN LATERAL (SELECT 1 + (n - 1) * 2 / 5 AS o) AS placed {BUYER_OF_LINE};
    INSERT INTO commerce_customerstats (contact_id, orders, spend, first_order_at, last_order_at,
                                        interval, category_ids)
    SELECT contact_id, count(*), sum(value), min(placed_at), max(placed_at),
           CASE WHEN count(*) > 1
                THEN (max(placed_at) - min(placed_at)) / (count(*) - 1) END, '{{}}'
      FROM commerce_order GROUP BY contact_id;
    INSERT INTO commerce_cart (id, source, external_id, contact_id, status, currency, total, value,
                               rate, restore_url, started_at, changed_at)
    SELECT md5('k' || n)::uuid, 'api', n::text, md5('c' || 1 + n %% %(contacts)s)::uuid, 'open',
           'EUR', 50, 50, 1, '',
           %(now)s, %(now)s - n * interval '1 second' FROM generate_series(1, %(carts)s) AS n;
    INSERT INTO commerce_cartline (cart_id, position, product_id, product_external_id, name,
                                   variant, sku, quantity, unit_price, total, url, image_url)
    SELECT md5('k' || n)::uuid, 1, md5('p' || n %% 1000)::uuid, (n %% 1000)::text, 'Product', '',
           '', 1, 50, 50, '', '' FROM generate_series(1, %(carts)s) AS n;
    INSERT INTO commerce_shopfigures (id, computed_at, median_interval)
    VALUES (1, %(now)s, interval '60 days')"""
VACUUM = (
    "VACUUM ANALYZE contacts_contact, commerce_order, commerce_orderline, commerce_customerstats,"
    " commerce_cart, commerce_cartline, commerce_product, commerce_productcategory,"
    " commerce_category"
)

LOCAL = "COALESCE(NULLIF(contact.timezone, ''), 'Europe/Rome')"
LINE_MOMENT = (
    f"(((line.placed_at AT TIME ZONE {LOCAL})::date + interval '6 years')::date + time '09:00')"
    f" AT TIME ZONE {LOCAL}"
)
# Each in the form somebody would write who needs it once.
BY_HAND = {
    "order_line_date": f"""
        SELECT line.contact_id, line.id FROM commerce_orderline AS line
          JOIN contacts_contact AS contact ON contact.id = line.contact_id
         WHERE line.counts AND line.value >= 20
           AND line.placed_at > %(since)s - interval '6 years 2 days'
           AND line.placed_at <= %(now)s - interval '6 years' + interval '2 days'
           AND {LINE_MOMENT} > %(since)s AND {LINE_MOMENT} <= %(now)s""",
    "since_last_order": """
        SELECT stats.contact_id, stats.contact_id FROM commerce_customerstats AS stats
         WHERE stats.last_order_at + CASE WHEN stats.orders >= 3 THEN 1.5 * stats.interval
                                          ELSE interval '90 days' END
               BETWEEN %(since)s AND %(now)s""",
    "cart_abandoned": """
        SELECT cart.contact_id, cart.id FROM commerce_cart AS cart
         WHERE cart.status = 'open' AND cart.value > 0
           AND cart.changed_at > %(since)s - interval '1 hour'
           AND cart.changed_at <= %(now)s - interval '1 hour'""",
}
ENTRIES: dict[str, dict[str, Any]] = {
    "order_line_date": {"amount": 6, "unit": "years", "at": "09:00", "min_value": "20"},
    "since_last_order": {"factor": "1.5", "days": 90, "at": "09:00"},
    "cart_abandoned": {"idle_minutes": 60},
}


def run(bench: Bench) -> Result:
    """Judge what a look costs beside the bare question, its statements, and that indexes serve."""
    from django.utils import timezone

    result = Result("5b timed entries")
    world = World(bench, timezone.now().replace(microsecond=0))
    for kind in ENTRIES:
        theirs, ours = [], []
        for _ in range(bench.pairs):
            world.rewind(kind)
            theirs.append(bench.measure(lambda kind=kind: world.by_hand(kind)))  # type: ignore[misc]
            ours.append(bench.measure(lambda kind=kind: world.look(kind)))  # type: ignore[misc]
        result.lines.append(describe(f"{kind}, by hand", theirs, "people"))
        result.lines.append(describe(f"{kind}, Viaggio", ours, "runs"))
        result.lines.append(f"{kind}: ratio {median_ratio(theirs, ours):.3f}")
        result.exactly(f"{kind}: let in by a second look", world.again(kind), 0)
        scanned = world.scanned(kind)
        result.lines.append(f"{kind}: read from start to end: {scanned or 'nothing'}")
        result.exactly(f"{kind}: big tables read from start to end", len(scanned), 0)
    result.at_most("statements of a look", world.statements("cart_abandoned"), 20)
    backlog = bench.measure(world.backlog)
    result.lines.append(describe("a backlog, in slices of 5,000", [backlog], "runs"))
    result.at_least("backlog: runs per CPU-second", backlog.rate, 2_000)
    return result


class World:
    """One large shop with a journey for each entry, looked at for a whole day."""

    def __init__(self, bench: Bench, now: datetime) -> None:
        from django.db import connection

        from tenants.context import enter_workspace

        self.now, self.since = now, now - timedelta(days=1)
        self.workspace = make_workspace("timed", now)
        lines = bench.count(LINES)
        with enter_workspace(self.workspace.schema_name), connection.cursor() as cursor:
            given: dict[str, Any] = {
                "now": now,
                "contacts": bench.count(CONTACTS),
                "lines": lines,
                "carts": CARTS,
                "step": timedelta(days=DAYS) / lines,
            }
            for statement in FILL.split(";"):
                cursor.execute(statement, given)
            cursor.execute(VACUUM)
            cursor.execute("CREATE TABLE answer (contact_id uuid, key uuid)")
            self.journeys = {kind: self._journey(kind) for kind in ENTRIES}

    def _journey(self, kind: str) -> Any:
        from journeys import services
        from journeys.models import LiveEntry

        config = ENTRIES[kind]
        journey = services.create_journey(
            name=kind,
            definition={
                "entries": [{"kind": kind, "config": config}],
                "steps": [{"id": "wait1", "kind": "wait", "config": {"amount": 9, "unit": "days"}}],
            },
            now=self.since,
        )
        services.publish_journey(journey=journey, now=self.since)
        LiveEntry.objects.filter(journey=journey).update(due_at=None)
        return journey

    def rewind(self, kind: str) -> None:
        """Nobody inside, and a day to look at."""
        from django.db import connection

        from journeys.models import LiveEntry
        from tenants.context import enter_workspace

        with enter_workspace(self.workspace.schema_name), connection.cursor() as cursor:
            cursor.execute("TRUNCATE journeys_enrolment CASCADE")
            cursor.execute("TRUNCATE answer")
            LiveEntry.objects.update(due_at=None)
            LiveEntry.objects.filter(journey=self.journeys[kind]).update(
                due_at=self.since, ran_until=self.since, ran_past=""
            )
            cursor.execute("VACUUM ANALYZE journeys_enrolment, journeys_liveentry")

    def by_hand(self, kind: str) -> float:
        """The reference: the question alone, its answer kept."""
        from django.db import connection

        from tenants.context import enter_workspace

        with enter_workspace(self.workspace.schema_name), connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO answer {BY_HAND[kind]}", {"since": self.since, "now": self.now}
            )
            return float(cursor.rowcount)

    def look(self, kind: str) -> float:
        """Ours: looks until the day has been looked at."""
        from journeys.timed import let_in_due
        from tenants.context import enter_workspace

        started = 0
        with enter_workspace(self.workspace.schema_name):
            while found := let_in_due(now=self.now):
                started += found.started
        return float(started)

    def again(self, kind: str) -> float:
        """The same day once more."""
        from journeys.models import LiveEntry
        from tenants.context import enter_workspace

        with enter_workspace(self.workspace.schema_name):
            LiveEntry.objects.filter(journey=self.journeys[kind]).update(
                due_at=self.since, ran_until=self.since
            )
        return self.look(kind)

    def scanned(self, kind: str) -> list[str]:
        """The tables it could be looking for people in that are read from start to end."""
        import json
        from zoneinfo import ZoneInfo

        from django.db import connection

        from journeys.contracts import TimedEntry, entries
        from journeys.models import LiveEntry
        from journeys.moments import Scope
        from tenants.context import enter_workspace

        entry = entries.get(kind)
        assert isinstance(entry, TimedEntry)
        with enter_workspace(self.workspace.schema_name), connection.cursor() as cursor:
            row = LiveEntry.objects.get(journey=self.journeys[kind])
            scope = Scope(self.since, self.now, self.since, row.journey_id, ZoneInfo("Europe/Rome"))
            select, parameters = entry.select(row.config, scope)
            cursor.execute(f"EXPLAIN (FORMAT JSON) {select}", parameters | scope.parameters)
            plan = cursor.fetchone()[0]
        plan = json.loads(plan) if isinstance(plan, str) else plan
        big = {"commerce_orderline", "commerce_order", "commerce_cart"}
        return sorted(big & set(_read_whole(plan[0]["Plan"])))

    def statements(self, kind: str) -> int:
        """What one slice of 5,000 costs."""
        from journeys.timed import let_in_due
        from tenants.context import enter_workspace

        self.rewind(kind)
        with enter_workspace(self.workspace.schema_name), counted_statements() as statements:
            let_in_due(now=self.now)
        return len(statements)

    def backlog(self) -> float:
        """Everybody who was there before the journey, up to BACKLOG of them, by slices."""
        from journeys.live_entries import BEGINNING
        from journeys.models import LiveEntry
        from journeys.timed import let_in_due
        from tenants.context import enter_workspace

        self.rewind("since_last_order")
        started = 0
        with enter_workspace(self.workspace.schema_name):
            rows = LiveEntry.objects.filter(journey=self.journeys["since_last_order"])
            config = {**rows.get().config, "backlog": True}
            rows.update(ran_until=BEGINNING, runs_from=self.now, config=config)
            while started < BACKLOG and (found := let_in_due(now=self.now)):
                started += found.started
        return float(started)


def _read_whole(plan: dict[str, Any]) -> list[str]:
    """The tables that a plan reads from start to end."""
    found = [plan["Relation Name"]] if plan["Node Type"] == "Seq Scan" else []
    for part in plan.get("Plans", []):
        found += _read_whole(part)
    return found
