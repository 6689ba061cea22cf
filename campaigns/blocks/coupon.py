from html import escape
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.contracts import Block, Look, blocks


class CouponForm(forms.Form):
    """What stands under the code."""

    terms = forms.CharField(label=_("Terms"), max_length=200, required=False)


class CouponBox(Block):
    """This person's code, what it gives and until when; nothing where they have none."""

    key = "coupon"
    label = _("Coupon")
    icon = "ticket-percent"
    form_class = CouponForm

    def mjml(self, settings: dict[str, Any], look: Look) -> str:
        terms = settings.get("terms", "")
        small = f"margin:8px 0 0;font-size:14px;color:{look.muted};"
        below = f'<p style="{small}">{escape(terms)}</p>' if terms else ""
        inner = (
            "{% if coupon %}"
            f'<div style="padding:20px;border:2px dashed {look.accent};border-radius:10px;'
            'text-align:center;margin:0 0 18px;">'
            '<p style="margin:0 0 6px;font-weight:600;">{{ coupon.value_text }}</p>'
            '<p style="margin:0;font-size:24px;line-height:32px;letter-spacing:1px;'
            f'font-weight:700;color:{look.accent};">{{{{ coupon.code }}}}</p>'
            f'{{% if coupon.expires_text %}}<p style="{small}">{gettext("valid until")} '
            f"{{{{ coupon.expires_text }}}}</p>{{% endif %}}{below}</div>{{% endif %}}"
        )
        return (
            f'<mj-text css-class="vg-text" color="{look.text}" font-size="16px" '
            f'line-height="24px" padding="6px 32px 2px">{look.keep(inner)}</mj-text>'
        )

    def text(self, settings: dict[str, Any], look: Look) -> str:
        terms = settings.get("terms", "")
        until = gettext("valid until")
        return (
            "{% if coupon %}{{ coupon.value_text }}: {{ coupon.code }}"
            f"{{% if coupon.expires_text %}} ({until} {{{{ coupon.expires_text }}}})"
            f"{{% endif %}}{chr(10) + terms if terms else ''}{{% endif %}}"
        )


blocks.register(CouponBox())
