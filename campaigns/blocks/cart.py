from html import escape
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.contracts import Block, Look, blocks


class CartForm(forms.Form):
    """What stands on the button, and whether there is one."""

    button = forms.CharField(
        label=_("Button"),
        max_length=60,
        required=False,
        help_text=_("Leads back to the cart. Empty: no button."),
    )
    prices = forms.BooleanField(label=_("Show prices"), required=False, initial=True)


class CartItems(Block):
    """What is in the reader's cart when the mail leaves, and the way back to it."""

    key = "cart"
    label = _("Cart")
    icon = "shopping-cart"
    form_class = CartForm

    def mjml(self, settings: dict[str, Any], look: Look) -> str:
        picture = (
            '<td width="72" style="padding:0 14px 14px 0;vertical-align:top;">'
            '{% if item.image_url %}<img src="{{ item.image_url }}" alt="" width="72" '
            'style="display:block;width:72px;height:auto;border-radius:8px;">{% endif %}</td>'
        )
        variant = (
            f'{{% if item.variant %}}<br><span style="color:{look.muted};font-size:14px;">'
            "{{ item.variant }}</span>{% endif %}"
        )
        price = (
            '<td align="right" style="padding:0 0 14px 10px;vertical-align:top;'
            'white-space:nowrap;">{{ item.total }}</td>'
        )
        row = (
            f'<tr>{picture}<td style="padding:0 0 14px;vertical-align:top;">'
            f"{{{{ item.quantity }}}} &times; <b>{{{{ item.name }}}}</b>{variant}</td>"
            f"{price if settings['prices'] else ''}</tr>"
        )
        total = (
            '<tr><td colspan="3" align="right" style="padding:0 0 14px;"><b>{{ cart.total }}</b>'
            "</td></tr>"
        )
        table = (
            '<table role="presentation" width="100%" cellpadding="0" cellspacing="0">'
            f"{{% for item in cart.items %}}{row}{{% endfor %}}"
            f"{total if settings['prices'] else ''}</table>"
        )
        inner = f"{{% if cart %}}{table}{_button(settings, look)}{{% endif %}}"
        return (
            f'<mj-text css-class="vg-text" color="{look.text}" font-size="16px" '
            f'line-height="24px" padding="6px 32px 2px">{look.keep(inner)}</mj-text>'
        )

    def text(self, settings: dict[str, Any], look: Look) -> str:
        price = ", {{ item.total }}" if settings["prices"] else ""
        total = "{{ cart.total }}\n" if settings["prices"] else ""
        where = look.link("{{ cart.restore_url }}")
        button = (
            f"{{% if cart.restore_url %}}{settings['button']}: {where}{{% endif %}}"
            if settings["button"]
            else ""
        )
        return (
            "{% if cart %}{% for item in cart.items %}- {{ item.quantity }} x {{ item.name }}"
            f"{{% if item.variant %}} ({{{{ item.variant }}}}){{% endif %}}{price}\n{{% endfor %}}"
            f"{total}{button}{{% endif %}}"
        )


def _button(settings: dict[str, Any], look: Look) -> str:
    if not settings["button"]:
        return ""
    style = (
        f"display:inline-block;background-color:{look.solid};color:{look.on_solid};"
        "font-weight:600;padding:14px 26px;border-radius:8px;text-decoration:none;"
    )
    return (
        '{% if cart.restore_url %}<p style="margin:4px 0 14px;">'
        f'<a style="{style}" href="{{{{ cart.restore_url }}}}">{escape(settings["button"])}</a>'
        "</p>{% endif %}"
    )


blocks.register(CartItems())
