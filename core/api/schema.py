"""The OpenAPI document: how to sign in, and the error shape on every operation."""

from functools import cache
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse

from core.api.fields import ErrorSerializer
from core.api.views import ListView

BASE_PATH = "/api/v1"

# Status, when it can happen (always, with a body, with an id in the path), and why.
ERRORS = (
    ("400", "always", "Something in the request needs attention; `errors` says what."),
    ("401", "keyed", "The key is missing, unknown, revoked, or of another workspace."),
    ("403", "keyed", "The key lacks the scope this operation needs."),
    ("404", "path", "There is nothing with this id in this workspace."),
    ("406", "always", "Only `application/json` is spoken here."),
    ("411", "body", "The body came without its length."),
    ("413", "body", "The body is larger than 5 MB."),
    ("415", "body", "The body is not JSON in UTF-8, plain or gzipped."),
    ("429", "keyed", "Too many requests: wait for `Retry-After` seconds."),
    ("503", "always", "Try again after `Retry-After` seconds. Nothing was lost."),
)

ERROR_EXAMPLE: dict[str, Any] = {
    "code": "unknown_field",
    "message": "There is no such field here.",
    "errors": [
        {"field": "is_staff", "code": "unknown_field", "message": "There is no such field here."}
    ],
}


class KeyScheme(OpenApiAuthenticationExtension):
    """How a key is sent, in the words of OpenAPI."""

    target_class = "tenants.api_keys.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """The security scheme of all operations."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key of this workspace (`vg_…`), from Settings, API keys. "
            "Keys carry scopes and are good on their own workspace's address only.",
        }


class ApiSchema(AutoSchema):
    """Describes our views, whose lists page and filter by ListView."""

    def _is_list_view(self, serializer: Any = None) -> bool:
        return self.method == "GET" and isinstance(self.view, ListView)

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """The operation with the scope its key needs, as `x-scope`."""
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation:
            operation["x-scope"] = self.view.scopes[self.method]  # type: ignore[attr-defined]
        return operation


def add_errors(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Put the error shape on every operation, and close the bodies that refuse unknown fields."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas["Error"]["example"] = ERROR_EXAMPLE
    for name, schema in schemas.items():
        if name.endswith("Request") and schema.get("type") == "object":
            schema.setdefault("additionalProperties", False)
    for path, operations in result["paths"].items():
        for operation in operations.values():
            _add_errors(operation, has_id="{" in path)
    return result


def _add_errors(operation: dict[str, Any], *, has_id: bool) -> None:
    applies = {
        "always": True,
        "keyed": bool(operation.get("security")),
        "path": has_id,
        "body": "requestBody" in operation,
    }
    for status, when, why in ERRORS:
        if applies[when]:
            schema = {"$ref": "#/components/schemas/Error"}
            body = {"application/json": {"schema": schema}}
            operation["responses"].setdefault(status, {"description": why, "content": body})


def error_response(why: str) -> OpenApiResponse:
    """A refusal that only some operations know."""
    return OpenApiResponse(ErrorSerializer, description=why)


@cache
def api_document() -> dict[str, Any]:
    """The OpenAPI 3.1 document of this release; made once per process."""
    document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return document
