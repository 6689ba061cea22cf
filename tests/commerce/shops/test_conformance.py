"""What every kind of shop keeps to; one that is added is tested here without a line more."""

import copy
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commerce.shop_kinds import News, NotFromShop, shops
from core.errors import Permanent
from tests.commerce.shops.samples import FOLDER, RECEIVED, call

KINDS = sorted(shops.keys())
SAMPLES = [json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))]
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        ["1e99", "NaN", "-5", "", "\x00", "0001-01-01T00:00:00", "9999-12-31T23:59:59+14:00",
         "2026-11-18", "http://[", "[object Object]", "²", "0" * 400, [], {}, [[]], [None], [{}]]
    ),
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The ways to every value in a payload."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, inner in items:
        found.append((*path, key))
        if isinstance(inner, (dict, list)):
            found += places(inner, (*path, key))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_it_says_how_to_be_connected(kind):
    shop = shops.get(kind)
    assert str(shop.label)
    assert shop.icon
    shown = [step.shows for step in shop.setup.steps]
    assert {"address", "topics", "secret"} <= set(shown)
    names = [topic.name for topic in shop.setup.topics]
    assert len(names) == len(set(names))
    for name in names:
        assert "Nothing is done" not in str(told(kind, name, {"id": 1}))


@pytest.mark.parametrize("kind", KINDS)
def test_it_refuses_what_is_not_signed(kind):
    for secret in ("", "hush"):
        with pytest.raises(NotFromShop):
            shops.get(kind).verify({}, b"{}", secret)


def told(kind: str, topic: str, payload: Any) -> News | Permanent:
    try:
        return shops.get(kind).translate(call(topic, payload))
    except Permanent as refusal:
        return refusal


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.data())
def test_no_content_breaks_it(kind, data):
    """Whatever stands where: an answer or a refusal in words, and only moments that can be."""
    payload = copy.deepcopy(data.draw(st.sampled_from(SAMPLES)))
    for _ in range(data.draw(st.integers(1, 4))):
        *way, last = data.draw(st.sampled_from(places(payload)))
        owner = payload
        for key in way:
            try:
                owner = owner[key]
            except (TypeError, KeyError, IndexError):
                break
        if isinstance(owner, dict) or (isinstance(owner, list) and isinstance(last, int)):
            try:
                owner[last] = copy.deepcopy(data.draw(JUNK))
            except IndexError:
                continue
    topic = data.draw(st.sampled_from([topic.name for topic in shops.get(kind).setup.topics]))
    news = told(kind, topic, payload)
    for order in news.orders if isinstance(news, News) else ():
        assert order.total >= 0
        assert all(line.name and line.total >= 0 for line in order.lines)
        assert order.placed_at <= RECEIVED + timedelta(days=1)
