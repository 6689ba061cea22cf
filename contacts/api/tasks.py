"""Tasks of the team: list, read, tick off."""

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.models import Task
from contacts.todo import finish_task
from core.api.views import ApiView, ListView


class TaskSerializer(serializers.ModelSerializer[Task]):
    """Something a colleague is to do about a contact."""

    id = serializers.UUIDField()
    contact_id = serializers.UUIDField()
    assignee_id = serializers.UUIDField(
        allow_null=True, help_text="The member of the team; null is anybody."
    )

    class Meta:
        model = Task
        fields = [
            "id",
            "contact_id",
            "title",
            "note",
            "assignee_id",
            "due_at",
            "done_at",
            "created_at",
        ]
        read_only_fields = fields


class TaskFilters(django_filters.FilterSet):
    """What the list can be narrowed by."""

    contact_id = django_filters.UUIDFilter(field_name="contact_id")
    assignee_id = django_filters.UUIDFilter()
    status = django_filters.ChoiceFilter(
        choices=[("open", "open"), ("done", "done")], method="by_status"
    )

    class Meta:
        model = Task
        fields: ClassVar[list[str]] = []

    def by_status(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Done or not."""
        return rows.filter(done_at__isnull=value == "open")


class TasksView(ListView):
    """All tasks."""

    scopes: ClassVar = {"GET": "contacts:read"}
    serializer_class = TaskSerializer
    filterset_class = TaskFilters
    orderings: ClassVar = {"created_at": "created_at"}

    @extend_schema(operation_id="tasks_list", tags=["Tasks"], summary="List tasks")
    def get(self, request: Request) -> Response:
        """One page of tasks."""
        return self.page(Task.objects.all())


class TaskView(ApiView):
    """One task."""

    scopes: ClassVar = {"GET": "contacts:read"}

    @extend_schema(
        operation_id="tasks_retrieve",
        tags=["Tasks"],
        summary="Read a task",
        responses={200: TaskSerializer},
    )
    def get(self, request: Request, task_id: UUID) -> Response:
        """The task."""
        task = Task.objects.filter(pk=task_id).first()
        if task is None:
            raise Http404
        return Response(TaskSerializer(task).data)


class TaskCompleteView(ApiView):
    """Ticking a task off."""

    scopes: ClassVar = {"POST": "contacts:write"}

    @extend_schema(
        operation_id="tasks_complete",
        tags=["Tasks"],
        summary="Mark a task as done",
        description="Done twice is done once: the first moment stays.",
        request=None,
        responses={200: TaskSerializer},
    )
    def post(self, request: Request, task_id: UUID) -> Response:
        """Tick it off, and show it as it now is."""
        task = finish_task(task_id=task_id, by_id=None, now=timezone.now())
        if task is None:
            raise Http404
        return Response(TaskSerializer(task).data)
