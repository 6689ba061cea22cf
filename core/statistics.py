"""What can be said of shares of people: how sure we are of a rate, a difference, a winner.

Rates of variants are Bayesian: every rate is as likely as any other before anybody was counted, so
that after `successes` of `people` it is Beta(successes + 1, people - successes + 1). All integrals
are Gauss-Legendre quadratures over the same panels, which lie close where a density is high: no
chance is drawn, so the same counts give the same answer on any machine. Chances are right to 1e-9.
"""

from bisect import insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from math import cos, exp, lgamma, log, log1p, pi, prod, sqrt
from statistics import NormalDist

NODES = 16
# Where panels begin and end, in standard deviations from the mean of each variant.
EDGES = (-20, -12, -8, -5, -3, -1.5, 0, 1.5, 3, 5, 8, 12, 20, 40)
# A chance that adds nothing to an interval.
NOTHING = 1e-10
# Both ends of any 95 % interval are nearer to the mean than this many (Chebyshev: 6.4).
REACH = 7
EXACT = 1e-8


@dataclass(frozen=True)
class Beta:
    """What is known of a rate: the density of Beta(a, b) with a, b >= 1."""

    a: float
    b: float

    @classmethod
    def after(cls, successes: int, people: int) -> "Beta":
        """What is known of a rate after so many successes among so many people."""
        return cls(successes + 1, people - successes + 1)

    @property
    def mean(self) -> float:
        """The rate to expect."""
        return self.a / (self.a + self.b)

    @property
    def deviation(self) -> float:
        """The standard deviation."""
        total = self.a + self.b
        return sqrt(self.a * self.b / (total * total * (total + 1)))

    @cached_property
    def _log_scale(self) -> float:
        return lgamma(self.a + self.b) - lgamma(self.a) - lgamma(self.b)

    def density(self, rate: float) -> float:
        """The density at a rate strictly between 0 and 1."""
        return exp(self._log_scale + (self.a - 1) * log(rate) + (self.b - 1) * log1p(-rate))

    def below(self, rate: float) -> float:
        """The chance that the rate is at most this: the regularised incomplete beta function.

        By Lentz's continued fraction, DLMF 8.17.22 (https://dlmf.nist.gov/8.17#v).
        """
        if rate <= 0 or rate >= 1:
            return float(rate >= 1)
        front = exp(self._log_scale + self.a * log(rate) + self.b * log1p(-rate))
        if rate < (self.a + 1) / (self.a + self.b + 2):
            return front * _fraction(self.a, self.b, rate) / self.a
        return 1 - front * _fraction(self.b, self.a, 1 - rate) / self.b

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """The rates between which it is with that chance, as likely above as below."""
        tail = (1 - level) / 2
        return _root(self.below, tail, 0, 1), _root(self.below, 1 - tail, 0, 1)


def _fraction(a: float, b: float, x: float) -> float:
    tiny, c = 1e-300, 1.0
    d = 1 / (1 - (a + b) * x / (a + 1) or tiny)
    value = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / (1 + term * d or tiny)
            c = 1 + term / c or tiny
            value *= c * d
        if abs(c * d - 1) < 1e-13:
            break
    return value


def _root(of: Callable[[float], float], wanted: float, low: float, high: float) -> float:
    """Where a rising function comes to `wanted`, by halving."""
    while high - low > EXACT:
        middle = (low + high) / 2
        low, high = (middle, high) if of(middle) < wanted else (low, middle)
    return (low + high) / 2


@lru_cache(maxsize=1)
def _legendre() -> list[tuple[float, float]]:
    """(node, weight) on [-1, 1], the roots of the Legendre polynomial by Newton's method."""
    found = []
    for number in range(1, NODES + 1):
        x = cos(pi * (number - 0.25) / (NODES + 0.5))
        for _step in range(100):
            before, value = 1.0, x
            for n in range(2, NODES + 1):
                before, value = value, ((2 * n - 1) * x * value - (n - 1) * before) / n
            slope = NODES * (x * value - before) / (x * x - 1)
            x -= value / slope
            if abs(value / slope) < 1e-15:
                break
        found.append((x, 2 / ((1 - x * x) * slope * slope)))
    return found


