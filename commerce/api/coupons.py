"""Coupons by API: which there are, their codes, filling a pool, asking about and using a code."""

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from commerce.coupons.pools import CODES_MAX, LENGTH_MAX, PoolResult, add_codes
from commerce.coupons.redeeming import Used, find_code, problem_with, redeem_one
from commerce.models import Coupon, CouponCode
from core.api.errors import refuse
from core.api.fields import StrictSerializer
from core.api.filters import YesNoFilter
from core.api.schema import error_response
from core.api.views import ApiView, ListView
from core.errors import Invalid, Problem

TAG = "Coupons"


class CouponSerializer(serializers.ModelSerializer[Coupon]):
    """An offer and its rules."""

    class Meta:
        model = Coupon
        fields = [
            "id", "name", "kind", "amount", "currency", "codes", "prefix", "fallback_code",
            "valid_hours", "expires_at", "min_spend", "min_orders", "max_orders", "none_in_days",
            "is_active", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class CodeSerializer(serializers.ModelSerializer[CouponCode]):
    """One code: waiting in a pool, or somebody's."""

    coupon_id = serializers.UUIDField()
    contact_id = serializers.UUIDField(allow_null=True)
    order_id = serializers.UUIDField(source="redeemed_order_id", allow_null=True)

    class Meta:
        model = CouponCode
        fields = [
            "id", "code", "coupon_id", "contact_id", "issued_at", "expires_at", "redeemed_at",
            "order_id", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class NewCodesSerializer(StrictSerializer):
    """Codes made in the shop."""

    codes = serializers.ListField(
        child=serializers.CharField(max_length=1000, allow_blank=True),
        min_length=1,
        max_length=CODES_MAX,
        help_text=f"Up to {LENGTH_MAX} characters each; upper and lower case are the same.",
    )


class PoolResultSerializer(serializers.Serializer[Any]):
    """What became of a list of codes."""

    added = serializers.IntegerField()
    doubled = serializers.IntegerField(help_text="There twice in this list.")
    known = serializers.IntegerField(help_text="There already, here or in another coupon.")
    refused = serializers.IntegerField()
    problems = serializers.ListField(
        child=serializers.DictField(), help_text="The first 50 refused: `index`, from 1, and why."
    )


class CodeAskedSerializer(StrictSerializer):
    """A code as somebody typed it."""

    code = serializers.CharField(max_length=200)
    contact_id = serializers.UUIDField(
        required=False, help_text="Who brings it; needed for a code that many people have."
    )


class CodeAnswerSerializer(serializers.Serializer[Any]):
    """Whether a code holds, and what it gives."""

    code = serializers.CharField()
    valid = serializers.BooleanField()
    reason = serializers.CharField(help_text="A stable code when it does not hold, else empty.")
    message = serializers.CharField(help_text="The reason as a sentence.")
    coupon = CouponSerializer(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    redeemed_at = serializers.DateTimeField(allow_null=True)


class CouponsView(ListView):
    """All coupons."""

    scopes: ClassVar = {"GET": "coupons:read"}
    serializer_class = CouponSerializer

    @extend_schema(operation_id="coupons_list", tags=[TAG], summary="List coupons")
    def get(self, request: Request) -> Response:
        """One page of coupons."""
        return self.page(Coupon.objects.all())


class CodeFilters(django_filters.FilterSet):
    """What the list of codes can be narrowed by."""

    contact_id = django_filters.UUIDFilter()
    issued = YesNoFilter("issued_at", "isnull", exclude=True)
    redeemed = YesNoFilter("redeemed_at", "isnull", exclude=True)

    class Meta:
        model = CouponCode
        fields: ClassVar[list[str]] = []


class CouponCodesView(ListView):
    """The codes of one coupon."""

    scopes: ClassVar = {"GET": "coupons:read", "POST": "coupons:write"}
    serializer_class = CodeSerializer
    filterset_class = CodeFilters
    # Ids grow with time, and their index is there already.
    orderings: ClassVar = {"created_at": "id"}

    @extend_schema(operation_id="coupon_codes_list", tags=[TAG], summary="List a coupon's codes")
    def get(self, request: Request, coupon_id: UUID) -> Response:
        """One page of codes."""
        return self.page(CouponCode.objects.filter(coupon=_coupon(coupon_id)))

    @extend_schema(
        operation_id="coupon_codes_add",
        tags=[TAG],
        summary="Add codes to a pool",
        description=(
            "Codes made in the shop, up to 100,000 a call. A bad one keeps no other out; sending "
            "the same list twice adds nothing."
        ),
        request=NewCodesSerializer,
        responses={200: PoolResultSerializer, 409: error_response("The coupon has no pool.")},
        examples=[OpenApiExample("Two codes", {"codes": ["A1B2", "C3D4"]}, request_only=True)],
    )
    def post(self, request: Request, coupon_id: UUID) -> Response:
        """Add codes, and say what became of them."""
        coupon = _coupon(coupon_id)
        if coupon.codes != Coupon.Codes.POOL:
            raise refuse(
                Problem("no_pool", _("This coupon does not take its codes from a list.")),
                status=409,
            )
        given = self.parsed(NewCodesSerializer)["codes"]
        try:
            result = add_codes(coupon=coupon, lines=given, now=timezone.now())
        except Invalid as refusal:
            raise refuse(Problem(refusal.code, refusal.message, "codes")) from None
        return Response(_result(result))


def _coupon(coupon_id: UUID) -> Coupon:
    coupon = Coupon.objects.filter(pk=coupon_id).first()
    if coupon is None:
        raise Http404
    return coupon


def _result(result: PoolResult) -> dict[str, Any]:
    problems = [problem.as_json() for problem in result.problems]
    counts = {name: getattr(result, name) for name in ("added", "doubled", "known", "refused")}
    return {**counts, "problems": problems}


def _answer(text: str, code: CouponCode | None, problem: Problem | None) -> dict[str, Any]:
    return {
        "code": code.code if code else text,
        "valid": problem is None,
        "reason": problem.code if problem else "",
        "message": str(problem.message) if problem else "",
        "coupon": CouponSerializer(code.coupon).data if code else None,
        "expires_at": code.expires_at if code else None,
        "redeemed_at": code.redeemed_at if code else None,
    }


EXAMPLE = OpenApiExample("As typed", {"code": "spring-7kq2m9xpta"}, request_only=True)


class CodeValidateView(ApiView):
    """Asking about a code."""

    scopes: ClassVar = {"POST": "coupons:write"}

    @extend_schema(
        operation_id="coupons_validate",
        tags=[TAG],
        summary="Ask whether a code holds",
        description=(
            "Changes nothing. `reason` is `unknown_code`, `not_issued`, `code_expired`, "
            "`already_redeemed` or `coupon_stopped`."
        ),
        request=CodeAskedSerializer,
        responses={200: CodeAnswerSerializer},
        examples=[EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """The answer, and what the code gives."""
        given = self.parsed(CodeAskedSerializer)
        holder = given.get("contact_id")
        code = find_code(code=given["code"], contact_id=holder)
        problem = problem_with(code, contact_id=holder, now=timezone.now())
        return Response(_answer(given["code"], code, problem))


class CodeRedeemView(ApiView):
    """Using a code up."""

    scopes: ClassVar = {"POST": "coupons:write"}

    @extend_schema(
        operation_id="coupons_redeem",
        tags=[TAG],
        summary="Use a code up",
        description=(
            "For a till: orders redeem their codes by themselves. 409 when it does not hold, with "
            "the reason as `code`."
        ),
        request=CodeAskedSerializer,
        responses={200: CodeAnswerSerializer, 409: error_response("The code does not hold.")},
        examples=[EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """The code as it is now."""
        given = self.parsed(CodeAskedSerializer)
        now = timezone.now()
        used = Used(given["code"], now, given.get("contact_id"))
        code, problem = redeem_one(used=used, now=now)
        if problem is not None:
            raise refuse(problem, status=400 if problem.code == "contact_needed" else 409)
        return Response(_answer(given["code"], code, None))
