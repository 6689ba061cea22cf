"""The step that gives coupons: who got a code goes one way, who did not another."""

import pytest

from commerce.models import CouponCode
from journeys.contracts import EVER, step_metrics
from journeys.enrolment import enrol
from journeys.models import Enrolment
from tests.commerce.offers import bought, codes_of, coupon, person, pool
from tests.journeys.conftest import live, path_of, settle, step


def give(now, chosen, split=True):
    lanes = ([step("got1", "add_tag", {"tag": "got"})], [step("none1", "add_tag", {"tag": "no"})])
    config = {"coupon": str(chosen.pk), "split": split}
    return live(now, step("give1", "issue_coupon", config, *(lanes if split else ())))


def walked(journey, people, now, **more):
    enrol(journey=journey, contact_ids=[each.pk for each in people], now=now, **more)
    settle(now)


def test_who_may_have_a_code_gets_one_and_the_others_go_the_other_way(acme, now):
    # given a coupon for customers, and a customer and a stranger
    journey = give(now, coupon(min_orders=1))
    ada, bob = person("ada@example.com"), person("bob@example.com")
    bought(ada, orders=1, spend=10)

    walked(journey, [ada, bob], now)

    assert path_of(ada)[0] == ("give1", "branch:0")
    assert path_of(bob)[0] == ("give1", "branch:1")
    assert (len(codes_of(ada)), codes_of(bob)) == (1, [])


def test_without_two_ways_everybody_goes_on(acme, now):
    journey = give(now, coupon(min_orders=1), split=False)
    ada = person("ada@example.com")
    walked(journey, [ada], now)
    assert path_of(ada) == [("give1", "next")]
    assert codes_of(ada) == []


def test_the_last_codes_of_a_pool_go_to_those_who_were_told_so(acme, now):
    # given three codes and five people
    journey = give(now, pool("A1", "B2", "C3"))
    people = [person(f"p{n}@example.com") for n in range(5)]

    walked(journey, people, now)

    lanes = {one: path_of(one)[0][1] for one in people}
    served = {one for one in people if codes_of(one)}
    assert len(served) == 3
    assert {one for one, lane in lanes.items() if lane == "branch:0"} == served
    assert not Enrolment.objects.filter(status="failed").exists()


def test_two_journeys_that_want_the_same_last_code(acme, now):
    # given one code, and two journeys that give it in one batch
    shop = pool("A1")
    first, second = give(now, shop), give(now, shop)
    ada, bob = person("ada@example.com"), person("bob@example.com")
    enrol(journey=first, contact_ids=[ada.pk], now=now)
    enrol(journey=second, contact_ids=[bob.pk], now=now)

    settle(now)

    # then one was told yes and has it, the other was told no
    lanes = {tuple(codes_of(one)): path_of(one)[0][1] for one in (ada, bob)}
    assert lanes == {("A1",): "branch:0", (): "branch:1"}
    assert not Enrolment.objects.filter(status="failed").exists()


def test_somebody_with_two_carts_is_given_one_code_where_one_is_the_rule(acme, now):
    journey = give(now, coupon(none_in_days=30))
    ada = person("ada@example.com")
    for key in ("cart1", "cart2"):
        enrol(journey=journey, contact_ids=[ada.pk], key=key, now=now)
    settle(now)
    assert len(codes_of(ada)) == 1
    assert sorted(path_of(ada)[n][1] for n in (0, 2)) == ["branch:0", "branch:1"]


def test_its_figures_and_the_people_behind_them(acme, now):
    journey = give(now, coupon())
    people = [person(f"p{n}@example.com") for n in range(3)]
    walked(journey, people, now)
    CouponCode.objects.filter(contact=people[0]).update(redeemed_at=now)

    metrics = step_metrics.get("coupons")
    counts = {
        each.what: (each.count, each.of)
        for each in metrics.collect(journey.pk, ["give1"], EVER)["give1"]
    }
    assert counts == {"issued": (3, None), "redeemed": (1, 3)}
    for what, (count, _of) in counts.items():
        assert metrics.people(journey.pk, "give1", what, EVER).count() == count
    [note] = metrics.notes(Enrolment.objects.get(contact=people[0]).pk)
    assert (note.text, note.tone, note.step_id) == (codes_of(people[0])[0], "ok", "give1")


@pytest.mark.parametrize("chosen", ["", "nonsense", "019aa0a0-6c00-7000-8000-000000000001"])
def test_a_coupon_that_is_not_there_is_a_problem_in_words(acme, chosen):
    from journeys.contracts import steps

    [problem] = steps.get("issue_coupon").problems({"coupon": chosen})
    assert (problem.code, problem.field) == ("coupon_missing", "coupon")
