from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.contracts import Block, Look, blocks
from campaigns.plain_text import text_of
from campaigns.raw_html import sanitised


class HtmlForm(forms.Form):
    """HTML written by hand."""

    html = forms.CharField(label=_("HTML"), max_length=100_000, widget=forms.Textarea)


class Html(Block):
    """HTML written by hand; scripts, frames and forms are left out."""

    key = "html"
    label = _("HTML")
    icon = "code"
    form_class = HtmlForm

    def mjml(self, settings: dict[str, Any], look: Look) -> str:
        return (
            f'<mj-text css-class="vg-text" color="{look.text}" font-size="16px" '
            f'line-height="25px" padding="8px 32px">'
            f"{look.keep(sanitised(settings['html']))}</mj-text>"
        )

    def text(self, settings: dict[str, Any], look: Look) -> str:
        return text_of(sanitised(settings["html"]), look.link)


blocks.register(Html())
