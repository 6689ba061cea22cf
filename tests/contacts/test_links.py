"""Contact tokens in links: short, lasting, and of one workspace."""

import pytest
from django_tenants.utils import tenant_context

from contacts.links import make_contact_token, read_contact_token
from core.ids import uuid7


def test_a_token_names_the_contact_and_the_message(acme):
    contact_id, message_id = uuid7(), uuid7()
    short, long = make_contact_token(contact_id), make_contact_token(contact_id, message_id)
    assert (len(short), len(long)) == (38, 59)
    assert read_contact_token(short) == (contact_id, None)
    assert read_contact_token(long) == (contact_id, message_id)


def test_a_token_means_nothing_in_another_workspace(acme, globex):
    token = make_contact_token(uuid7())
    with tenant_context(globex):
        assert read_contact_token(token) is None


def test_a_token_outlives_two_changes_of_the_secret_key(acme, settings):
    contact_id = uuid7()
    first = settings.SECRET_KEY
    token = make_contact_token(contact_id)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "third", ["second", first]
    assert read_contact_token(token) == (contact_id, None)
    settings.SECRET_KEY_FALLBACKS = ["second"]
    assert read_contact_token(token) is None


@pytest.mark.parametrize("change", ["", "x", "é", "A" * 38, "A" * 59, "A" * 5000, "a.b", "=="])
def test_nonsense_names_nobody(acme, change):
    assert read_contact_token(change) is None


def test_every_changed_character_is_noticed(acme):
    token = make_contact_token(uuid7())
    changed = ["B" if char != "B" else "C" for char in token]
    tokens = [token[:at] + new + token[at + 1 :] for at, new in enumerate(changed[:-1])]
    assert [read_contact_token(each) for each in tokens] == [None] * 37
