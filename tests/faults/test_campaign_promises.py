"""A campaign through killed workers, a pause and an empty broker: everybody once, or with a reason.

The rows are the recipients: recipients = sent + skipped + failed + in doubt.
"""

import time

import pytest

from tests.faults.rig import CONCURRENCY, GROUP, Rig

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]

# All messages of campaigns; this file is the only one that has any.
KEY = "campaign"


def test_a_campaign_through_kills_and_a_pause_reaches_everybody_once(rig: Rig, long: bool) -> None:
    # given a campaign that was just started, every tenth of its audience without consent
    recipients, kills = (12_000, 30) if long else (600, 4)
    rig.mode.write_text("slow:0.002")
    rig.drive("campaign", "camp", str(recipients))
    rig.beat()

    # when workers are killed while its messages are written and sent
    for number in range(kills):
        worker = rig.worker()
        rig.wait(lambda: rig.campaign("camp") != "queueing" or long, 60)
        time.sleep(rig.random.uniform(0.2, 2.0))
        rig.kill(worker)
        if number == kills // 2:
            _pause_holds(rig)
    rig.lose_broker(away=1)
    rig.mode.write_text("")
    rig.worker()
    rig.wait(lambda: rig.campaign("camp") == "sent", 240 if long else 120)

    # then nobody is missing and nobody was written to twice
    states, accepted = rig.states(KEY), rig.accepted("camp")
    assert sum(states.values()) == recipients
    assert set(states) <= {"accepted", "skipped", "in_doubt"}
    assert max(accepted.values()) == 1
    assert states["skipped"] == recipients // 10
    assert states["accepted"] <= len(accepted) <= states["accepted"] + states["in_doubt"]
    assert states["in_doubt"] <= kills * CONCURRENCY * GROUP


def _pause_holds(rig: Rig) -> None:
    """Paused between two kills: with a worker running, nothing more is accepted."""
    rig.drive("pause", "camp")
    before = len(rig.accepted("camp"))
    worker = rig.worker()
    time.sleep(4)
    assert len(rig.accepted("camp")) == before
    assert rig.states(KEY)["held"] > 0
    rig.drive("resume", "camp")
    rig.kill(worker)
