from html import escape
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.contracts import Block, Look, blocks

LISTS = [
    ("recommendations", _("Chosen for each reader")),
    ("popular", _("What sells best")),
]
MOST = 4


class ProductsForm(forms.Form):
    """Which products, how many, and what stands above them."""

    title = forms.CharField(label=_("Title"), max_length=120, required=False)
    source = forms.ChoiceField(label=_("Products"), choices=LISTS)
    most = forms.ChoiceField(label=_("At most"), choices=[("4", "4"), ("2", "2")], required=False)
    prices = forms.BooleanField(label=_("Show prices"), required=False, initial=True)


class Products(Block):
    """A grid of products, two in a row; nothing at all for a reader without any."""

    key = "products"
    label = _("Products")
    icon = "layout-grid"
    form_class = ProductsForm

    def mjml(self, settings: dict[str, Any], look: Look) -> str:
        title = settings["title"]
        heading = (
            f'<h3 style="margin:0 0 12px;font-size:17px;line-height:24px;">{escape(title)}</h3>'
            if title
            else ""
        )
        price = (
            f'{{% if product.price %}}<span style="color:{look.muted};font-size:15px;">'
            "{{ product.price }}</span>{% endif %}"
            if settings["prices"]
            else ""
        )
        link = f"color:{look.accent};font-weight:600;text-decoration:none;"
        cell = (
            '<div style="display:inline-block;width:48%;min-width:200px;max-width:260px;'
            'vertical-align:top;margin:0 1% 18px 0;">'
            "{% if product.image_url %}"
            '<a href="{{ product.url }}"><img src="{{ product.image_url }}" '
            'alt="{{ product.name }}" width="240" style="display:block;width:100%;max-width:240px;'
            'height:auto;border:0;border-radius:8px;margin:0 0 8px;"></a>{% endif %}'
            f'<a style="{link}" href="{{{{ product.url }}}}">{{{{ product.name }}}}</a><br>{price}'
            "</div>"
        )
        inner = (
            f"{{% if {settings['source']} %}}{heading}<div>"
            f"{_loop(settings)}{cell}{{% endfor %}}</div>{{% endif %}}"
        )
        return (
            f'<mj-text css-class="vg-text" color="{look.text}" font-size="16px" '
            f'line-height="24px" padding="6px 32px 2px">{look.keep(inner)}</mj-text>'
        )

    def text(self, settings: dict[str, Any], look: Look) -> str:
        title = f"{settings['title']}\n" if settings["title"] else ""
        price = "{% if product.price %} ({{ product.price }}){% endif %}"
        line = f"- {{{{ product.name }}}}{price if settings['prices'] else ''}"
        where = look.link("{{ product.url }}")
        return (
            f"{{% if {settings['source']} %}}{title}"
            f"{_loop(settings)}{line}: {where}\n{{% endfor %}}{{% endif %}}"
        )


def _loop(settings: dict[str, Any]) -> str:
    return f"{{% for product in {settings['source']} limit:{settings['most'] or MOST} %}}"


blocks.register(Products())
