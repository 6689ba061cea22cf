"""Forgetting a person: replays keep some of those they counted by id."""

from contacts.contracts import Eraser, Erasure, erasers
from journeys.models import Replay


def erase_samples(erasure: Erasure) -> None:
    """Take the person out of the lists of all replays; the counts stay, and name nobody."""
    gone = erasure.contact_id.hex
    for replay in Replay.objects.select_for_update().order_by("pk").defer("definition"):
        replay.samples = {
            side: {key: [each for each in ids if each != gone] for key, ids in keys.items()}
            for side, keys in replay.samples.items()
        }
        for written in replay.result.values():
            if isinstance(written, dict) and written["week"]["contact"] == gone:
                written["week"]["contact"] = ""
        replay.save(update_fields=["samples", "result"])


erasers.register(Eraser("replays", erase_samples))
