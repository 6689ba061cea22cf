"""Workload 7: 100,000 reports of a provider, 100 a call, signed, 10 % replayed, out of order;
and 20,000 opens and clicks that we see ourselves.

The reference for reports takes the same calls for granted: no signature, nothing stored, no log;
it decodes the JSON and updates 1,000 messages in one statement. The reference for opens and clicks
is a view that writes one row of the log and answers, without a token, a look at the message, or
telling people from machines.
"""

import random
from base64 import b64encode
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec

from benchmarks.harness import Bench, Result, describe, median_rate, median_ratio
from benchmarks.world import make_workspace, save_mail, subscribers

REPORTS = 100_000
A_CALL = 100
REPLAYED = 0.1
FETCHES = 20_000
A_BATCH = 1_000
BROWSER = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_12_5) Chrome/58.0.3029.110"
PIXEL = b"GIF89a"

FINE = """
    SELECT count(*) FILTER (WHERE status = 'delivered' AND delivered_at IS NOT NULL),
           count(*) FILTER (WHERE status = 'bounced' AND reason = 'hard_bounce'),
           (SELECT count(*) FROM events_event WHERE source = 'provider'),
           (SELECT count(*) FROM events_inbounddelivery WHERE state <> 'done')
      FROM campaigns_message"""


def run(bench: Bench) -> Result:
    """Judge the rate of reports, that replays change nothing, and the rate of fetches."""
    from django.utils import timezone

    result = Result("7 provider webhooks")
    world = World(bench.count(REPORTS), timezone.now())
    bare, ours, logged = [], [], []
    wrong = 0
    world.warm_up()
    for _ in range(bench.pairs):
        world.rewind()
        bare.append(bench.measure(world.update))
        world.rewind()
        ours.append(bench.measure(world.receive_and_read))
        wrong += world.wrong()
        logged.append(bench.measure(world.process_events))
    result.lines.append(describe("a batched UPDATE", bare, "reports"))
    result.lines.append(describe("Viaggio, to the message, the log and the lists", ours, "reports"))
    result.lines.append(describe("and what follows from the log", logged, "events"))
    result.at_least("ratio to a batched UPDATE", median_ratio(bare, ours), 0.4)
    result.exactly("messages, log lines or calls that are not right", wrong, 0)
    before = world.totals()
    world.receive_and_read()
    changed = sum(abs(a - b) for a, b in zip(before, world.totals(), strict=True))
    result.exactly("rows changed when all of it comes again", changed, 0)
    _fetches(bench, world, result)
    return result


def _fetches(bench: Bench, world: "World", result: Result) -> None:
    bare, ours = [], []
    for _ in range(bench.pairs):
        world.rewind()
        bare.append(bench.measure(world.bare_fetches))
        world.rewind()
        ours.append(bench.measure(world.fetches))
    result.lines.append(describe("a bare view", bare, "fetches"))
    result.lines.append(describe("opens and clicks", ours, "fetches"))
    result.at_least("opens and clicks, ratio to a bare view", median_ratio(bare, ours), 0.7)
    result.lines.append(f"opens and clicks: {median_rate(ours):,.0f} a CPU-second")


