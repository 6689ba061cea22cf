from html import escape
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.contracts import Block, Look, blocks


class CouponForm(forms.Form):
    """The conditions in small print."""

    terms = forms.CharField(
        label=_("Terms"),
        max_length=500,
        required=False,
        widget=forms.Textarea,
        help_text=_("Such as: not on gift cards. Until when it holds is told by itself."),
    )


class CouponBox(Block):
    """The reader's own code, what it gives and until when; nothing for a reader without one."""

    key = "coupon"
    label = _("Coupon")
    icon = "ticket-percent"
    form_class = CouponForm

    def mjml(self, settings: dict[str, Any], look: Look) -> str:
        terms = (
            f'<p style="margin:8px 0 0;color:{look.muted};font-size:13px;line-height:19px;">'
            f"{escape(settings['terms'])}</p>"
            if settings["terms"]
            else ""
        )
        inner = (
            f'{{% if coupon %}}<div style="border:2px dashed {look.solid};border-radius:12px;'
            'padding:18px;text-align:center;margin:0 0 10px;">'
            '<p style="margin:0 0 6px;font-weight:600;">{{ coupon.value_text }}</p>'
            '<p style="margin:0;font-family:monospace;font-size:22px;line-height:30px;'
            'letter-spacing:0.05em;overflow-wrap:anywhere;"><b>{{ coupon.code }}</b></p>'
            f'{{% if coupon.expires_text %}}<p style="margin:6px 0 0;color:{look.muted};'
            f'font-size:14px;">{_until()}</p>{{% endif %}}{terms}</div>{{% endif %}}'
        )
        return (
            f'<mj-text css-class="vg-text" color="{look.text}" font-size="16px" '
            f'line-height="24px" padding="6px 32px 2px">{look.keep(inner)}</mj-text>'
        )

    def text(self, settings: dict[str, Any], look: Look) -> str:
        terms = f"\n{settings['terms']}" if settings["terms"] else ""
        return (
            "{% if coupon %}{{ coupon.value_text }}: {{ coupon.code }}"
            f"{{% if coupon.expires_text %}}\n{_until()}{{% endif %}}{terms}{{% endif %}}"
        )


def _until() -> str:
    """In the language of the mail."""
    return gettext("Valid until %(day)s") % {"day": "{{ coupon.expires_text }}"}


blocks.register(CouponBox())
