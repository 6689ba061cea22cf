"""Reading the calls that providers made, on the events lane."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.feedback import Call, Feedback, as_uuid
from campaigns.matching import Matched, match
from campaigns.models import ProviderAccount
from campaigns.outbound import providers
from campaigns.outcomes import apply
from campaigns.reports import Readable, Report, read_call
from events.contracts import Failed, Ignored, InboundKind, Later, Outcome, inbound_kinds
from events.models import InboundDelivery

KIND = "provider"
# A report may come before the sender has written down what it is about: asked again, so often.
WAITS = (timedelta(seconds=15), timedelta(minutes=1), timedelta(minutes=5))
# A message still being sent is settled in the end; its lease and its retries bound how long.
LONGEST_WAIT = timedelta(hours=1)
MOST_ATTEMPTS = 12


def feedback_of(account: ProviderAccount) -> Feedback | None:
    """How the account's provider reports; None when it does not."""
    return providers.get(account.kind).feedback if account.kind in providers else None


def read_provider_calls(batch: Sequence[InboundDelivery], now: datetime) -> Mapping[UUID, Outcome]:
    """Give every report in these calls its one effect; what is not simply done, by call."""
    sources = _sources(batch)
    outcomes: dict[UUID, Outcome] = {
        each.pk: Ignored(_("The sending account is not here any more."))
        for each in batch
        if each.pk not in sources
    }
    reports: list[Report] = []
    wrong: dict[UUID, list[str]] = {}
    for source in sources.values():
        found, problems = read_call(source)
        reports += found
        if problems:
            wrong[source.delivery_id] = problems
    matched = match(reports)
    apply(matched.pairs, now=now)
    attempts = {each.pk: each.attempts for each in batch}
    outcomes |= _unmatched(matched, attempts, now)
    for pk, problems in wrong.items():
        # What waits is read again, and says then what is wrong with the rest.
        if not isinstance(outcomes.get(pk), Later):
            outcomes[pk] = Failed(_in_words(problems))
    return outcomes


def _sources(batch: Sequence[InboundDelivery]) -> dict[UUID, Readable]:
    ids = {account_id for each in batch if (account_id := as_uuid(each.door))}
    accounts = ProviderAccount.objects.in_bulk(ids)
    found: dict[UUID, Readable] = {}
    for each in batch:
        account = accounts.get(as_uuid(each.door) or UUID(int=0))
        feedback = feedback_of(account) if account else None
        if account and feedback:
            call = Call(bytes(each.body), each.headers, each.received_at)
            found[each.pk] = Readable(each.pk, account.pk, feedback, call)
    return found


def _unmatched(
    matched: Matched, attempts: Mapping[UUID, int], now: datetime
) -> dict[UUID, Outcome]:
    """Calls with reports that wait for their message, or are about none of ours."""
    found: dict[UUID, Outcome] = {}
    known = {report.delivery_id for report, _target in matched.pairs}
    # A row is older than the call that carries its send id; the provider's id comes after it.
    may_come = {report.delivery_id for report in matched.unknown if not report.send_id}
    for delivery_id in {report.delivery_id for report in matched.unknown}:
        done = attempts[delivery_id]
        if delivery_id in may_come and done < len(WAITS):
            found[delivery_id] = Later(now + WAITS[done], _("Its message is not known yet."))
        elif delivery_id not in known:
            found[delivery_id] = Ignored(_("It is about a message that was not sent from here."))
    for delivery_id in {report.delivery_id for report in matched.in_hand}:
        done = attempts[delivery_id]
        if done < MOST_ATTEMPTS:
            wait = min(LONGEST_WAIT, WAITS[0] * 2**done)
            found[delivery_id] = Later(now + wait, _("Its message is still being sent."))
        elif delivery_id not in known:
            found[delivery_id] = Ignored(_("Its message has not been sent."))
    return found


def _in_words(problems: Sequence[str]) -> str:
    sentence = ngettext(
        "%(count)s report could not be read: %(first)s",
        "%(count)s reports could not be read, the first because: %(first)s",
        len(problems),
    )
    return sentence % {"count": len(problems), "first": problems[0]}


inbound_kinds.register(
    InboundKind(KIND, gettext_lazy("Report of a provider"), read_provider_calls, is_about_many=True)
)
