"""Claim, call, settle: the only code that talks to providers.

A drain claims a batch, draws it, and then sends group by group: ask the policy and commit to
`calling` in one transaction, talk to the provider outside any, write the verdicts in another. So a
kill leaves at most one group in doubt, and a withdrawn consent is honoured up to the send moment.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns import bounces, claims, policy
from campaigns.accounts import (
    Account,
    load_accounts,
    note_failure,
    note_success,
    take_tokens,
    wait_for_token,
)
from campaigns.claims import ASKED_AGAIN, Approved, Claimed, Settlement
from campaigns.drawing import Studio
from campaigns.models import Message
from campaigns.outbound import Parcel, Session
from campaigns.render import RenderedMessage
from campaigns.smtp import Accepted, InDoubt, NotTried, Refused, Verdict
from contacts.merging import note_shown
from core.mailgate import MessageRefused
from tenants.models import Workspace

BATCH = 500
# How long after each failed attempt the next one comes; after the last there is none.
BACK_OFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)
Status = Message.Status
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Drawn:
    """A claimed row and the message drawn for it."""

    row: Claimed
    rendered: RenderedMessage
    kept: Mapping[str, Any] = field(default_factory=dict)


def drain(*, workspace: Workspace, clock: Clock, seconds: float = 20.0) -> int:
    """Send what is due for up to `seconds`, then hand the lane back; how many were claimed."""
    started = clock()
    claims.recover(now=started)
    total = 0
    with ExitStack() as lines:
        sender = Sender(workspace, clock, lines)
        while (clock() - started).total_seconds() < seconds:
            batch = claims.claim(now=clock(), limit=BATCH)
            if not batch:
                break
            total += len(batch)
            sender.send(batch)
    return total


class Sender:
    """One drain's lines to providers, and the drawing kept between batches."""

    def __init__(self, workspace: Workspace, clock: Clock, lines: ExitStack) -> None:
        self.workspace = workspace
        self.clock = clock
        self.lines = lines
        self.accounts = load_accounts()
        self.sessions: dict[UUID | None, Session] = {}
        self.studio: Studio | None = None

    def send(self, batch: Sequence[Claimed]) -> None:
        """Settle every row of the batch, one way or another."""
        try:
            self.studio = self.studio or Studio(self.workspace)
        except MessageRefused as refusal:
            self._fail(batch, "bad_sender", refusal.message)
            return
        ordered = sorted(batch, key=_kind_of)
        for _key, rows in groupby(ordered, key=_kind_of):
            self._send_kind(list(rows))

    def _send_kind(self, rows: list[Claimed]) -> None:
        """Rows of one lane, account and template version."""
        account = self.accounts.get(rows[0].account_id) or self.accounts[None]
        if resting := account.resting(self.clock()):
            self._put_back(rows, resting, "provider_resting", _("The provider is not answering."))
            return
        drawn = self._draw(self._still_known(account, rows))
        size = account.provider.group
        for start in range(0, len(drawn), size):
            group = drawn[start : start + size]
            granted = take_tokens(account=account, wanted=len(group), now=self.clock())
            if granted:
                self._send_group(account, group[:granted])
            if granted < len(group):
                self._slow_down(account, drawn[start + granted :])
                return

    def _still_known(self, account: Account, rows: list[Claimed]) -> list[Claimed]:
        """Those a call may be made for; one asked again too late would be a second send."""
        now = self.clock()
        known: list[Claimed] = []
        lost: list[Claimed] = []
        for row in rows:
            is_known = row.reason != ASKED_AGAIN or _remembers(account, row, now)
            (known if is_known else lost).append(row)
        claims.settle([_in_doubt(row, _("The provider may have forgotten it.")) for row in lost])
        return known

    def _draw(self, rows: list[Claimed]) -> list[Drawn]:
        """The messages that could be drawn; the others are failed with their reason."""
        assert self.studio  # noqa: S101 - set by send()
        if not rows:
            return []
        program = self.studio.program(rows[0].template_version_id)
        recipients = self.studio.recipients(rows, now=self.clock())
        drawn, failed = [], []
        for row, one, made in zip(rows, recipients, program.render(recipients), strict=True):
            if isinstance(made, RenderedMessage):
                drawn.append(Drawn(row, made, one.kept))
            else:
                failed.append(_settlement(row, Status.FAILED, made.code, made.message))
        claims.settle(failed)
        return drawn

    def _send_group(self, account: Account, group: Sequence[Drawn]) -> None:
        approved = self._approve(account, group)
        if not approved:
            return
        parcels = [self._parcel(drawn) for drawn in approved]
        verdicts = self._session(account).send(parcels)
        answered = list(_until_broken(verdicts, len(approved)))
        retry_at = self._note_health(account, answered)
        claims.settle(
            [
                self._verdict(account, drawn.row, verdict, retry_at)
                for drawn, verdict in zip(approved, answered, strict=True)
            ]
        )
        bounces.note(
            [
                (one.row.to_address, verdict)
                for one, verdict in zip(approved, answered, strict=True)
            ],
            now=self.clock(),
        )

    def _approve(self, account: Account, group: Sequence[Drawn]) -> list[Drawn]:
        """Ask the policy and commit to `calling`: the send moment."""
        now = self.clock()
        keeper = account.id if account.provider.remembers else None
        with transaction.atomic():
            verdicts = policy.ask(
                ids=[drawn.row.id for drawn in group], workspace=self.workspace, now=now
            )
            wanted = [drawn for drawn in group if _may_go(verdicts[drawn.row.id])]
            claims.settle(
                [
                    _refusal(drawn.row, verdicts[drawn.row.id])
                    for drawn in group
                    if not _may_go(verdicts[drawn.row.id])
                ]
            )
            called = claims.call(
                approved=[
                    Approved(
                        id=one.row.id,
                        fence=one.row.fence,
                        destinations=list(one.rendered.destinations),
                        drawn=one.kept,
                        account_id=keeper,
                    )
                    for one in wanted
                ],
                now=now,
            )
            leaving = [drawn for drawn in wanted if drawn.row.id in called]
            _note_shown(leaving, now)
        return leaving

    def _parcel(self, drawn: Drawn) -> Parcel:
        assert self.studio  # noqa: S101 - set by send()
        row = drawn.row
        origin = row.journey_id or row.campaign_id or "transactional"
        feedback_id = f"{origin}:{self.workspace.slug}:viaggio"
        return Parcel(
            id=row.id,
            to=row.to_address,
            rendered=drawn.rendered,
            skeleton=self.studio.skeleton(row.template_version_id, feedback_id),
            sender=self.studio.sender,
            sender_address=self.studio.sender_address,
            date=self.clock(),
            one_click=row.lane != Message.Lane.TRANSACTIONAL,
        )

    def _session(self, account: Account) -> Session:
        if account.id not in self.sessions:
            line = account.provider.session(account.credentials)
            self.sessions[account.id] = self.lines.enter_context(line)
        return self.sessions[account.id]

    def _note_health(self, account: Account, verdicts: Sequence[Verdict]) -> datetime:
        """Open or close the account's breaker; when to try again what was not tried.

        A line that was lost on the way is opened again at once; one that never came about rests.
        """
        now = self.clock()
        if all(isinstance(verdict, NotTried) for verdict in verdicts):
            return note_failure(account=account, now=now)
        if account.failures and any(isinstance(verdict, Accepted) for verdict in verdicts):
            note_success(account=account)
        return now

    def _verdict(
        self, account: Account, row: Claimed, verdict: Verdict, retry_at: datetime
    ) -> Settlement:
        now = self.clock()
        if isinstance(verdict, Accepted):
            return _settlement(
                row,
                Status.ACCEPTED,
                sent_at=now,
                provider_message_id=verdict.provider_id,
                account_id=account.id,
            )
        if isinstance(verdict, InDoubt):
            return _ask_again(account, row, verdict, now) or _in_doubt(row, verdict.reason)
        if isinstance(verdict, NotTried):
            return _settlement(
                row,
                Status.RETRY,
                _reason(row, "not_tried"),
                verdict.reason,
                due_at=retry_at,
                counts=False,
            )
        return _refused(row, verdict, now)

    def _fail(self, rows: Sequence[Claimed], code: str, message: str) -> None:
        claims.settle([_settlement(row, Status.FAILED, code, message) for row in rows])

    def _put_back(self, rows: Sequence[Claimed], until: datetime, code: str, text: str) -> None:
        """Back in the queue; these were claimed and not called, so no attempt was counted."""
        claims.settle([_settlement(row, Status.RETRY, code, text, due_at=until) for row in rows])

    def _slow_down(self, account: Account, rest: Sequence[Drawn]) -> None:
        until = self.clock() + wait_for_token(account=account)
        rows = [drawn.row for drawn in rest]
        self._put_back(rows, until, "rate_limit", _("Waiting for the account's sending rate."))