def _nodes(edges: Sequence[float]) -> list[tuple[float, float]]:
    """(node, weight) for an integral from the first edge to the last."""
    return [
        ((high + low + (high - low) * x) / 2, weight * (high - low) / 2)
        for low, high in pairwise(edges)
        for x, weight in _legendre()
    ]


def _panels(rates: Sequence[Beta]) -> list[float]:
    edges = [0.0, 1.0]
    for rate in rates:
        for distance in EDGES:
            edge = rate.mean + distance * rate.deviation
            if 0 < edge < 1 and edge not in edges:
                insort(edges, edge)
    return edges


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one variant: the chance that its rate is the highest, and what choosing it would cost.

    `loss` is by how much the highest rate is above this one's, to be expected.
    """

    chance: float
    loss: float


def compare(counts: Sequence[tuple[int, int]]) -> list[Standing]:
    """How variants stand after (successes, people) each.

    chance of i = integral of density_i(x) * product of below_j(x) for j != i;
    loss of i = E[max] - E[i], with E[max] = integral of 1 - product of below_j(x). See C. Stucchio,
    "Bayesian A/B Testing at VWO" (2015), and E. Miller, "Formulas for Bayesian A/B Testing".
    """
    rates = [Beta.after(*count) for count in counts]
    chances, highest = [0.0] * len(rates), 0.0
    for x, weight in _nodes(_panels(rates)):
        below = [rate.below(x) for rate in rates]
        highest += weight * (1 - prod(below))
        for number, rate in enumerate(rates):
            others = prod(below[:number] + below[number + 1 :])
            chances[number] += weight * rate.density(x) * others if others else 0.0
    return [
        Standing(min(chance, 1.0), max(highest - rate.mean, 0.0))
        for chance, rate in zip(chances, rates, strict=True)
    ]


@lru_cache(maxsize=256)
def difference(first: tuple[int, int], second: tuple[int, int]) -> tuple[float, float]:
    """Between what the second rate minus the first is with a chance of 95 %.

    Each is (successes, people).

    P(second - first <= d) = integral of density_first(x) * below_second(x + d).
    """
    a, b = Beta.after(*first), Beta.after(*second)
    ours, theirs = _panels([a]), _panels([b])

    def at_most(d: float) -> float:
        shifted = [edge - d for edge in theirs if 0 < edge - d < 1]
        weighed = ((x, w * a.density(x)) for x, w in _nodes(sorted({*ours, *shifted})))
        return sum(w * b.below(x + d) for x, w in weighed if w > NOTHING)

    reach = REACH * (a.deviation + b.deviation)
    low, high = max(b.mean - a.mean - reach, -1), min(b.mean - a.mean + reach, 1)
    return _root(at_most, 0.025, low, high), _root(at_most, 0.975, low, high)


def wilson(successes: int, people: int, level: float = 0.95) -> tuple[float, float]:
    """The score interval of a share: E. B. Wilson, JASA 22 (1927), 209-212; (0, 1) of nobody."""
    if not people:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, spread = successes / people, z * z / people
    middle = (share + spread / 2) / (1 + spread)
    reach = z * sqrt(share * (1 - share) / people + spread / (4 * people)) / (1 + spread)
    return max(middle - reach, 0.0), min(middle + reach, 1.0)


def newcombe(
    first: tuple[int, int], second: tuple[int, int], level: float = 0.95
) -> tuple[float, float]:
    """The interval of the first share minus the second, from (successes, people) each.

    Newcombe's hybrid score interval: Statistics in Medicine 17 (1998), 873-890, method 10.
    """
    one, two = first[0] / first[1], second[0] / second[1]
    (low_one, high_one), (low_two, high_two) = wilson(*first, level), wilson(*second, level)
    return (
        one - two - sqrt((one - low_one) ** 2 + (high_two - two) ** 2),
        one - two + sqrt((high_one - one) ** 2 + (two - low_two) ** 2),
    )
