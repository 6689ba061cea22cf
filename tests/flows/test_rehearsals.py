"""The recipes of the shop rehearsed: what life then does is what was said, and nothing is left."""

import pytest

from contacts.models import Contact
from journeys.definition import parse
from journeys.models import Journey
from journeys.rehearsal import Pass, Start, prepare, rehearse
from journeys.rehearsal.outcome import read_runs
from journeys.walkthrough.starts import Beginning, sample
from journeys.walkthrough.walk import Plan, walk_through
from tests.flows.conftest import DAY
from tests.journeys.rehearsing import every_row

# The mails of this journey have no link but those of the survey and the shop's own pages.
EVERYTHING = ["opens", "orders", "answers", "unsubscribes"]


def walked(town, recipe: str, *, entry: int = 0, **plan):
    """The recipe walked by Ada from now on."""
    journey = Journey.objects.get(recipe=recipe)
    script = prepare(journey=journey, definition=parse(journey.draft))
    ada = Contact.objects.get(first_name="Ada")
    known = sample(script, entry, ada.pk, now=town.now)
    beginning = Beginning(entry, town.now, known.data, known.key)
    return walk_through(Plan(script, ada, beginning, **plan))


def chosen(walk) -> list[str]:
    return [point.done.token.partition(":")[0] for point in walk.points if point.done]


@pytest.mark.parametrize("recipe", ["welcome", "welcome_with_code", "abandoned_cart"])
def test_what_is_rehearsed_is_what_then_happens(town, recipe):
    # given a subscriber who leaves a cart behind
    town.publish(recipe)
    town.subscriber("Ada")
    if recipe == "abandoned_cart":
        town.fill_cart("Ada", "Loaf", "Cake")
    town.until(town.start + DAY)
    journey, ada = Journey.objects.get(recipe=recipe), Contact.objects.get(first_name="Ada")
    [lived] = read_runs(contact_id=ada.pk, journey_id=journey.pk, positions={})

    # when the same start is rehearsed afterwards
    script = prepare(journey=journey, definition=parse(journey.live_version.definition))
    before = every_row()
    found = rehearse(
        script=script,
        contact_id=ada.pk,
        begins=lived.started_at,
        until=lived.started_at + 60 * DAY,
        starts=[Start(0, lived.started_at, lived.key, lived.context)],
    )
    assert every_row() == before

    # and life goes on
    town.until(town.start + 60 * DAY)
    [lived] = read_runs(contact_id=ada.pk, journey_id=journey.pk, positions={})

    # then it went the same way
    [run] = found.runs
    assert [(v.step_id, v.outcome) for v in run.visits] == [
        (v.step_id, v.outcome) for v in lived.visits
    ]
    assert (run.status, run.exit_reason) == (lived.status, lived.exit_reason)
    assert [each.name for each in found.messages if each.sent_at]


def test_a_walk_with_everything_people_do_leaves_nothing_behind(town):
    # given the review request, and Ada who has ordered
    town.publish("review_request")
    town.subscriber("Ada")
    town.order("Ada", "Loaf", "Cake", number="7", delivered_at=town.now)
    before = every_row()

    # when she does one thing after the other, each as soon as it can be done
    did: list[str] = []
    for wanted in EVERYTHING:
        walk = walked(town, "review_request", chosen=did)
        number, token = next(
            (point.number, offer.token)
            for point in walk.points[len(did) :]
            for offer in point.offers
            if offer.token.partition(":")[0] == wanted
        )
        did = [*did, *["nothing"] * (number - len(did)), token]
    walk = walked(town, "review_request", chosen=did)

    # then she did it all, and nothing is left of it
    assert chosen(walk) == EVERYTHING
    assert every_row() == before


@pytest.mark.parametrize(("value", "outcome"), [("low", "branch:0"), ("high", "branch:1")])
def test_answers_lead_different_ways(town, value, outcome):
    town.publish("review_request")
    town.subscriber("Ada")
    town.order("Ada", "Loaf", "Cake", number="7", delivered_at=town.now)
    first = walked(town, "review_request")
    at = next(
        point.number
        for point in first.points
        if any(offer.token == f"answers:{value}" for offer in point.offers)
    )
    walk = walked(town, "review_request", chosen=[*["nothing"] * at, f"answers:{value}"])
    assert chosen(walk) == ["answers"]
    # the step after the wait tells those who are not content from the others
    [run] = walk.rehearsed.runs
    after = next(n for n, visit in enumerate(run.visits) if visit.left_at > visit.entered_at)
    waited = [visit.outcome for visit in run.visits[after:]]
    assert waited[waited.index("branch:0") + 1] == outcome
    assert "What do you think of it?" in [each.drawn.subject for each in walk.rehearsed.messages]


def test_an_order_ends_the_reminders_of_a_cart(town):
    town.publish("abandoned_cart")
    town.subscriber("Ada")
    town.fill_cart("Ada", "Loaf")
    before = every_row()
    left = walked(town, "abandoned_cart")
    bought = walked(town, "abandoned_cart", chosen=["orders"])
    assert left.rehearsed.runs[0].converted_at is None
    assert bought.rehearsed.runs[0].converted_at is not None
    assert len(bought.rehearsed.messages) < len(left.rehearsed.messages)
    assert every_row() == before


def test_a_behaviour_that_passes_changes_nothing(town):
    town.publish("welcome")
    town.subscriber("Ada")
    journey, ada = Journey.objects.get(recipe="welcome"), Contact.objects.get(first_name="Ada")
    script = prepare(journey=journey, definition=parse(journey.draft))
    asked = []

    def pass_by(standing):
        asked.append(standing.number)
        return Pass()

    plain, passed = (
        rehearse(
            script=script,
            contact_id=ada.pk,
            begins=town.now,
            until=town.now + 60 * DAY,
            starts=[Start(0, town.now)],
            behave=behave,
        )
        for behave in (None, pass_by)
    )
    assert plain.runs[0].visits == passed.runs[0].visits
    assert asked == list(range(len(asked)))
