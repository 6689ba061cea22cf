from html import escape
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.contracts import Block, Look, blocks

LISTS = {
    "recommendations": _("Chosen for each person"),
    "popular": _("What sells best"),
}


class ProductsForm(forms.Form):
    """Which products, and what stands above them."""

    list = forms.ChoiceField(label=_("Products"), choices=[*LISTS.items()])
    title = forms.CharField(label=_("Text above"), max_length=120, required=False)
    most = forms.IntegerField(
        label=_("At most"), min_value=1, max_value=12, initial=4, required=False
    )


class Products(Block):
    """A grid of products that is different for each person; nothing where there are none."""

    key = "products"
    label = _("Products")
    icon = "layout-grid"
    form_class = ProductsForm

    def mjml(self, settings: dict[str, Any], look: Look) -> str:
        link = f"color:{look.text};text-decoration:none;"
        box = (
            "display:inline-block;vertical-align:top;width:236px;max-width:100%;"
            "margin:0 12px 22px 0;"
        )
        title = settings.get("title", "")
        above = f'<p style="margin:0 0 14px;font-weight:600;">{escape(title)}</p>' if title else ""
        inner = (
            f"{above}{_each(settings)}"
            f'<a style="{box}{link}" href="{{{{ item.url }}}}">'
            '{% if item.image_url %}<img src="{{ item.image_url }}" alt="" width="236" '
            'style="display:block;width:100%;height:auto;border-radius:8px;margin:0 0 8px;">'
            "{% endif %}"
            '<span style="display:block;font-weight:600;">{{ item.name }}</span>'
            f'<span class="vg-muted" style="display:block;color:{look.muted};">'
            "{{ item.price }}</span></a>"
            "{% endfor %}"
        )
        return (
            f'<mj-text css-class="vg-text" color="{look.text}" font-size="16px" '
            f'line-height="24px" padding="6px 32px 2px">{look.keep(_when(settings, inner))}'
            "</mj-text>"
        )

    def text(self, settings: dict[str, Any], look: Look) -> str:
        each = (
            f"{_each(settings)}{{{{ item.name }}}}, {{{{ item.price }}}}: "
            f"{look.link('{{ item.url }}')}\n{{% endfor %}}"
        )
        title = settings.get("title", "")
        return _when(settings, f"{title}\n{each}" if title else each)


def _list(settings: dict[str, Any]) -> str:
    return str(settings["list"]) if settings["list"] in LISTS else "recommendations"


def _each(settings: dict[str, Any]) -> str:
    most = int(settings.get("most") or 4)
    return f"{{% for item in {_list(settings)} limit:{most} %}}"


def _when(settings: dict[str, Any], inner: str) -> str:
    return f"{{% if {_list(settings)}.first %}}{inner}{{% endif %}}"


blocks.register(Products())
