"""An integrator of Acme with a key for everything; `key_of` makes others."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django_tenants.utils import get_public_schema_name, schema_context

from tenants.api_keys import create_api_key
from tenants.scopes import SCOPES


class Integrator:
    """Calls the API of one workspace's host with one key."""

    def __init__(self, workspace: Any, token: str | None) -> None:
        self.workspace = workspace
        self.token = token
        self.client = Client()

    def __call__(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """The response to one request; `body` is sent as JSON unless it is bytes."""
        headers = {"host": f"{self.workspace.slug}.localhost", **options.pop("headers", {})}
        if self.token is not None:
            headers.setdefault("authorization", f"Bearer {self.token}")
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body)
        return self.client.generic(
            method,
            f"/api/v1{path}",
            data,
            content_type=options.pop("content_type", "application/json"),
            headers=headers,
            **options,
        )

    def get(self, path: str, **options: Any) -> Any:
        return self("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        return self("POST", path, body, **options)

    def patch(self, path: str, body: Any = None, **options: Any) -> Any:
        return self("PATCH", path, body, **options)

    def delete(self, path: str, body: Any = None, **options: Any) -> Any:
        return self("DELETE", path, body, **options)


@pytest.fixture
def key_of(now: Any) -> Any:
    """`key_of(workspace, *scopes)`: (key, token), with every scope unless some are named."""

    def make(workspace: Any, *scopes: str) -> Any:
        with schema_context(get_public_schema_name()):
            return create_api_key(
                workspace=workspace, name="Shop", scopes=list(scopes or SCOPES), by=None, now=now
            )

    return make


@pytest.fixture
def api(acme: Any, key_of: Any) -> Integrator:
    """Acme's integrator."""
    connection.set_tenant(acme)
    return Integrator(acme, key_of(acme)[1])


@pytest.fixture
def integrator() -> type[Integrator]:
    """To call with another key, or on another host."""
    return Integrator


def step(step_id: str, kind: str, config: dict[str, Any], *branches: list[Any]) -> dict[str, Any]:
    """One step as a definition writes it."""
    lanes = [{"label": "", "steps": each} for each in branches]
    return {"id": step_id, "kind": kind, "config": config, "branches": lanes}


@pytest.fixture
def live_journey(now: Any) -> Any:
    """`live_journey("Welcome")`: a journey of two waits, running in the current workspace."""
    from journeys.services import create_journey, publish_journey

    def make(name: str = "Welcome") -> Any:
        definition = {
            "entries": [{"kind": "manual", "config": {}}],
            "goal": None,
            "exits": [],
            "settings": {},
            "steps": [
                step("aa", "wait", {"amount": 2, "unit": "days"}),
                step("bb", "wait", {"amount": 1, "unit": "hours"}),
            ],
        }
        journey = create_journey(name=name, definition=definition, now=now)
        publish_journey(journey=journey, now=now)
        return journey

    return make


@pytest.fixture
def template(now: Any) -> Any:
    """`template("Receipt")`: a mail ready to be sent in the current workspace."""
    from campaigns.services import TemplateDraft, save_template

    def make(name: str = "Receipt") -> Any:
        body = [
            {"kind": "text", "settings": {"html": "<p>Order {{ order }}</p>"}},
            {"kind": "footer", "settings": {}},
        ]
        return save_template(
            draft=TemplateDraft(name=name, subject=f"{name} for you", body=body), now=now
        )

    return make
