"""Lines of a panel: what is counted, its share as a bar, and the list behind it."""

from typing import Any

from core.charts import localized
from journeys.figures import share
from journeys.tree import percent


def row(
    label: Any, count: int, whole: int, url: str, *, tone: int = 1, text: str = ""
) -> dict[str, Any]:
    """`count` of `whole` people; `text` is shown instead of the count, such as their money."""
    part = share(count, whole)
    return {
        "label": label,
        "count": text or localized(count),
        "share": part,
        "percent": percent(part),
        "url": url,
        "tone": tone,
    }
