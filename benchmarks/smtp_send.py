"""Workload 6a: 50,000 mails of 18 KB with 26 tracked links by SMTP, policy asked, a row per send.

The reference is what a Django project would write: a template rendered per recipient, its links
rewritten by a regular expression, EmailMultiAlternatives over one open connection, a save per row.
It is slow, so it sends fewer; rates are per message.
"""

import email
import email.policy
import os
import re
from collections.abc import Callable
from typing import Any

import psutil

from benchmarks.harness import Bench, Result, Run, describe, median_rate, median_ratio
from benchmarks.smtp_sink import Sink, running_sink
from benchmarks.world import (
    LINKS,
    counted_statements,
    make_workspace,
    save_mail,
    shop_mail,
    subscribers,
)

MESSAGES = 50_000
NAIVE_MESSAGES = 1_000
HREF = re.compile(r"href=['\"](https://shop[^'\"]+)['\"]")
MEGABYTE = 2**20


def run(bench: Bench) -> Result:
    """Judge the rate, its ratio to the reference, statements, memory, and what arrived."""
    from django.db import connection
    from django.utils import timezone

    result = Result("6a render and send by SMTP")
    count = bench.count(MESSAGES)
    with running_sink(bench.folder / "sink") as sink:
        _point_mail_at(sink)
        workspace = make_workspace("shop", timezone.now())
        connection.set_tenant(workspace)
        sender = Sender(workspace, subscribers(count), sink)
        sender.queue(1000)
        with counted_statements() as statements:
            sender.drain()
        sender.look()
        theirs, ours = [], []
        for _ in range(bench.pairs):
            theirs.append(sender.measured(bench, sender.naive, min(NAIVE_MESSAGES, count)))
            ours.append(sender.measured(bench, sender.drain, count))
            sender.look()
    result.lines.append(describe("naive Django", theirs, "messages"))
    result.lines.append(describe("Viaggio", ours, "messages"))
    rate = median_rate(ours)
    result.at_least("messages per CPU-second", rate, 1_800)
    result.at_least("messages per CPU-second, second target", rate, 3_000)
    result.at_least("ratio to naive Django", median_ratio(theirs, ours), 5)
    result.exactly("messages lost or doubled", sender.wrong, 0)
    result.exactly("rows not settled as sent", sender.unsettled, 0)
    result.exactly("tracked links in a mail", tracked_links(sender.sample), LINKS)
    result.at_most("statements per 1,000 messages", len(statements), 120)
    result.at_most("memory grown after the first 1,000, MB", sender.grown, 40)
    return result


def _point_mail_at(sink: Sink) -> None:
    from django.conf import settings

    settings.EMAIL_URL = f"smtp://127.0.0.1:{sink.port}"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port


class Sender:
    """Queues and sends to the same people again and again, and checks each time what arrived."""

    def __init__(self, workspace: Any, people: list[Any], sink: Sink) -> None:
        from django.utils import timezone

        self.workspace = workspace
        self.people = people
        self.sink = sink
        self.template = save_mail("Shop", shop_mail(), timezone.now())
        self.round = 0
        self.wrong = self.unsettled = 0
        self.sample = b""
        self.memory: list[float] = []

    @property
    def grown(self) -> float:
        """Megabytes of memory between the first 1,000 messages and the end of the last run."""
        return (self.memory[-1] - self.memory[0]) / MEGABYTE

    def queue(self, count: int) -> None:
        """Empty the table and queue a mail to each of `count` people."""
        from django.db import connection, transaction
        from django.utils import timezone

        from campaigns.messages import NewMessage, queue_messages

        self.round += 1
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE campaigns_message CASCADE")
        for start in range(0, count, 1000):
            with transaction.atomic():
                queue_messages(
                    messages=[
                        NewMessage(
                            send_key=f"bench:{self.round}:{start + number}",
                            contact_id=pk,
                            template_version_id=self.template.live_version_id,
                        )
                        for number, pk in enumerate(self.people[start : start + 1000][:count])
                    ],
                    now=timezone.now(),
                )
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE campaigns_message")

    def measured(self, bench: Bench, send: Callable[[], float], count: int) -> Run:
        """Queue so many, which is not measured; send them, which is; compare what arrived."""
        self.sink.reset()
        self.queue(count)
        run = bench.measure(send)
        taken = self.sink.taken()
        self.wrong += abs(taken.messages - count) + taken.doubles
        self.wrong += taken.messages - taken.one_click
        return run

    def drain(self) -> float:
        """Ours: send all that is queued, in turns as the task does."""
        from django.utils import timezone

        from campaigns.sending import drain

        total = 0
        while done := drain(workspace=self.workspace, clock=timezone.now):
            total += done
        return total

    def look(self) -> None:
        """Keep a sample, count rows that were not settled as sent, and note the memory."""
        from campaigns.models import Message

        self.sample = self.sink.sample()
        self.unsettled += Message.objects.exclude(status=Message.Status.ACCEPTED).count()
        self.memory.append(psutil.Process(os.getpid()).memory_info().rss)

    def naive(self) -> float:
        """The reference: one after the other."""
        from django.core.mail import EmailMultiAlternatives, get_connection
        from django.template import Context, Template
        from django.utils import timezone

        from campaigns.models import Message

        html, business, sent = shop_mail(), {"address": self.workspace.postal_address}, 0
        backend = "django.core.mail.backends.smtp.EmailBackend"
        with get_connection(backend) as line:
            for row in Message.objects.select_related("contact").all():
                contact = row.contact
                if contact is None or contact.email_consent != "subscribed":
                    continue
                base = f"http://shop.localhost/r/{row.pk}"
                values = {
                    "contact": contact,
                    "business": business,
                    "unsubscribe_url": f"{base}/u",
                }
                body = _with_tracking(Template(html).render(Context(values)), base)
                mail = EmailMultiAlternatives(
                    f"For you, {contact.first_name}",
                    re.sub(r"<[^>]+>", " ", body),
                    "shop@shop.example",
                    [row.to_address],
                    connection=line,
                    headers={
                        "List-Unsubscribe": f"<{base}/u>",
                        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                    },
                )
                mail.attach_alternative(body, "text/html")
                mail.send()
                row.status, row.sent_at = "accepted", timezone.now()
                row.save(update_fields=["status", "sent_at"])
                sent += 1
        return sent


def _with_tracking(body: str, base: str) -> str:
    numbers = iter(range(1000))
    return HREF.sub(lambda found: f'href="{base}/{next(numbers)}"', body)


def tracked_links(message: bytes) -> int:
    """How many links of the HTML part lead through the click counter."""
    parsed: Any = email.message_from_bytes(message, policy=email.policy.default)
    html = parsed.get_body(("html",)).get_content()
    return len(re.findall(r"href=\"[^\"]*/(?:c|click|r)/[^\"]+/\d+/?\"", html))
