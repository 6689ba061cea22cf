"""What a step's form offers ready-made becomes the workspace's own when it is saved."""

from typing import Any

import pytest
from django.urls import resolve

from campaigns.models import Template
from commerce.models import Coupon
from journeys.config_forms import clean_config
from journeys.contracts import steps
from journeys.drafts import operate
from journeys.services import create_journey
from tests.journeys.conftest import definition, step


def offered(kind: str, field: str) -> dict[str, str]:
    """The choices of a field, by value, groups opened."""
    found: dict[str, str] = {}
    for value, label in steps.get(kind).form().fields[field].choices:
        found |= dict(label) if isinstance(label, (list, tuple)) else {value: label}
    return {value: str(label) for value, label in found.items()}


@pytest.mark.parametrize(
    ("kind", "field", "chosen", "model"),
    [
        ("send_email", "template", "starter:welcome-code", Template),
        ("issue_coupon", "coupon", "new:first-order", Coupon),
    ],
)
def test_a_ready_made_thing_is_made_once_and_is_then_ones_own(
    acme: Any, now: Any, kind: str, field: str, chosen: str, model: Any
) -> None:
    # given a workspace that has none of it, and a step that offers it
    step, before = steps.get(kind), model.objects.count()
    assert chosen in offered(kind, field)
    config, errors = clean_config(step, {field: chosen})
    assert errors == {} or not errors
    # and which cannot be published while it is only wished for
    assert [each.field for each in step.problems(config)] == [field]

    # when the settings are saved, twice
    made = step.furnish(config, language="en", now=now)
    again = step.furnish(config, language="en", now=now)

    # then there is one, the settings name it, and its page is a click away
    assert model.objects.count() == before + 1
    assert made == again
    assert step.problems(made) == []
    assert made[field] in offered(kind, field)
    [(_words, address)] = step.doors(made)
    assert made[field] in address
    assert resolve(address)
    # and settings that wish for nothing stay as they are
    assert step.furnish(made, language="en", now=now) == made


def test_saving_the_settings_of_a_step_makes_what_they_wish_for(acme: Any, now: Any) -> None:
    # given a draft with a mail that is not chosen yet
    journey = create_journey(
        name="Hello", definition=definition(step("mail1", "send_email")), now=now
    )

    # when a starter is chosen
    given = {"part": "mail1", "config": {"template": "starter:welcome-code"}}
    outcome = operate(journey=journey, op="update", given=given, revision=0, now=now)

    # then the draft names the workspace's own mail, and it was one change
    mail = Template.objects.get(starter="welcome-code")
    assert journey.draft["steps"][0]["config"]["template"] == str(mail.pk)
    assert outcome.revision == 1

    # and undoing it leaves the mail where it is
    operate(journey=journey, op="undo", given={}, revision=1, now=now)
    assert journey.draft["steps"][0]["config"] == {}
    assert Template.objects.filter(pk=mail.pk).exists()


def test_a_starter_of_which_there_is_a_mail_is_not_offered_again(acme: Any, now: Any) -> None:
    step = steps.get("send_email")
    assert "starter:welcome-code" in offered("send_email", "template")
    step.furnish({"template": "starter:welcome-code"}, language="it", now=now)
    assert "starter:welcome-code" not in offered("send_email", "template")
    assert Template.objects.get(starter="welcome-code").language == "it"


@pytest.mark.parametrize("chosen", ["starter:nothing", "starter:", "new:nothing", "", None, 5])
def test_what_is_not_offered_makes_nothing(acme: Any, now: Any, chosen: Any) -> None:
    before = Template.objects.count(), Coupon.objects.count()
    for kind, field in (("send_email", "template"), ("issue_coupon", "coupon")):
        made = steps.get(kind).furnish({field: chosen}, language="en", now=now)
        assert steps.get(kind).problems(made)
    assert (Template.objects.count(), Coupon.objects.count()) == before
