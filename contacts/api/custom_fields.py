"""Custom fields: which there are, and making new ones."""

from typing import ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api.shapes import CustomFieldSerializer, NewCustomFieldSerializer
from contacts.models import ContactField
from core.api.errors import refuse
from core.api.schema import error_response
from core.api.views import ListView
from core.errors import Problem


class CustomFieldsView(ListView):
    """All custom fields."""

    scopes: ClassVar = {"GET": "contacts:read", "POST": "contacts:write"}
    serializer_class = CustomFieldSerializer
    orderings: ClassVar = {"label": "label", "created_at": "created_at"}
    default_order = "label"

    @extend_schema(
        operation_id="contact_fields_list",
        tags=["Custom fields"],
        summary="List custom fields",
    )
    def get(self, request: Request) -> Response:
        """One page of fields."""
        return self.page(ContactField.objects.all())

    @extend_schema(
        operation_id="contact_fields_create",
        tags=["Custom fields"],
        summary="Create a custom field",
        request=NewCustomFieldSerializer,
        responses={
            201: CustomFieldSerializer,
            409: error_response("There is a field with this key."),
        },
        examples=[
            OpenApiExample(
                "A choice",
                {"key": "size", "label": "Size", "type": "choice", "choices": ["S", "M", "L"]},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Create one field."""
        given = self.parsed(NewCustomFieldSerializer)
        if (given["type"] == ContactField.Type.CHOICE) != bool(given.get("choices")):
            sentence = _("A field of the type “choice” needs choices, and no other has any.")
            raise refuse(Problem("invalid", sentence, "choices"))
        field, is_new = ContactField.objects.get_or_create(
            key=given.pop("key"), defaults={**given, "created_at": timezone.now()}
        )
        if not is_new:
            sentence = _("There is a field with this key.")
            raise refuse(Problem("field_exists", sentence, "key"), status=409)
        return Response(CustomFieldSerializer(field).data, status=201)
