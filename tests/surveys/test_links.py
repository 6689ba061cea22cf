"""Tokens in survey links: unguessable, of one workspace, one purpose and one spelling."""

import pytest
from django_tenants.utils import tenant_context

from core.ids import uuid7
from surveys.links import make_token, read_token


def test_a_token_names_its_row_for_its_purpose_only(acme):
    row = uuid7()
    token = make_token("survey", row)
    assert len(token) == 38
    assert read_token("survey", token) == row
    assert read_token("review", token) is None


def test_a_token_means_nothing_in_another_workspace(acme, globex):
    token = make_token("survey", uuid7())
    with tenant_context(globex):
        assert read_token("survey", token) is None


def test_a_token_outlives_two_changes_of_the_secret_key(acme, settings):
    row, first = uuid7(), settings.SECRET_KEY
    token = make_token("review", row)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "third", ["second", first]
    assert read_token("review", token) == row
    settings.SECRET_KEY_FALLBACKS = ["second"]
    assert read_token("review", token) is None


@pytest.mark.parametrize("nonsense", ["", "x", "é" * 38, "A" * 38, "A" * 5000, "a.b", "="])
def test_nonsense_names_nothing(acme, nonsense):
    assert read_token("survey", nonsense) is None


def test_every_changed_character_is_noticed(acme):
    token = make_token("survey", uuid7())
    # 28 bytes fill 37 characters and a third: the last character has spare bits
    for place, old in enumerate(token):
        other = "B" if old != "B" else "C"
        changed = token[:place] + other + token[place + 1 :]
        assert read_token("survey", changed) is None, place
