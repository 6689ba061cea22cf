"""Shares against closed forms and published values."""

from itertools import product
from math import exp, lgamma, log

import pytest

from core.statistics import Beta, compare, difference, newcombe, wilson


def log_beta(a, b):
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def second_beats_first(first, second):
    """E. Miller's closed form for whole numbers: a finite sum, no integral."""
    a, b = first[0] + 1, first[1] - first[0] + 1
    c, d = second[0] + 1, second[1] - second[0] + 1
    return sum(
        exp(log_beta(a + i, b + d) - log(d + i) - log_beta(1 + i, d) - log_beta(a, b))
        for i in range(c)
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((0, 0), (0, 0)),
        ((0, 1), (1, 1)),
        ((12, 100), (20, 100)),
        ((0, 300), (5, 300)),
        ((1, 20), (900, 10_000)),
        ((500, 10_000), (560, 10_000)),
        ((30_000, 600_000), (30_400, 600_000)),
        ((3, 3), (99_000, 100_000)),
    ],
)
def test_the_chance_to_be_best_of_two_is_the_closed_form(first, second):
    expected = second_beats_first(first, second)
    one, two = compare([first, second])
    assert two.chance == pytest.approx(expected, abs=1e-9)
    assert one.chance == pytest.approx(1 - expected, abs=1e-9)


def test_the_chances_of_several_are_those_of_every_order():
    # given three variants whose rates are uniform, x**2 and 1 - (1 - x)**2 below x
    one, two, three = compare([(0, 0), (1, 1), (0, 1)])
    # then by hand: the integrals of x**2 * (2x - x**2), 2x * x * (2x - x**2), (2 - 2x) * x * x**2
    assert one.chance == pytest.approx(2 / 4 - 1 / 5)
    assert two.chance == pytest.approx(4 / 4 - 2 / 5)
    assert three.chance == pytest.approx(2 / 4 - 2 / 5)
    # and the highest of them is, to be expected, 1 - the integral of x * x**2 * (2x - x**2)
    highest = 1 - (2 / 5 - 1 / 6)
    assert one.loss == pytest.approx(highest - 1 / 2)
    assert two.loss == pytest.approx(highest - 2 / 3)
    assert three.loss == pytest.approx(highest - 1 / 3)


def test_equal_variants_have_equal_chances_and_all_chances_make_one():
    assert [each.chance for each in compare([(7, 90)] * 6)] == pytest.approx([1 / 6] * 6)
    for counts in product([(0, 5), (3, 40), (200, 1000)], repeat=3):
        assert sum(each.chance for each in compare(counts)) == pytest.approx(1, abs=1e-9)


def test_the_interval_of_a_rate():
    # one success of one: x**2 is below x
    assert Beta.after(1, 1).interval() == pytest.approx((0.025**0.5, 0.975**0.5))
    # nobody of ten: 1 - (1 - x)**11 is below x
    low, high = Beta.after(0, 10).interval(0.9)
    assert (low, high) == pytest.approx((1 - 0.95 ** (1 / 11), 1 - 0.05 ** (1 / 11)))
    # Beta(8, 4) is below 0.5 as often as 8 or more of 11 coins fall on one side
    assert Beta(8, 4).below(0.5) == pytest.approx(232 / 2048)


def test_the_interval_of_a_difference():
    # of two rates of which nothing is known the difference is triangular on [-1, 1]
    assert difference((0, 0), (0, 0)) == pytest.approx((0.05**0.5 - 1, 1 - 0.05**0.5))
    # of many people it is nearly normal
    low, high = difference((1000, 10_000), (1200, 10_000))
    assert (low, high) == pytest.approx((0.01133, 0.02867), abs=2e-5)
    # and turned round it is the same with the other sign
    assert difference((1200, 10_000), (1000, 10_000)) == pytest.approx((-high, -low), abs=1e-9)


def test_wilson_and_newcombe_give_the_published_examples():
    # R. G. Newcombe 1998, p. 862, Table I and p. 877, Table II, method 10
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=5e-5)
    assert wilson(0, 0) == (0, 1)
    assert newcombe((56, 70), (48, 80)) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert newcombe((9, 10), (3, 10)) == pytest.approx((0.1705, 0.8090), abs=5e-5)
    assert newcombe((5, 56), (0, 29)) == pytest.approx((-0.0381, 0.1926), abs=5e-5)