class World:
    """A workspace whose messages left by an account that signs its reports."""

    def __init__(self, reports: int, now: datetime) -> None:
        from tenants.context import enter_workspace

        self.now = now
        self.fetched = max(2, reports * FETCHES // REPORTS)
        self.workspace = make_workspace("reports", now)
        self.entered = enter_workspace(self.workspace.schema_name)
        self.entered.__enter__()
        self.ids = self._messages(reports // 2)
        self.bounced = len(self.ids) // 25
        self.key, self.account = self._account()
        self.calls = self._calls()

    def _messages(self, count: int) -> list[UUID]:
        from campaigns.models import Message

        mail = save_mail("Hello", '<p>Hello <a href="https://shop.example">Shop</a></p>', self.now)
        people = subscribers(count)
        sent_at = self.now - timedelta(hours=1)
        rows = Message.objects.bulk_create(
            (
                Message(
                    send_key=f"test:{number}",
                    contact_id=person,
                    to_address=f"p{number:06}@example.com",
                    template_version=mail.live_version,
                    status="accepted",
                    provider_message_id=str(uuid4()),
                    sent_at=sent_at,
                    called_at=sent_at,
                )
                for number, person in enumerate(people)
            ),
            batch_size=2000,
        )
        return [row.pk for row in rows]

    def _account(self) -> tuple[Any, Any]:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        from campaigns.models import ProviderAccount

        key = ec.generate_private_key(ec.SECP256R1())
        pem = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        account = ProviderAccount.objects.create(
            kind="sendgrid",
            label="Reports",
            credentials={"api_key": "k"},
            feedback_secrets={"verification_key": "".join(pem.decode().splitlines()[1:-1])},
        )
        return key, account

    def _calls(self) -> list[tuple[bytes, dict[str, str]]]:
        """What the provider posts: two reports a message, some again, in any order."""
        dice = random.Random(20261122)
        reports = [
            _report(number, pk, event)
            for number, pk in enumerate(self.ids)
            for event in ("processed", "bounce" if number < self.bounced else "delivered")
        ]
        told = [*reports, *dice.sample(reports, int(len(reports) * REPLAYED))]
        dice.shuffle(told)
        stamp = int(self.now.timestamp())
        for report in told:
            report.setdefault("timestamp", stamp - dice.randrange(3000))
        parts = [told[start : start + A_CALL] for start in range(0, len(told), A_CALL)]
        return [self._signed(msgspec.json.encode(part), str(stamp)) for part in parts]

    def _signed(self, body: bytes, stamp: str) -> tuple[bytes, dict[str, str]]:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec

        mark = self.key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return body, {
            "X-Twilio-Email-Event-Webhook-Signature": b64encode(mark).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
        }

    def rewind(self) -> None:
        """Put all messages back to accepted, and forget what was told."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(
                "TRUNCATE events_event, events_inbounddelivery, contacts_suppression"
                " RESTART IDENTITY"
            )
            cursor.execute(
                "UPDATE campaigns_message SET status = 'accepted', reason = '', reason_text = '',"
                " delivered_at = NULL, bounced_at = NULL, opened_at = NULL, clicked_at = NULL"
            )
            for table in ("campaigns_message", "contacts_contact"):
                cursor.execute(f"VACUUM FULL {table}")
                cursor.execute(f"ANALYZE {table}")

    def warm_up(self) -> None:
        """Let the first of everything load its modules before the clock runs."""
        calls, self.calls = self.calls, self.calls[:1]
        fetched, self.fetched = self.fetched, 2
        for work in (self.update, self.receive_and_read, self.process_events, self.fetches):
            work()
        self.calls, self.fetched = calls, fetched

    def update(self) -> float:
        """The reference: decode, and update 1,000 messages in one statement."""
        from django.db import connection, transaction

        done = 0
        for start in range(0, len(self.calls), A_BATCH // A_CALL):
            told = [
                report
                for body, _headers in self.calls[start : start + A_BATCH // A_CALL]
                for report in msgspec.json.decode(body)
            ]
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE campaigns_message AS message"
                    " SET status = new.status, delivered_at = to_timestamp(new.at)"
                    " FROM unnest(%s::uuid[], %s::text[], %s::bigint[]) AS new (id, status, at)"
                    " WHERE message.id = new.id",
                    [
                        [report["send_id"] for report in told],
                        [STATUS[report["event"]] for report in told],
                        [report["timestamp"] for report in told],
                    ],
                )
            done += len(told)
        return done

    def receive_and_read(self) -> float:
        """Ours: every call through the door, then all of them read."""
        from django.test import RequestFactory

        from campaigns.views.feedback import provider_call
        from events.reading import drain_inbound

        factory, token = RequestFactory(), self.account.feedback_token
        for body, headers in self.calls:
            request = factory.generic(
                "POST", "/", body, content_type="application/json", headers=headers
            )
            if provider_call(request, token).status_code != 200:
                raise RuntimeError("A call was refused.")
        while drain_inbound(now=self.now + timedelta(minutes=1)).done:
            pass
        return sum(len(msgspec.json.decode(body)) for body, _headers in self.calls)

    def process_events(self) -> float:
        """What consumers make of the log: segments, journeys, counts."""
        from events.drain import drain

        total = 0
        while done := drain(now=self.now).done:
            total += done
        return total

    def totals(self) -> list[int]:
        """Delivered and bounced messages, log lines, calls that are not done."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(FINE)
            return [int(value) for value in cursor.fetchone()]

    def wrong(self) -> int:
        """How many rows are not what the reports say."""
        count = len(self.ids)
        expected = [count - self.bounced, self.bounced, count, 0]
        return sum(abs(a - b) for a, b in zip(self.totals(), expected, strict=True))

    def bare_fetches(self) -> float:
        """The reference: one row of the log for each fetch, and an answer."""
        from django.db import connection
        from django.http import HttpResponse
        from django.test import RequestFactory

        factory = RequestFactory()
        for number, pk in enumerate(self.ids[: self.fetched // 2] * 2):
            factory.get("/", headers={"user-agent": BROWSER})
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO events_event (source, message_id, type, identifiers, data,"
                    " occurred_at, received_at, state, error)"
                    " VALUES ('bare', %s, 'opened', '{}', '{}', %s, %s, 0, '')",
                    [f"{pk}:{number}", self.now, self.now],
                )
            HttpResponse(PIXEL, content_type="image/gif")
        return self.fetched // 2 * 2

    def fetches(self) -> float:
        """Ours: half of them the pixel, half of them a link."""
        from django.test import RequestFactory

        from campaigns.tokens import make_message_token
        from campaigns.views.public import click, opened

        factory = RequestFactory()
        for pk in self.ids[: self.fetched // 2]:
            token = make_message_token(pk)
            opened(factory.get("/", headers={"user-agent": BROWSER}), token)
            click(factory.get("/", headers={"user-agent": BROWSER}), token, 0)
        return self.fetched // 2 * 2


STATUS = {"processed": "accepted", "delivered": "delivered", "bounce": "bounced"}


def _report(number: int, pk: UUID, event: str) -> dict[str, Any]:
    more = {"type": "bounce", "reason": "550 5.1.1 no such user"} if event == "bounce" else {}
    return {
        "event": event,
        "email": f"p{number:06}@example.com",
        "anymail_id": str(uuid4()),
        "send_id": str(pk),
        "sg_event_id": uuid4().hex[:22],
        "sg_message_id": "yzhNP1qaQ-upQ9HPdBv7-A.filter0425p1mdw1",
        "smtp-id": "<original-smtp-id@sendgrid.net>",
        **more,
    }
