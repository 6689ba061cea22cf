"""The API against its own document: every operation, with values good and bad, as Acme.

Globex's ids are among the values tried. Nothing may answer 5xx, every answer must be one the
document names and look as it says, every door must be locked, and Globex must be as it was.
"""

import random
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from campaigns.models import Campaign, Message
from commerce.models import Cart, Category, Order, Product
from contacts.models import ConsentWording, Contact, Segment, Tag
from core.api import limits
from core.api.schema import api_document
from events.models import Event
from journeys.models import Enrolment, Journey
from surveys.models import Review, Survey
from tests.architecture.shop_belongings import shop

EXAMPLES = 12
ALWAYS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    ignored_auth,
]
# Here a value outside the schema refuses its item, never the batch.
PER_ITEM = {
    "products_bulk",
    "categories_bulk",
    "orders_bulk",
    "carts_bulk",
    "events_bulk",
    "contacts_bulk",
    "enrolments_create",
    "tags_bulk",
}
CANARY = "canary-of-globex"


def operations() -> list[tuple[str, str, str]]:
    """(path, method, operation id) of everything the document names."""
    return [
        (path, method, operation["operationId"])
        for path, methods in api_document()["paths"].items()
        for method, operation in methods.items()
    ]


@pytest.fixture
def rows(
    acme: Any, globex: Any, live_journey: Any, template: Any, now: Any
) -> dict[str, list[str]]:
    """Something of Acme's and of Globex's to ask for, ids by parameter."""
    names = ("contact_id", "journey_id", "message_id", "campaign_id", "segment_id")
    names += ("survey_id", "review_id")
    ids: dict[str, list[str]] = {name: [] for name in names}
    for workspace, name in ((globex, CANARY), (acme, "ada")):
        connection.set_tenant(workspace)
        contact = Contact.objects.create(
            email=f"{name}@example.com", first_name=name, created_at=now, updated_at=now
        )
        Tag.objects.create(name=f"{name}-tag", created_at=now)
        segment = Segment.objects.create(name=name, created_at=now, updated_at=now)
        journey = live_journey(name)
        message = Message.objects.create(
            send_key=name,
            contact=contact,
            to_address=contact.email,
            template_version=template(name).live_version,
            queued_at=now,
        )
        for kind, pk in shop(contact.pk, name, now).items():
            ids.setdefault(f"{kind}_id", []).append(str(pk))
        campaign = Campaign.objects.create(
            name=name, template=message.template_version.template, created_at=now
        )
        survey = Survey.objects.create(key=name[:60], name=name, title=name)
        review = Review.objects.create(
            contact=contact, line_id=uuid4(), product_name=name, stars=4, submitted_at=now
        )
        ids["survey_id"].append(str(survey.pk))
        ids["review_id"].append(str(review.pk))
        ids["campaign_id"].append(str(campaign.pk))
        ids["contact_id"].append(str(contact.pk))
        ids["journey_id"].append(str(journey.pk))
        ids["message_id"].append(str(message.pk))
        ids["segment_id"].append(str(segment.pk))
    return ids


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Requests stay in the test's transaction instead of closing its connection."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


def state_of(workspace: Any) -> list[Any]:
    """Everything a stranger could have changed."""
    mine = connection.tenant
    connection.set_tenant(workspace)
    found = [
        list(model.objects.order_by("pk").values())
        for model in (
            Contact,
            Tag,
            Segment,
            Event,
            ConsentWording,
            Journey,
            Enrolment,
            Message,
            Product,
            Category,
            Order,
            Cart,
            Campaign,
        )
    ]
    connection.set_tenant(mine)
    return found


@pytest.mark.parametrize(("path", "method", "name"), operations(), ids=lambda value: str(value))
def test_an_operation_keeps_its_word(
    api: Any, globex: Any, rows: Any, monkeypatch: Any, path: str, method: str, name: str
) -> None:
    monkeypatch.setattr(limits, "REQUESTS", 100_000)
    before = state_of(globex)
    connection.set_tenant(api.workspace)
    operation = load()[path][method.upper()]
    checks = [*ALWAYS, *([] if name in PER_ITEM else [negative_data_rejection])]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    )
    def keeps_its_word(case: Any) -> None:
        if not case.meta.is_negative_at(ParameterLocation.PATH):
            ask_for_something(case, rows)
        response = case.call_and_validate(
            headers={"Authorization": f"Bearer {api.token}", "Host": "acme.localhost"},
            checks=checks,
        )
        assert CANARY not in response.text

    keeps_its_word()

    assert state_of(globex) == before


def ask_for_something(case: Any, rows: dict[str, list[str]]) -> None:
    """Put an id that exists, here or in Globex, where a made-up one would only give a 404."""
    dice = random.Random(repr(case.body))
    for parameter in case.path_parameters.keys() & rows.keys():
        case.path_parameters[parameter] = dice.choice(rows[parameter])


def load() -> Any:
    """The document, to be called through WSGI; the key is ours to send."""
    config = SchemathesisConfig()
    config.projects.default.generation.with_security_parameters = False
    schema = schemathesis.openapi.from_dict(api_document(), config=config)
    schema.app = WSGIHandler()
    return schema
