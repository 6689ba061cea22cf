"""Surveys: which there are, and what came of each."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ApiView, ListView
from surveys.models import Survey
from surveys.results import response_rate, results_of


class SurveySerializer(serializers.ModelSerializer[Survey]):
    """A survey with how many were asked, and how many answered."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(Survey.Kind.values)
    asked = serializers.IntegerField()
    answered = serializers.IntegerField()
    response_rate = serializers.SerializerMethodField()

    class Meta:
        model = Survey
        fields = [
            "id",
            "key",
            "name",
            "kind",
            "language",
            "is_open",
            "low_score",
            "asked",
            "answered",
            "response_rate",
            "created_at",
        ]
        read_only_fields = fields

    def get_response_rate(self, survey: Any) -> int | None:
        """Answered / asked in whole per cent; null when nobody was asked."""
        return response_rate(answered=survey.answered, asked=survey.asked)


class ChoiceCountSerializer(serializers.Serializer[Any]):
    """How many chose one answer."""

    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField()


class QuestionResultSerializer(serializers.Serializer[Any]):
    """One question and how it was answered."""

    question_id = serializers.UUIDField(source="question.pk")
    kind = serializers.CharField(source="question.kind")
    text = serializers.CharField(source="question.text")
    answered = serializers.IntegerField()
    choices = ChoiceCountSerializer(many=True)
    csat = serializers.IntegerField(
        allow_null=True, help_text="Share of 4s and 5s among answers from 1 to 5, in per cent."
    )
    nps = serializers.IntegerField(
        allow_null=True, help_text="Share of 9s and 10s minus that of 0s to 6s, -100 to 100."
    )


class SurveyResultsSerializer(SurveySerializer):
    """A survey with the results of each question."""

    questions = serializers.SerializerMethodField()

    class Meta(SurveySerializer.Meta):
        fields = [*SurveySerializer.Meta.fields, "questions"]
        read_only_fields = fields

    @extend_schema_field(QuestionResultSerializer(many=True))
    def get_questions(self, survey: Survey) -> Any:
        """In the order they are asked."""
        return QuestionResultSerializer(results_of(survey), many=True).data


class SurveysView(ListView):
    """All surveys."""

    scopes: ClassVar = {"GET": "surveys:read"}
    serializer_class = SurveySerializer
    orderings: ClassVar = {"created_at": "created_at", "name": "name"}

    @extend_schema(operation_id="surveys_list", tags=["Surveys"], summary="List surveys")
    def get(self, request: Request) -> Response:
        """One page of surveys."""
        return self.page(Survey.objects.with_numbers())


class SurveyView(ApiView):
    """One survey."""

    scopes: ClassVar = {"GET": "surveys:read"}

    @extend_schema(
        operation_id="surveys_retrieve",
        tags=["Surveys"],
        summary="Read a survey and its results",
        responses={200: SurveyResultsSerializer},
    )
    def get(self, request: Request, survey_id: UUID) -> Response:
        """The survey, with how often each answer was given."""
        survey = Survey.objects.with_numbers().filter(pk=survey_id).first()
        if survey is None:
            raise Http404
        return Response(SurveyResultsSerializer(survey).data)