def _note_shown(leaving: Sequence[Drawn], now: datetime) -> None:
    """A test shows its values to somebody else, and brings them itself: it keeps none."""
    shown = [(one.row.contact_id, one.kept) for one in leaving if one.kept and one.row.contact_id]
    if shown:
        note_shown(shown=shown, now=now)


def _kind_of(row: Claimed) -> tuple[int, str, str, str]:
    origin = str(row.journey_id or row.campaign_id or "")
    return row.lane, str(row.account_id or ""), str(row.template_version_id), origin


def _may_go(verdict: policy.Verdict) -> bool:
    return verdict.guard is None


def _refusal(row: Claimed, verdict: policy.Verdict) -> Settlement:
    guard = verdict.guard
    assert guard  # noqa: S101 - only asked for those a guard objected to
    if row.reason == ASKED_AGAIN:
        return _in_doubt(row, str(guard.sentence))
    status = Status.DEFERRED if guard.action == "defer" else Status.SKIPPED
    return _settlement(row, status, guard.key, str(guard.sentence), due_at=verdict.until)


def _refused(row: Claimed, verdict: Refused, now: datetime) -> Settlement:
    """A certain non-send: for good, or until the next attempt."""
    text = f"{verdict.code} {verdict.text}".strip() if verdict.code else verdict.text
    is_last = row.attempts >= len(BACK_OFF)
    if row.reason == ASKED_AGAIN and (verdict.permanent or is_last):
        return _in_doubt(row, text)
    if verdict.permanent:
        return _settlement(row, Status.FAILED, "refused", text)
    if is_last:
        return _settlement(row, Status.FAILED, "attempts_used_up", text)
    due_at = now + BACK_OFF[row.attempts]
    return _settlement(row, Status.RETRY, _reason(row, "refused"), text, due_at=due_at)


