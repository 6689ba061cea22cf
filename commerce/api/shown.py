"""Shop data as the API shows it."""

from rest_framework import serializers

from commerce.api.fields import ShownAmountField, ShownQuantityField
from commerce.models import Cart, CartLine, Category, Order, OrderLine, Product, Variant

LINE = (
    "product_id", "product_external_id", "name", "variant", "sku", "quantity", "unit_price",
    "total", "url", "image_url",
)  # fmt: skip


class CategorySerializer(serializers.ModelSerializer[Category]):
    """A category of a shop."""

    id = serializers.UUIDField()

    class Meta:
        model = Category
        fields = ["id", "source", "external_id", "name", "parent_external_id", "changed_at"]
        read_only_fields = fields


class VariantSerializer(serializers.ModelSerializer[Variant]):
    """A size or colour of a product."""

    price = ShownAmountField(allow_null=True)

    class Meta:
        model = Variant
        fields = ["external_id", "name", "sku", "price", "stock"]
        read_only_fields = fields


class ProductSerializer(serializers.ModelSerializer[Product]):
    """A product of a shop."""

    id = serializers.UUIDField()
    price = ShownAmountField()
    url = serializers.CharField()
    image_url = serializers.CharField()
    category_external_ids = serializers.ListField(child=serializers.CharField())
    variants = VariantSerializer(many=True)

    class Meta:
        model = Product
        fields = [
            "id", "source", "external_id", "name", "sku", "url", "image_url", "currency", "price",
            "stock", "is_on_sale", "category_external_ids", "variants", "created_at", "changed_at",
        ]  # fmt: skip
        read_only_fields = fields


class OrderLineSerializer(serializers.ModelSerializer[OrderLine]):
    """One product of an order."""

    id = serializers.UUIDField()
    product_id = serializers.UUIDField(allow_null=True)
    quantity = ShownQuantityField()
    unit_price = ShownAmountField()
    total = ShownAmountField()
    url = serializers.CharField()
    image_url = serializers.CharField()

    class Meta:
        model = OrderLine
        fields = ["id", *LINE]
        read_only_fields = fields


class OrderSerializer(serializers.ModelSerializer[Order]):
    """An order of a shop."""

    id = serializers.UUIDField()
    contact_id = serializers.UUIDField(allow_null=True)
    total = ShownAmountField()
    value = ShownAmountField(help_text="The total in the workspace's main currency.")
    discount = ShownAmountField()
    shipping = ShownAmountField()
    refunded = ShownAmountField()
    coupon_codes = serializers.ListField(child=serializers.CharField())
    lines = OrderLineSerializer(many=True)

    class Meta:
        model = Order
        fields = [
            "id", "source", "external_id", "number", "status", "contact_id", "currency", "total",
            "value", "discount", "shipping", "refunded", "coupon_codes", "cart_external_id",
            "placed_at", "paid_at", "fulfilled_at", "delivered_at", "cancelled_at", "refunded_at",
            "is_deleted", "changed_at", "created_at", "lines",
        ]  # fmt: skip
        read_only_fields = fields


class CartLineSerializer(serializers.ModelSerializer[CartLine]):
    """One product in a cart."""

    product_id = serializers.UUIDField(allow_null=True)
    quantity = ShownQuantityField()
    unit_price = ShownAmountField()
    total = ShownAmountField()
    url = serializers.CharField()
    image_url = serializers.CharField()

    class Meta:
        model = CartLine
        fields = list(LINE)
        read_only_fields = fields


class CartSerializer(serializers.ModelSerializer[Cart]):
    """A cart of a shop."""

    id = serializers.UUIDField()
    contact_id = serializers.UUIDField(allow_null=True)
    order_id = serializers.UUIDField(allow_null=True)
    total = ShownAmountField()
    value = ShownAmountField(help_text="The total in the workspace's main currency.")
    restore_url = serializers.CharField()
    lines = CartLineSerializer(many=True)

    class Meta:
        model = Cart
        fields = [
            "id", "source", "external_id", "status", "contact_id", "order_id", "currency", "total",
            "value", "restore_url", "started_at", "changed_at", "ended_at", "lines",
        ]  # fmt: skip
        read_only_fields = fields
