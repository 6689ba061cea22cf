"""P9: the clock stood still for six hours; then all of it is caught up, without a stampede."""

import time
from itertools import combinations

import psycopg
import pytest

from tests.faults.rig import CONCURRENCY, GROUP, Rig

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]

BURST = 20
MAILS = """
    SELECT contact_id, status, reason, expires_at, sent_at, now() FROM w_initech.campaigns_message
"""


def asked(rig: Rig, statement: str) -> list[tuple]:
    with psycopg.connect(**rig._connection(rig.database)) as server:
        return server.execute(statement).fetchall()


def waiting(rig: Rig) -> int:
    """How many of Initech's people and mails are still on their way."""
    return asked(
        rig,
        "SELECT (SELECT count(*) FROM w_initech.journeys_enrolment WHERE status = 'active')"
        " + (SELECT count(*) FROM w_initech.campaigns_message WHERE status NOT IN"
        " ('accepted', 'skipped', 'failed', 'in_doubt'))",
    )[0][0]


def test_p9_six_hours_without_a_clock_are_caught_up_at_the_provider_s_pace(
    rig: Rig, long: bool
) -> None:
    # given people whose step fell due over the last six hours, and mails too late after three
    people, rate = (50_000, 200) if long else (800, 50)
    rig.drive("oversleep", "p9", str(people), str(rate))

    # when clock and worker come back
    began = time.monotonic()
    rig.beat()
    rig.worker()
    pace = [(began, 0)]

    def done() -> bool:
        pace.append((time.monotonic(), sum(rig.accepted("p9").values())))
        return waiting(rig) == 0

    rig.wait(done, 900 if long else 120)

    # then everybody had the step once, and was written to once at most
    mails = asked(rig, MAILS)
    assert len(mails) == len({mail[0] for mail in mails}) == people
    sent = [mail for mail in mails if mail[1] == "accepted"]
    late = [mail for mail in mails if mail[1:3] == ("skipped", "expired")]
    assert len(sent) + len(late) == people
    assert sorted(rig.accepted("p9").values()) == [1] * len(sent)

    # and what was too late was left, with the reason, and nothing else was
    assert all(sent_at <= expires_at for *_rest, expires_at, sent_at, _now in sent)
    assert all(expires_at < now for *_rest, expires_at, _sent_at, now in late)
    took = (pace[-1][0] - began) / (6 * 3600) * people
    assert people / 2 - took - 1 <= len(sent) <= people / 2 + 1

    # and never faster than the account's rate, but for what was on its way
    limit = BURST + GROUP * CONCURRENCY
    samples = pace[:: max(1, len(pace) // 300)]
    for (before, first), (after, second) in combinations(samples, 2):
        assert second - first <= rate * (after - before) + limit
    assert all(count <= rate * (at - began) + BURST for at, count in pace)