def _in_doubt(row: Claimed, text: str) -> Settlement:
    return _settlement(row, Status.IN_DOUBT, "cut_off", text)


def _reason(row: Claimed, reason: str) -> str:
    """What was asked once stays so until it is certain, whatever happens on the way."""
    return ASKED_AGAIN if row.reason == ASKED_AGAIN else reason


def _remembers(account: Account, row: Claimed, at: datetime) -> bool:
    """Whether this very account will still know the send id at that time."""
    memory = account.provider.remembers
    if memory is None or (row.called_at and row.account_id != account.id):
        return False
    return at < (row.called_at or at) + memory


def _ask_again(
    account: Account, row: Claimed, verdict: InDoubt, now: datetime
) -> Settlement | None:
    """Call once more where the same send id is the same send; None where it might be another."""
    if row.attempts >= len(BACK_OFF):
        return None
    due_at = now + BACK_OFF[row.attempts]
    first = row.called_at or now
    memory = account.provider.remembers
    if memory is None or due_at >= first + memory:
        return None
    return _settlement(row, Status.RETRY, ASKED_AGAIN, verdict.reason, due_at=due_at)


def _settlement(
    row: Claimed,
    status: str,
    reason: str = "",
    reason_text: str = "",
    *,
    due_at: datetime | None = None,
    sent_at: datetime | None = None,
    provider_message_id: str = "",
    account_id: UUID | None = None,
    counts: bool = True,
) -> Settlement:
    return Settlement(
        id=row.id,
        fence=row.fence,
        status=status,
        reason=reason,
        reason_text=reason_text,
        due_at=due_at,
        sent_at=sent_at,
        provider_message_id=provider_message_id,
        account_id=account_id,
        counts=counts,
    )


def _until_broken(verdicts: Iterator[Verdict], count: int) -> Iterator[Verdict]:
    """The provider's verdicts; if it raises, whatever was not answered is in doubt."""
    for done in range(count):
        try:
            yield next(verdicts)
        except Exception as error:
            reason = _("The provider's answer could not be understood: %(detail)s") % {
                "detail": type(error).__name__
            }
            yield from [InDoubt(reason)] * (count - done)
            return
