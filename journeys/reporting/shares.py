"""Shares and their uncertainty as pages write them."""

from django.utils.formats import number_format

from journeys.tree import percent


def between(low: float, high: float) -> str:
    """An interval of a share from 0 to 1: "7.0% to 19.3%"."""
    return f"{percent(100 * low)} – {percent(100 * high)}"


def points(value: float, *, signed: bool = True) -> str:
    """A difference of shares in points of a hundred, with its sign."""
    number = round(100 * value, 1) + 0.0
    sign = "+" if signed and number > 0 else ""
    return f"{sign}{number_format(number, decimal_pos=1)}"


def sure(chance: float) -> str:
    """A chance that never claims to be certain."""
    if chance > 0.999:
        return f"> {percent(99.9)}"
    return f"< {percent(0.1)}" if chance < 0.001 else percent(100 * chance)
