"""Whether a message may leave now: every guard, asked in one statement for a whole group.

Guards are of `contacts.send_guards`, so that other floors may register theirs. The first in order
that objects decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from campaigns.models import Message
from contacts.send_guards import Guard, guards
from tenants.models import Workspace


@dataclass(frozen=True)
class Verdict:
    """What the policy says of one message: send (no guard), skip, or defer until a time."""

    guard: Guard | None
    until: datetime | None = None


def lock_contacts(ids: Sequence[UUID]) -> None:
    """Hold the contacts of these messages until commit, in one order for everybody.

    Whoever withdraws consent updates the contact, so that from here on a withdrawal is either
    seen by the guards or comes after the send moment.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM contacts_contact WHERE id IN (SELECT contact_id FROM campaigns_message"
            " WHERE id = ANY(%s)) ORDER BY id FOR NO KEY UPDATE",
            [list(ids)],
        )


def ask(*, ids: Sequence[UUID], workspace: Workspace, now: datetime) -> dict[UUID, Verdict]:
    """The verdict on each of these messages; call it in the transaction that acts on it."""
    lock_contacts(ids)
    return judge(ids=ids, workspace=workspace, now=now)


def judge(*, ids: Sequence[UUID], workspace: Workspace, now: datetime) -> dict[UUID, Verdict]:
    """What the guards say of each as things stand: one statement, and nobody is held up."""
    ordered = sorted(guards, key=lambda guard: guard.order)
    cases = " ".join(f"WHEN {guard.objects} THEN {n}" for n, guard in enumerate(ordered))
    untils = " ".join(
        f"WHEN verdict.guard = {n} THEN ({guard.until})"
        for n, guard in enumerate(ordered)
        if guard.action == "defer"
    )
    parameters: dict[str, Any] = {"now": now, "group": list(ids)}
    for guard in ordered:
        if guard.parameters:
            parameters.update(guard.parameters(workspace))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT m.id, verdict.guard, (CASE {untils} END)::timestamptz"
            f" FROM {Message._meta.db_table} AS m"
            " LEFT JOIN contacts_contact AS c ON c.id = m.contact_id"
            f" CROSS JOIN LATERAL (SELECT CASE {cases} END AS guard) AS verdict"
            " WHERE m.id = ANY(%(group)s)",
            parameters,
        )
        return {
            row[0]: Verdict(None if row[1] is None else ordered[row[1]], row[2])
            for row in cursor.fetchall()
        }
