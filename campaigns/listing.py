"""Reads of messages for people: the list with its numbers, one message's way, what is in doubt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from campaigns.forms import GROUP_LABELS, STATUS_GROUPS
from campaigns.models import Message
from events.models import Event

PAGE_SIZE = 50
EVENTS_SHOWN = 100


@dataclass(frozen=True)
class Chosen:
    """What the list is narrowed to."""

    q: str = ""
    status: str = ""
    kind: int | None = None
    contact: UUID | None = None
    template: UUID | None = None


@dataclass(frozen=True)
class Moment:
    """One thing that happened to a message; `at` is None for what is still to come."""

    icon: str
    tone: str
    title: str
    at: datetime | None
    detail: str = ""


def statuses_of(status: str) -> Sequence[str]:
    """The states a filter stands for; none means all."""
    return STATUS_GROUPS.get(status, (status,))


def messages_without_status(chosen: Chosen) -> QuerySet[Message]:
    """Messages by every filter but the state."""
    found = Message.objects.all()
    if chosen.kind is not None:
        found = found.filter(lane=chosen.kind)
    if chosen.contact:
        found = found.filter(contact_id=chosen.contact)
    if chosen.template:
        found = found.filter(template_version__template_id=chosen.template)
    text = chosen.q.strip().replace("\x00", "")
    if text:
        found = found.filter(
            Q(to_address__icontains=text) | Q(template_version__subject__icontains=text)
        )
    return found


def chosen_messages(chosen: Chosen) -> QuerySet[Message]:
    """Messages by all filters, newest first, with what a row shows."""
    found = messages_without_status(chosen)
    wanted = statuses_of(chosen.status)
    if wanted:
        found = found.filter(status__in=wanted)
    return (
        found.select_related("contact", "template_version__template")
        .defer("template_version__compiled", "template_version__body", "context")
        .defer("template_version__template__body")
        .order_by("-id")
    )


def counts_by_group(chosen: Chosen) -> list[tuple[str, str, int]]:
    """(filter, label, number) for each group of states; each number is its list's length."""
    by_status = dict(
        messages_without_status(chosen)
        .order_by()
        .values_list("status")
        .annotate(number=Count("id"))
    )
    return [
        (
            key,
            str(GROUP_LABELS[key]),
            sum(by_status.get(status, 0) for status in group or by_status),
        )
        for key, group in STATUS_GROUPS.items()
    ]


def page_of(chosen: Chosen, before: UUID | None) -> tuple[list[Message], UUID | None]:
    """One page older than `before`, and the cursor of the next one."""
    found = chosen_messages(chosen)
    if before:
        found = found.filter(pk__lt=before)
    rows = list(found[: PAGE_SIZE + 1])
    return rows[:PAGE_SIZE], rows[PAGE_SIZE - 1].pk if len(rows) > PAGE_SIZE else None


def moments_of(message: Message) -> list[Moment]:
    """What happened to a message, in order; what machines fetched stands apart."""
    found = [Moment("clock", "", _("Queued"), message.queued_at)]
    if message.sent_at:
        found.append(Moment("send", "info", _("Sent"), message.sent_at))
    if message.delivered_at:
        found.append(Moment("mail-check", "ok", _("Delivered"), message.delivered_at))
    if message.bounced_at:
        found.append(Moment("mail-x", "bad", _bounce(message), message.bounced_at, _why(message)))
    if message.complained_at:
        found.append(Moment("mail-warning", "bad", _("Marked as spam"), message.complained_at))
    if message.unsubscribed_at:
        found.append(Moment("mail-x", "bad", _("Unsubscribed"), message.unsubscribed_at))
    found += [_fetched(event.type, event.data, event.occurred_at) for event in _events(message)]
    if message.status not in REPORTED:
        found.append(_standing(message))
    return sorted(found, key=lambda moment: (moment.at is None, moment.at))


REPORTED = ("accepted", "delivered", "bounced", "complained")


def _bounce(message: Message) -> str:
    """What came back says of the address."""
    if message.reason == "hard_bounce":
        return _("Came back: nobody can be reached at this address")
    if message.reason == "rejected":
        return _("Not delivered by the provider")
    return _("Came back: it could not be delivered this time")


def _why(message: Message) -> str:
    return "" if message.reason == "complained" else message.reason_text


def _events(message: Message) -> QuerySet[Event]:
    """Opens and clicks of this message; none once its person was erased."""
    return Event.objects.filter(
        contact_id=message.contact_id,
        contact_id__isnull=False,
        type__in=["message.opened", "message.clicked"],
        data__message_id=str(message.pk),
    ).order_by("occurred_at", "id")[:EVENTS_SHOWN]


def _fetched(kind: str, data: dict[str, Any], at: datetime) -> Moment:
    is_click, by_machine = kind == "message.clicked", bool(data.get("machine"))
    detail = str(data.get("url", "")) if is_click else ""
    if by_machine:
        title = _("Link fetched by a machine") if is_click else _("Opened by a machine")
        return Moment("bot", "", title, at, detail)
    if is_click:
        return Moment("mouse-pointer-click", "ok", _("Link clicked"), at, detail)
    return Moment("mail-open", "ok", _("Opened"), at, detail)


TONES = {"skipped": "warn", "in_doubt": "warn", "failed": "bad", "bounced": "bad"}


def _standing(message: Message) -> Moment:
    """Where a message stands that has not gone out, and why."""
    tone = TONES.get(message.status, "")
    at = message.due_at if message.status in ("retry", "deferred") else None
    title = str(message.get_status_display())
    return Moment("circle-dot", tone, title, at, message.reason_text)


def in_doubt() -> QuerySet[Message]:
    """Messages nobody knows the fate of, oldest first."""
    return (
        Message.objects.filter(status=Message.Status.IN_DOUBT)
        .select_related("contact", "template_version")
        .defer("template_version__compiled", "template_version__body")
        .order_by("queued_at", "id")
    )
