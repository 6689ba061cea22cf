"""The OpenAPI document is whole, honest and needs no key; its page needs no script."""

import re
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import get_resolver
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from core.api.guide import curl, guide, read_document
from core.api.schema import api_document
from core.api.views import ApiView
from tenants.scopes import SCOPES

ACME = {"host": "acme.localhost"}


def api_views():
    """Every view under /api/v1/ that is a class."""
    [api] = [
        each for each in get_resolver("config.urls").url_patterns if str(each.pattern) == "api/"
    ]
    [v1] = [each for each in api.url_patterns if str(each.pattern) == "v1/"]
    return [each.callback.cls for each in v1.url_patterns if hasattr(each.callback, "cls")]


def test_the_document_is_made_without_a_warning():
    GENERATOR_STATS.reset()

    document = SchemaGenerator().get_schema(request=None, public=True)
    validate_schema(document)

    assert not GENERATOR_STATS, dict(GENERATOR_STATS._warn_cache)
    assert document["openapi"] == "3.1.0"


def test_the_document_needs_no_key(acme):
    response = Client().get("/api/v1/openapi.json", headers=ACME)

    assert response.status_code == 200
    assert response.json() == api_document()


def test_every_operation_says_how_to_sign_in_and_how_it_refuses():
    for operations in api_document()["paths"].values():
        for operation in operations.values():
            assert operation["security"] == [{"apiKey": []}]
            assert operation["x-scope"] in SCOPES
            assert operation["summary"]
            refused = operation["responses"]["400"]["content"]["application/json"]["schema"]
            assert refused == {"$ref": "#/components/schemas/Error"}
            if "requestBody" in operation:
                assert operation["requestBody"]["content"]["application/json"]["examples"]


def test_the_document_tells_the_bearer_scheme():
    [scheme] = api_document()["components"]["securitySchemes"].values()

    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")


@pytest.mark.parametrize("view", api_views(), ids=lambda view: view.__name__)
def test_every_view_names_a_scope_for_each_of_its_methods(view):
    assert issubclass(view, ApiView)
    methods = {
        name.upper() for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)
    }

    assert set(view.scopes) == methods
    assert set(view.scopes.values()) <= set(SCOPES)
    for method, scope in view.scopes.items():
        assert scope.endswith(":read") == (method == "GET")


class Page(HTMLParser):
    """What the security policy would block, and which anchors there are."""

    def __init__(self, text):
        super().__init__()
        self.blocked, self.ids, self.links = [], set(), set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if tag in {"script", "style"} or name == "style" or name.startswith(("on", "hx-")):
                self.blocked.append((tag, name))
            if name == "id":
                assert value not in self.ids
                self.ids.add(value)
            if name == "href" and value.startswith("#"):
                self.links.add(value[1:])


def test_the_page_shows_every_operation_without_a_script(acme):
    response = Client().get("/api/docs", headers=ACME)

    assert response.status_code == 200
    text = response.content.decode()
    page = Page(text)
    assert page.blocked == []
    assert page.links <= page.ids
    operations = [
        operation["operationId"]
        for methods in api_document()["paths"].values()
        for operation in methods.values()
    ]
    assert set(operations) <= page.ids
    assert len(re.findall("<h1", text)) == 1


def test_fields_are_named_by_their_way_and_types_told_in_words():
    [section] = read_document(
        {
            "components": {
                "schemas": {
                    "Row": {"properties": {"id": {"type": "string", "format": "uuid"}}},
                    "Kind": {"enum": ["a", "b"]},
                }
            },
            "paths": {
                "/x": {
                    "get": {
                        "operationId": "x",
                        "tags": ["Some things"],
                        "x-scope": "contacts:read",
                        "responses": {
                            "200": {
                                "description": "",
                                "content": {
                                    "application/json": {
                                        "schema": {
                                            "required": ["rows"],
                                            "properties": {
                                                "rows": {
                                                    "type": "array",
                                                    "items": {"$ref": "#/components/schemas/Row"},
                                                },
                                                "kind": {
                                                    "allOf": [
                                                        {"$ref": "#/components/schemas/Kind"}
                                                    ],
                                                    "description": "Which.",
                                                },
                                                "at": {"type": ["string", "null"]},
                                            },
                                        }
                                    }
                                },
                            }
                        },
                    }
                }
            },
        }
    )

    [operation] = section.operations
    assert section.anchor == "some-things"
    assert [
        (each.name, each.type, each.is_required, each.description) for each in operation.result
    ] == [
        ("rows", "list of anything", True, ""),
        ("rows[].id", "uuid", False, ""),
        ("kind", "a, b", False, "Which."),
        ("at", "string or null", False, ""),
    ]


def test_a_call_is_written_as_one_would_type_it():
    assert curl("get", "/x", None, []) == (
        'curl https://HOST/x \\\n  -H "Authorization: Bearer KEY"'
    )
    assert "-X POST" in curl("post", "/x", {"a": 1}, [])
    assert "-d '{\n  \"a\": 1\n}'" in curl("post", "/x", {"a": 1}, [])


def test_every_kind_of_thing_has_its_section():
    assert {section.name for section in guide()} >= {"Contacts", "Tags", "Consents", "Events"}
