"""P2, P3, P4, P8, P10, P13: what happens to messages when processes die.

Every run closes with one equation: recipients = sent + skipped + failed + in doubt.
"""

import time

import pytest

from tests.faults.rig import CONCURRENCY, GROUP, Rig

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]


def assert_equation(rig: Rig, key: str, recipients: int) -> None:
    """Everybody is accounted for, nobody was written to twice, and what is said was so."""
    states = rig.states(key)
    accepted = rig.accepted(key)
    assert sum(states.values()) == recipients
    assert set(states) <= {"accepted", "skipped", "failed", "in_doubt"}
    assert max(accepted.values(), default=0) <= 1
    assert states["accepted"] <= len(accepted) <= states["accepted"] + states["in_doubt"]


def test_p2_killed_workers_send_nothing_twice(rig: Rig, long: bool) -> None:
    # given a full queue and a provider that takes a moment
    recipients, kills = (5000, 50) if long else (800, 5)
    rig.mode.write_text("slow:0.002")
    rig.drive("queue", "p2", str(recipients))
    rig.beat()

    # when the worker is killed again and again at random moments
    for _ in range(kills):
        worker = rig.worker()
        rig.wait(lambda: sum(rig.accepted("p2").values()) > 0, 30)
        time.sleep(rig.random.uniform(0.5, 2.5))
        rig.kill(worker)
    rig.mode.write_text("")
    rig.worker()
    rig.wait(lambda: rig.settled("p2"), 120)

    # then the equation holds, and few are in doubt
    assert_equation(rig, "p2", recipients)
    assert rig.states("p2")["in_doubt"] <= kills * CONCURRENCY * GROUP


def test_p3_a_cut_after_acceptance_is_in_doubt_and_stays_so(rig: Rig, long: bool) -> None:
    # given a provider that takes every message and hangs up without a word
    recipients = 500 if long else 40
    rig.mode.write_text("cut")
    rig.drive("queue", "p3", str(recipients))
    rig.beat()
    rig.worker()

    # when all have been tried, and the provider is well again
    rig.wait(lambda: rig.states("p3")["in_doubt"] == recipients, 180)
    rig.mode.write_text("")
    time.sleep(5)

    # then each was accepted once, and none was guessed at
    assert rig.states("p3") == {"in_doubt": recipients}
    assert sorted(rig.accepted("p3").values()) == [1] * recipients


def test_p4_nothing_goes_to_those_who_left_before_the_send_moment(rig: Rig, long: bool) -> None:
    # given a full queue that is just beginning to leave, slowly
    recipients = 5000 if long else 500
    rig.mode.write_text("slow:0.05")
    rig.drive("queue", "p4", str(recipients))
    rig.beat()
    rig.worker()
    rig.wait(lambda: sum(rig.accepted("p4").values()) > 0, 30)

    # when a fifth unsubscribes while the queue is being sent
    rig.drive("leave", "p4")
    gone = {f"p4-{n:05}@example.com" for n in range(recipients * 4 // 5, recipients)}
    # (some of them had their send moment before: the commit that sets `calling`)
    before = {
        address
        for address, (status, _reason) in rig.people("p4").items()
        if address in gone and status in {"calling", "accepted"}
    }
    rig.mode.write_text("")
    rig.wait(lambda: rig.settled("p4"), 120)

    # then of those who left before their send moment nobody was written to
    left_in_time = gone - before
    assert len(left_in_time) > 0
    assert rig.written_to("p4") & gone == before
    people = rig.people("p4")
    assert {people[address] for address in left_in_time} == {("skipped", "no_consent")}
    assert {people[address] for address in people.keys() - left_in_time} == {("accepted", "")}
    assert_equation(rig, "p4", recipients)


@pytest.mark.parametrize("broker", ["valkey", "redis"])
def test_p8_an_emptied_and_absent_broker_loses_nothing(rig: Rig, long: bool, broker: str) -> None:
    # given a queue that is leaving
    recipients = 3000 if long else 400
    key = f"p8{broker}"
    rig.use_broker(broker)
    rig.mode.write_text("slow:0.005")
    rig.drive("queue", key, str(recipients))
    rig.beat()
    rig.worker()
    rig.wait(lambda: sum(rig.accepted(key).values()) > 0, 30)

    # when the broker loses everything and stays away for a while
    rig.lose_broker(away=600 if long else 5)

    # then it goes on within a minute, and nothing is lost or doubled
    rig.mode.write_text("")
    rig.wait(lambda: rig.settled(key), 90)
    assert_equation(rig, key, recipients)
    assert rig.states(key) == {"accepted": recipients}


def test_p10_two_beats_and_two_workers_do_the_same_as_one(rig: Rig, long: bool) -> None:
    recipients = 3000 if long else 400
    for start in (rig.beat, rig.beat, rig.worker, rig.worker):
        start()
    rig.drive("queue", "p10", str(recipients))
    rig.wait(lambda: rig.settled("p10"), 90)
    assert rig.states("p10") == {"accepted": recipients}
    assert sorted(rig.accepted("p10").values()) == [1] * recipients


def test_p13_bad_rows_fail_alone_and_block_nobody(rig: Rig, long: bool) -> None:
    # given one message in fifty that cannot be drawn, and one recipient that is refused
    recipients = 2000 if long else 200
    rig.mode.write_text("refuse:p13-00101@example.com")
    rig.drive("queue", "p13", str(recipients), "50")
    rig.beat()
    rig.worker()
    rig.wait(lambda: rig.settled("p13"), 120)

    # then just those failed, each with its reason
    states = rig.states("p13")
    assert states == {"accepted": recipients - recipients // 50 - 1, "failed": recipients // 50 + 1}
    assert_equation(rig, "p13", recipients)
