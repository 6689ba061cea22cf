"""Charts drawn by the server as SVG: no script, colours from charts.css, fit for print and mail.

Every figure takes a sentence as its title, which is what a screen reader says. Values are plain
numbers in the unit that `show` writes. An empty series draws an empty frame, never an error.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

Point = tuple[float, float]
Show = Callable[[float], str]
FLOW_STEPS = 10
TICKS = 4


def localized(value: float) -> str:
    """The whole number with the thousands separator of the active language."""
    return number_format(value, decimal_pos=0, force_grouping=True)


def flow_class(count: int, total: int) -> str:
    """Class of a connector that carries `count` of `total` people: f-0 (none) to f-10 (all).

    Anyone at all is at least f-1, so that a thin stream still shows.
    """
    if count <= 0 or total <= 0:
        return "f-0"
    return f"f-{min(FLOW_STEPS, max(1, round(count / total * FLOW_STEPS)))}"


@dataclass(frozen=True)
class Mark:
    """A moment to point out on a line: the index of its value, and what happened."""

    index: int
    text: str


@dataclass(frozen=True)
class Frame:
    """The drawing area of a line chart and the scale of its values."""

    width: int
    height: int
    count: int
    top: float
    left: int = 46
    right: int = 12
    head: int = 10
    foot: int = 26

    def x(self, index: int) -> float:
        steps = max(self.count - 1, 1)
        return self.left + index * (self.width - self.left - self.right) / steps

    def y(self, value: float) -> float:
        return self.head + (1 - value / self.top) * (self.height - self.head - self.foot)

    def points(self, values: Sequence[float]) -> list[Point]:
        return [(self.x(index), self.y(value)) for index, value in enumerate(values)]


def line(
    *,
    title: str,
    values: Sequence[float],
    labels: Sequence[tuple[int, str]] = (),
    previous: Sequence[float] = (),
    marks: Sequence[Mark] = (),
    show: Show = localized,
) -> SafeString:
    """A line over time, with the period before it dashed; `labels` are (index, text) on the axis.

    Drawn twice, wide and narrow, since a scaled wide chart has unreadable text on a phone.
    """
    wide = _line_svg("wide-view", 820, 248, title, values, previous, labels, marks, show)
    narrow = _line_svg(
        "narrow-view", 360, 220, title, values, previous, _thinned(labels), marks, show
    )
    return wide + narrow


def bars(
    *,
    title: str,
    values: Sequence[float],
    labels: Sequence[str],
    show: Show = localized,
    width: int = 298,
    height: int = 96,
) -> SafeString:
    """One bar for each value; an empty label leaves its place on the axis free."""
    slot = width / max(len(values), 1)
    top = max(values, default=0) * 1.12 or 1
    base = height - 18
    columns = (
        (
            label or str(index + 1),
            show(value),
            _n(index * slot + slot * 0.19),
            _n(base - value / top * (height - 22)),
            _n(slot * 0.62),
            _n(value / top * (height - 22)),
            _n(index * slot + slot / 2),
            height - 4,
            label,
        )
        for index, (label, value) in enumerate(zip(labels, values, strict=True))
    )
    drawn = format_html_join(
        "",
        '<g><title>{}: {}</title><rect class="b1" x="{}" y="{}" width="{}" height="{}" rx="3"/>'
        '<text x="{}" y="{}" text-anchor="middle">{}</text></g>',
        columns,
    )
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<line class="axis" x1="0" x2="{}" y1="{}" y2="{}"/>{}</svg>',
        width, height, title, width, base, base, drawn,
    )  # fmt: skip


def spark(values: Sequence[float], *, width: int = 76, height: int = 24) -> SafeString:
    """A trend the size of a word, hidden from screen readers: the figure beside it says more."""
    if len(values) < 2:
        return SafeString("")
    low, high = min(values), max(values)
    # A nearly flat series is drawn flat, not blown up to the full height.
    pad = max(0.0, abs(high) * 0.08 - (high - low)) / 2
    low, span = low - pad, (high - low + 2 * pad) or 1
    points = [
        (2 + i * (width - 4) / (len(values) - 1), height - 3 - (v - low) / span * (height - 6))
        for i, v in enumerate(values)
    ]
    curve = _path(points)
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" aria-hidden="true">'
        '<path class="a" d="{} L{},{} L2,{}Z"/><path d="{}"/></svg>',
        width, height, curve, width - 2, height, height, curve,
    )  # fmt: skip


def ring(percent: float, *, label: str, size: int = 46, stroke: int = 5) -> SafeString:
    """A share of a whole as a ring; `percent` outside 0 to 100 is drawn at the nearer end."""
    radius = (size - stroke) / 2
    around = 2 * math.pi * radius
    centre = size / 2
    return format_html(
        '<svg class="ring" width="{0}" height="{0}" viewBox="0 0 {0} {0}" role="img"'
        ' aria-label="{1}"><circle cx="{2}" cy="{2}" r="{3}" stroke-width="{4}"/>'
        '<circle class="v" cx="{2}" cy="{2}" r="{3}" stroke-width="{4}"'
        ' stroke-dasharray="{5} {6}" transform="rotate(-90 {2} {2})"/></svg>',
        size, label, centre, radius, stroke, _n(around * _clamped(percent) / 100), _n(around),
    )  # fmt: skip


def stacked(parts: Sequence[float], *, label: str, css: str = "bar-h") -> SafeString:
    """Shares in per cent laid end to end; the part at index 0 has the first chart colour."""
    drawn, start = SafeString(""), 0.0
    for number, part in enumerate(parts, start=1):
        width = _clamped(part, 100 - start)
        drawn += format_html(
            '<rect class="c{}" x="{}" width="{}" height="8"/>', number, _n(start), _n(width)
        )
        start += width
    return format_html(
        '<svg class="{}" viewBox="0 0 100 8" preserveAspectRatio="none" {}>{}</svg>',
        css, _named(label), drawn,
    )  # fmt: skip


def bar(percent: float, *, label: str = "", tone: int = 1) -> SafeString:
    """One share in per cent; without a label it is decoration beside a figure in words."""
    return format_html(
        '<svg class="bar-h" viewBox="0 0 100 8" preserveAspectRatio="none" {}>'
        '<rect class="c{}" width="{}" height="8"/></svg>',
        _named(label), tone, _n(_clamped(percent)),
    )  # fmt: skip


def _line_svg(
    css: str,
    width: int,
    height: int,
    title: str,
    values: Sequence[float],
    previous: Sequence[float],
    labels: Sequence[tuple[int, str]],
    marks: Sequence[Mark],
    show: Show,
) -> SafeString:
    ticks = _ticks(max([*values, *previous], default=0))
    frame = Frame(width=width, height=height, count=len(values), top=ticks[-1])
    return format_html(
        '<svg class="chart {}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}{}</svg>',
        css, width, height, title,
        _grid(frame, ticks, show), _axis(frame, labels), _curves(frame, values, previous),
        _marks(frame, values, marks),
    )  # fmt: skip


def _grid(frame: Frame, ticks: Sequence[float], show: Show) -> SafeString:
    return format_html_join(
        "",
        '<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<text x="{}" y="{}" text-anchor="end">{}</text>',
        (
            (frame.left, frame.width - frame.right, _n(frame.y(tick)), _n(frame.y(tick)),
             frame.left - 8, _n(frame.y(tick) + 4), show(tick))
            for tick in ticks
        ),
    )  # fmt: skip


def _axis(frame: Frame, labels: Sequence[tuple[int, str]]) -> SafeString:
    return format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="middle">{}</text>',
        ((_n(frame.x(index)), frame.height - 6, text) for index, text in labels),
    )


def _curves(frame: Frame, values: Sequence[float], previous: Sequence[float]) -> SafeString:
    drawn = SafeString("")
    if len(previous) > 1:
        drawn += format_html('<path class="ln prev" d="{}"/>', _path(frame.points(previous)))
    if len(values) > 1:
        curve, floor = _path(frame.points(values)), _n(frame.y(0))
        drawn += format_html(
            '<path class="ar" d="{} L{},{} L{},{}Z"/><path class="ln" d="{}"/>',
            curve, _n(frame.x(len(values) - 1)), floor, _n(frame.x(0)), floor, curve,
        )  # fmt: skip
    return drawn


def _marks(frame: Frame, values: Sequence[float], marks: Sequence[Mark]) -> SafeString:
    drawn = format_html_join(
        "",
        '<g><title>{}</title><circle class="mk" cx="{}" cy="{}" r="5"/></g>',
        ((m.text, _n(frame.x(m.index)), _n(frame.y(values[m.index]))) for m in marks),
    )
    if values:
        x, y = frame.points(values)[-1]
        drawn += format_html('<circle class="end" cx="{}" cy="{}" r="5"/>', _n(x), _n(y))
    return drawn


def _path(points: Sequence[Point]) -> SafeString:
    """A Catmull-Rom curve through the points, gentle enough not to overshoot."""
    (x, y), ease = points[0], 6.5
    drawn = [f"M{x:.1f},{y:.1f}"]
    padded = [points[0], *points, points[-1]]
    for index, ((x1, y1), (x2, y2)) in enumerate(pairwise(points)):
        (x0, y0), (x3, y3) = padded[index], padded[index + 3]
        drawn.append(
            f"C{x1 + (x2 - x0) / ease:.1f},{y1 + (y2 - y0) / ease:.1f}"
            f" {x2 - (x3 - x1) / ease:.1f},{y2 - (y3 - y1) / ease:.1f} {x2:.1f},{y2:.1f}"
        )
    return mark_safe(" ".join(drawn))  # noqa: S308  numbers only


def _ticks(highest: float) -> list[float]:
    """Round steps from zero to at least `highest`."""
    if highest <= 0:
        return [0, 1]
    raw = highest / TICKS
    magnitude = 10 ** math.floor(math.log10(raw))
    step = next(s * magnitude for s in (1, 2, 2.5, 5, 10) if s * magnitude >= raw)
    return [index * step for index in range(TICKS + 1)]


def _thinned(labels: Sequence[tuple[int, str]]) -> Sequence[tuple[int, str]]:
    """Every second label, the last one included: what fits on a phone."""
    return labels[::-1][::2][::-1] if len(labels) > 4 else labels


def _clamped(percent: float, most: float = 100) -> float:
    return min(max(percent, 0), most)


def _named(label: str) -> SafeString:
    if not label:
        return SafeString('aria-hidden="true"')
    return format_html('role="img" aria-label="{}"', label)


def _n(value: float) -> str:
    """A coordinate: one decimal and a point, whatever the language writes."""
    return f"{value:.1f}"
