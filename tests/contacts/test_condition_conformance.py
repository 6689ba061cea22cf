"""Every registered condition keeps the same promises. A new one arrives here by registering."""

from datetime import timedelta

import pytest
from django.db.models import Q

from commerce.models import Coupon, Product
from contacts.contracts import Condition, conditions
from contacts.models import Contact, ContactField, Segment
from contacts.segments import clean_config, describe, in_segment, matching, scope_at
from contacts.tags import add_tag
from core.ui import icon
from events.services import record

KINDS = conditions.keys()


def configs_of(condition: Condition) -> list[dict]:
    """Configs a form can produce: every choice of each choice field once, the rest filled in."""
    form = condition.form()
    base = {}
    for name, field in form.fields.items():
        if getattr(field, "choices", None):
            base[name] = next(iter(field.choices))[0]
        elif hasattr(field, "min_value"):
            base[name] = "2"
        else:
            base[name] = "2"
    variants = [base]
    for name, field in form.fields.items():
        variants += [{**base, name: key} for key, _label in getattr(field, "choices", ())]
        if not field.required:
            variants.append({key: value for key, value in base.items() if key != name})
    return variants


@pytest.fixture
def people(contact, now):
    Coupon.objects.create(name="2")
    ContactField.objects.create(key="visits", label="Visits", type="number")
    Segment.objects.create(name="Everybody named 2", tree={})
    ada = contact("ada@example.com", first_name="Ada", email_consent="subscribed")
    contact("bo@example.com", fields={"visits": 2}, created_at=now - timedelta(days=9))
    contact(None, external_id="2", phone="+39061234567", email_consent="unsubscribed")
    contact("2@example.com", first_name="2", fields={"visits": 7}, source="2")
    add_tag(contact_ids=[ada.pk], name="2", now=now)
    record(type="2", contact_id=ada.pk, now=now, data={"2": "2"})
    Product.objects.create(external_id="2", name="2", currency="EUR", price=2)
    return list(Contact.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("key", KINDS)
def test_it_is_complete(key, people):
    condition = conditions.get(key)
    assert condition.key == key
    assert str(condition.label)
    assert str(condition.group)
    assert icon(condition.icon)


@pytest.mark.parametrize("key", KINDS)
def test_every_config_is_told_in_words_and_asks_one_query(key, people, now):
    condition = conditions.get(key)
    scope = scope_at(now)
    checked = 0
    for config in configs_of(condition):
        cleaned, problems = clean_config(key, config)
        if problems:
            assert all(str(problem.message) for problem in problems)
            continue
        tree = {"kind": key, "config": cleaned}
        assert describe(tree).startswith("People ")
        assert isinstance(condition.as_q(cleaned, scope), Q)
        yes = matching(people, tree, scope)
        no = matching(people, {"not": tree}, scope)
        # whoever is not in is out: no third, unknown answer
        assert yes | no == set(people), config
        assert yes & no == set(), config
        assert set(in_segment(tree, scope).values_list("pk", flat=True)) == yes
        checked += 1
    assert checked


@pytest.mark.parametrize("key", [key for key in KINDS if conditions.get(key).form.base_fields])
def test_an_empty_config_is_refused_in_words(key, people):
    _config, problems = clean_config(key, {})
    assert problems
    assert {problem.code for problem in problems} == {"bad_condition"}
