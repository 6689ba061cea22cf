"""Opens and clicks that a provider reports, told apart like those we see ourselves."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from campaigns.matching import Target
from campaigns.models import Message
from campaigns.reports import Report
from campaigns.tracking import Fetch, destination, is_machine
from events.services import NewEvent

# Our own tracked link, where a provider that tracks clicks too has wrapped it.
OURS = re.compile(r"/r/[\w-]{34}/(\d{1,4})$")


def facts(told: Sequence[tuple[Report, Target]], *, source: str) -> list[NewEvent]:
    """The log's entries of these opens and clicks, machines marked as such."""
    seen = [(report, target) for report, target in told if report.kind in ("opened", "clicked")]
    links = _destinations(seen)
    return [
        NewEvent(
            type=f"message.{report.kind}",
            occurred_at=report.at,
            contact_id=target.contact_id,
            data={
                "message_id": str(target.id),
                "machine": _is_machine(report, target),
                **_detail(report, target, links),
            },
            source=source,
            message_id=report.key,
        )
        for report, target in seen
    ]


def _is_machine(report: Report, target: Target) -> bool:
    fetch = Fetch("GET", report.user_agent, report.at)
    return report.is_machine or is_machine(fetch, target.sent_at)


def _detail(
    report: Report, target: Target, links: Mapping[tuple[UUID, int], str]
) -> dict[str, Any]:
    if report.kind == "opened":
        return {"subject": target.subject}
    index = _index(report)
    url = links.get((target.id, index)) if index is not None else None
    return {"url": url, "link": index} if url else {"url": report.url}


def _index(report: Report) -> int | None:
    found = OURS.search(report.url)
    return int(found[1]) if found else None


def _destinations(seen: Sequence[tuple[Report, Target]]) -> dict[tuple[UUID, int], str]:
    """Where our own links lead that were clicked."""
    wanted = {
        (target.id, index)
        for report, target in seen
        if report.kind == "clicked" and (index := _index(report)) is not None
    }
    if not wanted:
        return {}
    rows = Message.objects.select_related("template_version").in_bulk({one for one, _ in wanted})
    found = {(pk, index): destination(rows[pk], index) for pk, index in wanted}
    return {key: url for key, url in found.items() if url}
