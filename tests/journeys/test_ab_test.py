"""An A/B test: chance until there is a winner, then the winner; the figures are the lists."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Message
from commerce.models import Order
from contacts.models import Contact
from core.attention import concerns
from core.errors import Invalid
from core.statistics import compare
from journeys import services
from journeys.definition import find_step, parse
from journeys.engine import advance
from journeys.enrolment import enrol
from journeys.models import Enrolment, Journey, SplitDecision, StepVisit
from journeys.people import people
from journeys.split_decisions import decide, decide_by_rule, open_trials, trial_at
from journeys.split_trials import Variant, variants_of
from journeys.validation import validate
from tenants.models import Agenda
from tests.journeys.conftest import DAY, definition, live, path_of, settle, step
from tests.journeys.seeding import mail

GOAL = {"event": "order.placed", "within_days": 30, "then": "stay"}
SETTINGS = {
    "shares": [50, 50],
    "metric": "goal",
    "days": 7,
    "rule": "auto",
    "threshold": 95,
    "least": 20,
}


def ab_test(**settings):
    """The step, with a tag in each of its branches."""
    lanes = [[step("aa1", "add_tag", {"tag": "a"})], [step("bb1", "add_tag", {"tag": "b"})]]
    return step("ab1", "ab_test", {**SETTINGS, **settings}, *lanes)


def journey_with(now, **settings):
    wait = step("rest", "wait", {"amount": 60, "unit": "days"})
    return live(now, ab_test(**settings), wait, goal=GOAL)


def send_in(journey, now, count, name="p"):
    """So many new people in the journey, walked to where they wait."""
    made = Contact.objects.bulk_create(
        Contact(email=f"{name}{n}@example.com") for n in range(count)
    )
    enrol(journey=journey, contact_ids=[each.pk for each in made], now=now)
    settle(now)
    return made


def sent_by_lane(journey, **where):
    """The contact ids of each lane."""
    visits = StepVisit.objects.filter(journey_id=journey.pk, step_id="ab1", **where)
    found = {0: [], 1: []}
    for outcome, contact in visits.order_by("enrolment").values_list(
        "outcome", "enrolment__contact"
    ):
        found[int(outcome[-1])].append(contact)
    return found


def convert(contacts, at):
    Enrolment.objects.filter(contact__in=contacts).update(converted_at=at)


def figures(journey, now):
    trial = trial_at(Journey.objects.get(pk=journey.pk), "ab1")
    return variants_of([trial], now)[trial]


def test_chance_decides_and_stays_with_its_word(acme, now):
    # given a journey with an A/B test, and people who may come again
    journey = live(now, ab_test(), settings={"re_entry": "always"}, goal=GOAL)
    send_in(journey, now, 200)
    first = sent_by_lane(journey)
    # then both ways are taken about as often
    assert sum(map(len, first.values())) == 200
    assert 70 <= len(first[0]) <= 130
    # when all come once more
    ids = first[0] + first[1]
    enrol(journey=journey, contact_ids=ids, now=now + DAY)
    settle(now + DAY)
    # then everybody goes where they went before, and counts once
    again = sent_by_lane(journey, entered_at=now + DAY)
    assert {lane: sorted(each) for lane, each in again.items()} == {
        lane: sorted(each) for lane, each in first.items()
    }
    assert [each.sent for each in figures(journey, now + DAY)] == [len(first[0]), len(first[1])]


def test_a_result_counts_when_its_days_are_over(acme, now):
    # given people of two days, some of whom reach the goal: in time, too late, and before
    journey = journey_with(now)
    send_in(journey, now, 60)
    lanes = sent_by_lane(journey)
    send_in(journey, now + DAY, 40, name="late")
    convert(lanes[0][:9], now + 7 * DAY)
    convert(lanes[0][9:11], now + 7 * DAY + timedelta(seconds=1))
    convert(lanes[1][:5], now + DAY)
    convert(lanes[1][5:6], now)
    sent = [len(each) for each in sent_by_lane(journey).values()]

    # then before the seventh day nobody counts, and then the first sixty do
    early = figures(journey, now + 7 * DAY - timedelta(seconds=1))
    assert early == [Variant(sent[0], 0, 0), Variant(sent[1], 0, 0)]
    assert figures(journey, now + 7 * DAY) == [
        Variant(sent[0], len(lanes[0]), 9),
        Variant(sent[1], len(lanes[1]), 5),
    ]


def test_the_rule_sends_everybody_after_that_to_the_winner(acme, now):
    # given a test in which the second variant is far better
    journey = journey_with(now)
    send_in(journey, now, 80)
    lanes = sent_by_lane(journey)
    convert(lanes[0][:2], now + DAY)
    convert(lanes[1][:20], now + DAY)
    end = now + 7 * DAY

    # when the night comes before the days are over, nothing is decided
    decide_by_rule(end - timedelta(seconds=1))
    assert SplitDecision.objects.count() == 0
    # when it comes after
    decide_by_rule(end)
    decide_by_rule(end + DAY)

    # then the decision is one row with the figures it was made by
    made = SplitDecision.objects.get()
    counts = [(2, len(lanes[0])), (20, len(lanes[1]))]
    assert (made.lane, made.is_followed, made.decided_at) == (1, True, end)
    assert (made.decided_by_id, made.decided_by_name) == (None, "")
    assert made.figures == [
        {
            "sent": people,
            "people": people,
            "successes": successes,
            "chance": round(standing.chance, 6),
        }
        for (successes, people), standing in zip(counts, compare(counts), strict=True)
    ]
    assert open_trials() == []
    # and everybody who comes later goes there, says why, and does not count as chosen by chance
    later = send_in(journey, end + DAY, 20, name="later")
    assert len(sent_by_lane(journey, entered_at=end + DAY)[1]) == 20
    assert path_of(later[0])[:1] == [("ab1", "branch:1")]
    assert [each.sent for each in figures(journey, end + DAY)] == [
        len(lanes[0]),
        len(lanes[1]),
    ]


@pytest.mark.parametrize(
    ("settings", "wins"),
    [
        ({}, (2, 20)),
        ({"least": 60}, (2, 20)),
        ({"threshold": 99}, (4, 6)),
        ({}, (3, 3)),
    ],
    ids=["found", "too few people", "not sure enough", "equal"],
)
def test_without_enough_people_or_certainty_chance_goes_on(acme, now, settings, wins):
    journey = journey_with(now, **settings)
    send_in(journey, now, 80)
    for lane, contacts in sent_by_lane(journey).items():
        convert(contacts[: wins[lane]], now + DAY)
    decide_by_rule(now + 8 * DAY)
    expected = settings == {} and wins == (2, 20)
    assert SplitDecision.objects.exists() is expected
    assert bool(open_trials()) is not expected


def test_a_test_that_only_tells_goes_on_by_chance(acme, now):
    journey = journey_with(now, rule="tell")
    send_in(journey, now, 80)
    convert(sent_by_lane(journey)[1][:20], now + DAY)
    decide_by_rule(now + 8 * DAY)
    # then it is written down, and chance still chooses
    made = SplitDecision.objects.get()
    assert (made.lane, made.is_followed) == (1, False)
    send_in(journey, now + 9 * DAY, 60, name="later")
    later = sent_by_lane(journey, entered_at=now + 9 * DAY)
    assert min(map(len, later.values())) > 10


def test_the_home_page_hears_of_a_winner_until_somebody_has_chosen(acme, now, owner):
    journey = journey_with(now, rule="tell")
    send_in(journey, now, 80)
    convert(sent_by_lane(journey)[1][:20], now + DAY)
    then = now + 8 * DAY
    concern = concerns.get("split_winners")
    assert concern.rows(then).count() == 0
    decide_by_rule(then)
    assert concern.rows(then).count() == 1
    assert concern.words(1)[0] == "1 A/B test has a winner"
    decide(journey=journey, step_id="ab1", lane=1, by=owner, now=then)
    assert concern.rows(then).count() == 0


def test_a_person_picks_another_winner_and_stops_the_test(acme, now, owner):
    journey = journey_with(now)
    decide(journey=journey, step_id="ab1", lane=0, by=owner, now=now)
    send_in(journey, now, 20)
    assert [len(each) for each in sent_by_lane(journey).values()] == [20, 0]
    made = SplitDecision.objects.get()
    assert (made.lane, made.is_followed, made.decided_by_name) == (0, True, "Acme Owner")
    # when it is stopped without a winner
    decide(journey=journey, step_id="ab1", lane=None, by=owner, now=now + DAY)
    # then the same row says so, chance chooses again, and the rule leaves it alone
    made = SplitDecision.objects.get()
    assert (made.lane, made.is_followed, made.decided_at) == (None, False, now + DAY)
    send_in(journey, now + DAY, 60, name="later")
    later = sent_by_lane(journey, entered_at=now + DAY)
    assert min(map(len, later.values())) > 10
    assert open_trials() == []


def test_a_pick_of_what_is_not_there_changes_nothing(acme, now, owner):
    journey = journey_with(now)
    for step_id, lane, code in [
        ("aa1", 0, "no_such_test"),
        ("ab1", 2, "no_such_variant"),
        ("ab1", -1, "no_such_variant"),
    ]:
        with pytest.raises(Invalid) as refusal:
            decide(journey=journey, step_id=step_id, lane=lane, by=owner, now=now)
        assert refusal.value.code == code
    assert not SplitDecision.objects.exists()


def test_another_test_begins_when_a_variant_changes_and_only_then(acme, now, owner):
    # given a decided test with people
    journey = journey_with(now)
    send_in(journey, now, 10)
    decide(journey=journey, step_id="ab1", lane=0, by=owner, now=now)

    def publish(changed):
        draft = definition(changed, goal=GOAL)
        services.save_draft(journey=journey, definition=draft, now=now)
        services.publish_journey(journey=journey, now=now)

    # when only names and the rule change, it is the same test
    same = ab_test(threshold=90)
    same["branches"][0]["label"] = "Short"
    same["branches"][0]["steps"][0]["note"] = "Why this tag"
    publish(same)
    assert sum(each.sent for each in figures(journey, now)) == 10
    assert open_trials() == []
    # when what a variant does changes, all begins anew
    other = ab_test()
    other["branches"][0]["steps"][0]["config"]["tag"] = "c"
    publish(other)
    assert sum(each.sent for each in figures(journey, now)) == 0
    assert len(open_trials()) == 1


@pytest.mark.parametrize("metric", ["opened", "clicked"])
def test_what_people_did_with_mails_after_the_split_counts(acme, now, metric):
    # given a mail before the test and one in each variant
    hello = {"template": str(mail(now).pk)}
    journey = live(
        now,
        step("mail0", "send_email", hello),
        step(
            "ab1",
            "ab_test",
            {**SETTINGS, "metric": metric},
            [step("mail1", "send_email", hello)],
            [step("mail2", "send_email", hello)],
        ),
    )
    send_in(journey, now, 40)
    lanes = sent_by_lane(journey)
    column = f"{metric}_at"

    def touch(step_ids, contacts, **columns):
        mails = Message.objects.filter(step_id__in=step_ids, contact__in=contacts)
        assert mails.update(**columns) == len(contacts)

    touch(["mail1"], lanes[0][:3], **{column: now + DAY})
    touch(["mail1"], lanes[0][3:4], **{column: now + 8 * DAY})
    touch(["mail0"], lanes[0][4:6], **{column: now + DAY})
    # and in the other one only machines
    touch(["mail2"], lanes[1][:5], machine_opened_at=now + DAY)
    found = figures(journey, now + 9 * DAY)
    assert [each.successes for each in found] == [3, 0]


def test_orders_count_whatever_brought_them(acme, now):
    journey = live(now, ab_test(metric="ordered"))
    send_in(journey, now, 30)
    lanes = sent_by_lane(journey)
    told = [
        (lanes[0][0], now + DAY, "placed", False),
        (lanes[0][1], now + 8 * DAY, "placed", False),
        (lanes[0][2], now + DAY, "cancelled", False),
        (lanes[0][3], now + DAY, "placed", True),
        (lanes[1][0], now + DAY, "placed", False),
        (lanes[1][0], now + 2 * DAY, "placed", False),
        (lanes[1][1], now - DAY, "placed", False),
    ]
    for number, (contact, at, status, is_deleted) in enumerate(told):
        Order.objects.create(
            source="api", external_id=str(number), contact_id=contact, placed_at=at,
            status=status, is_deleted=is_deleted, currency="EUR", total=10, value=10,
        )  # fmt: skip
    found = figures(journey, now + 9 * DAY)
    assert [each.successes for each in found] == [1, 1]


def test_every_figure_is_the_list_behind_it(acme):
    # given a test whose days are over
    then = datetime(2026, 1, 5, 12, tzinfo=UTC)
    journey = journey_with(then)
    send_in(journey, then, 50)
    convert(sent_by_lane(journey)[1][:7], then + DAY)
    node = _node(journey)
    for lane, variant in enumerate(figures(journey, then + 30 * DAY)):
        for what in ("sent", "people", "successes"):
            listed = people(
                journey=journey, what=f"ab_test:{what}:{lane}", step_id="ab1", node=node
            )
            assert listed.count() == getattr(variant, what), (what, lane)


def _node(journey):
    return find_step(parse(journey.draft), "ab1")


def test_a_batch_asks_once_for_the_decision(acme, now):
    journey = journey_with(now)
    made = Contact.objects.bulk_create(Contact(email=f"q{n}@example.com") for n in range(30))
    enrol(journey=journey, contact_ids=[each.pk for each in made], now=now)
    with CaptureQueriesContext(connection) as asked:
        advance(now=now)
    assert sum("splitdecision" in each["sql"] for each in asked.captured_queries) == 1


def test_publishing_a_test_wakes_the_night(acme, now):
    live(now, step("aa1", "add_tag", {"tag": "a"}), name="No test")
    assert not Agenda.objects.filter(workspace=acme, lane="daily", due_at__isnull=False).exists()
    journey_with(now)
    assert Agenda.objects.get(workspace=acme, lane="daily").due_at > now


def test_a_test_about_the_goal_needs_one(acme, now):
    def codes(draft):
        return [(each.code, each.field) for each in validate(parse(draft))]

    assert codes(definition(ab_test())) == [("no_goal", "ab1")]
    assert codes(definition(ab_test(), goal=GOAL)) == []
    assert codes(definition(ab_test(metric="ordered"))) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"shares": [100]},
        {"shares": [10] * 10},
        {"shares": [60, 50]},
        {"metric": "luck"},
        {"days": 0},
        {"days": 91},
        {"threshold": 79},
        {"threshold": 100},
        {"least": 19},
        {"rule": ""},
    ],
)
def test_bad_settings_stand_against_publishing(acme, now, wrong):
    found = validate(parse(definition(ab_test(**wrong), goal=GOAL)))
    assert ("invalid_settings", "ab1") in [(each.code, each.field) for each in found]
