"""Form fields for a category and a product, as conditions, entries and offers ask for them."""

from typing import Any
from uuid import UUID

from django import forms
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commerce.models import Category, Product
from contacts.naming import names
from contacts.widgets import SuggestInput

SUGGESTED = 200


def category_names() -> dict[str, str]:
    """All categories by id, each told with those it stands in: "Food › Bread"."""
    rows = list(Category.objects.order_by(Lower("name")).values_list("pk", "name", "path"))
    own = {pk: name for pk, name, _path in rows}
    told = {
        str(pk): " › ".join(own[up] for up in path if up in own) or name for pk, name, path in rows
    }
    return dict(sorted(told.items(), key=lambda each: each[1].lower()))


def category_name(category_id: Any) -> str:
    """The category's name for a sentence."""
    known = names("categories", category_names)
    return known.get(str(category_id)) or _("deleted category")


def category_field(**options: Any) -> forms.ChoiceField:
    """A choice of all categories; its descendants belong to each."""
    return forms.ChoiceField(
        label=gettext_lazy("Category"),
        choices=lambda: [("", _("Any category")), *category_names().items()],
        required=False,
        help_text=gettext_lazy("With all that stands in it."),
        **options,
    )


def product_name(product_id: Any) -> str:
    """The product's name for a sentence."""
    known = names(f"product {product_id}", lambda: _named(product_id))
    return known.get(str(product_id)) or _("deleted product")


def _named(product_id: Any) -> dict[str, str]:
    rows = Product.objects.filter(pk__in=_ids(product_id)).values_list("pk", "name")
    return {str(pk): name for pk, name in rows}


def _ids(text: Any) -> list[UUID]:
    """The id this text is, or none."""
    try:
        return [UUID(str(text))]
    except ValueError:
        return []


def _product_suggestions() -> list[str]:
    rows = Product.objects.order_by("name", "pk").values_list("name", flat=True)
    return list(dict.fromkeys(rows[:SUGGESTED]))


class ProductInput(SuggestInput):
    """Shows the name of the product whose id it holds."""

    def __init__(self) -> None:
        super().__init__(_product_suggestions)

    def format_value(self, value: Any) -> str | None:
        shown: str | None = super().format_value(value)
        return _named(shown).get(str(shown), shown) if shown else shown


class ProductField(forms.CharField):
    """A product by its name, its SKU or its id; cleans to the id as text."""

    def __init__(self, **options: Any) -> None:
        known: dict[str, Any] = {"label": gettext_lazy("Product"), "required": False}
        super().__init__(**{**known, "widget": ProductInput(), **options})

    def clean(self, value: Any) -> str:
        """Raises ValidationError for what names no product."""
        text = super().clean(value)
        if not text:
            return ""
        rows = Product.objects.order_by("-changed_at", "pk").values_list("pk", flat=True)
        found = (
            rows.filter(pk__in=_ids(text)).first()
            or rows.filter(name__iexact=text).first()
            or rows.filter(sku__iexact=text).first()
        )
        if found is None:
            raise forms.ValidationError(
                _("No product is called “%(name)s”.") % {"name": text[:60]}, code="unknown_product"
            )
        return str(found)
