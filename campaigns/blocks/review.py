from html import escape
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.contracts import Block, Look, blocks


class ReviewForm(forms.Form):
    """What is asked above the stars of each product."""

    pictures = forms.BooleanField(label=_("Show pictures"), required=False, initial=True)
    question = forms.CharField(
        label=_("Text above the stars"),
        max_length=120,
        required=False,
        help_text=_("The same for every product."),
    )


class ReviewItems(Block):
    """The products this person was asked to review, five links of stars for each."""

    key = "review"
    label = _("Products to review")
    icon = "star"
    form_class = ReviewForm

    def mjml(self, settings: dict[str, Any], look: Look) -> str:
        picture = (
            '{% if item.image_url != blank %}<img src="{{ item.image_url }}" alt="" width="120" '
            'style="display:block;width:120px;height:auto;border-radius:8px;margin:0 0 8px;">'
            "{% endif %}"
        )
        star = (
            f"display:inline-block;padding:10px 8px;color:{look.accent};font-size:22px;"
            "line-height:24px;text-decoration:none;"
        )
        question = settings["question"]
        asked = f'<p style="margin:0;">{escape(question)}</p>' if question else ""
        inner = (
            '{% for item in review.items %}<div style="margin:0 0 22px;">'
            f"{picture if settings['pictures'] else ''}"
            f'<p style="margin:0 0 4px;font-weight:600;">{{{{ item.name }}}}</p>{asked}'
            '<p style="margin:0;">{% for star in item.stars %}'
            f'<a style="{star}" href="{{{{ star.url }}}}">{{{{ star.n }}}}&#9733;</a>'
            "{% endfor %}</p></div>{% endfor %}"
        )
        return (
            f'<mj-text css-class="vg-text" color="{look.text}" font-size="16px" '
            f'line-height="25px" padding="6px 32px 2px">{look.keep(inner)}</mj-text>'
        )

    def text(self, settings: dict[str, Any], look: Look) -> str:
        return (
            "{% for item in review.items %}{{ item.name }}: "
            f"{look.link('{{ item.url }}')}\n{{% endfor %}}"
        )


blocks.register(ReviewItems())
