from html import escape
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.contracts import Block, Look, blocks


class CartForm(forms.Form):
    """What the way back to the cart is called."""

    button = forms.CharField(label=_("Button"), max_length=60, required=False)


class CartItems(Block):
    """What this person left in their cart as it is when the mail leaves, and the way back."""

    key = "cart"
    label = _("Cart")
    icon = "shopping-cart"
    form_class = CartForm

    def mjml(self, settings: dict[str, Any], look: Look) -> str:
        cell = f"padding:10px 0;border-bottom:1px solid {look.line};vertical-align:middle;"
        button = (
            f"display:inline-block;padding:13px 24px;border-radius:8px;background:{look.solid};"
            f"color:{look.on_solid};font-weight:600;text-decoration:none;"
        )
        rows = (
            "{% for item in cart.items %}<tr>"
            f'<td style="{cell}width:72px;">{{% if item.image_url %}}'
            '<img src="{{ item.image_url }}" alt="" width="60" '
            'style="display:block;width:60px;height:auto;border-radius:6px;">{% endif %}</td>'
            f'<td style="{cell}">{{{{ item.quantity }}}} × {{{{ item.name }}}}'
            '{% if item.variant %}<br><span class="vg-muted" '
            f'style="color:{look.muted};font-size:14px;">'
            "{{ item.variant }}</span>{% endif %}</td>"
            f'<td style="{cell}text-align:right;white-space:nowrap;">{{{{ item.total }}}}</td>'
            "</tr>{% endfor %}"
            '<tr><td colspan="3" style="padding:10px 0;text-align:right;font-weight:600;">'
            "{{ cart.total }}</td></tr>"
        )
        inner = (
            "{% if cart.items.first %}"
            '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" '
            f'style="border-collapse:collapse;margin:0 0 18px;">{rows}</table>'
            "{% if cart.restore_url %}"
            '<p style="margin:0 0 14px;"><a class="vg-solid" '
            f'style="{button}" href="{{{{ cart.restore_url }}}}">'
            f"{escape(_words(settings))}</a></p>{{% endif %}}{{% endif %}}"
        )
        return (
            f'<mj-text css-class="vg-text" color="{look.text}" font-size="16px" '
            f'line-height="24px" padding="6px 32px 2px">{look.keep(inner)}</mj-text>'
        )

    def text(self, settings: dict[str, Any], look: Look) -> str:
        return (
            "{% for item in cart.items %}{{ item.quantity }} × {{ item.name }}"
            "{% if item.variant %} ({{ item.variant }}){% endif %}, {{ item.total }}\n{% endfor %}"
            "{% if cart.items.first %}{{ cart.total }}\n{% endif %}"
            "{% if cart.items.first and cart.restore_url %}"
            f"{_words(settings)}: {look.link('{{ cart.restore_url }}')}{{% endif %}}"
        )


def _words(settings: dict[str, Any]) -> str:
    return str(settings.get("button") or gettext("Back to your cart"))


blocks.register(CartItems())
