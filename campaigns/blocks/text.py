from typing import Any

import nh3
from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.block_fields import AlignField
from campaigns.contracts import Block, Look, blocks
from campaigns.plain_text import text_of

TAGS = {
    "p",
    "br",
    "strong",
    "b",
    "em",
    "i",
    "u",
    "s",
    "a",
    "ul",
    "ol",
    "li",
    "blockquote",
    "h2",
    "h3",
}
ATTRIBUTES = {"a": {"href", "title"}}
# Wider than what a mail may hold: the compiler drops a dangerous link itself, with a warning.
SCHEMES = {"http", "https", "mailto", "tel"}
STYLES = {
    "p": "margin:0 0 14px;",
    "ul": "margin:0 0 14px;padding:0 0 0 22px;",
    "ol": "margin:0 0 14px;padding:0 0 0 22px;",
    "li": "margin:0 0 6px;",
    "h2": "margin:0 0 10px;font-size:20px;line-height:26px;",
    "h3": "margin:0 0 8px;font-size:17px;line-height:24px;",
    "blockquote": "margin:0 0 14px;padding:0 0 0 14px;border-left:3px solid {line};",
}


class TextForm(forms.Form):
    """Paragraphs with bold, italics, lists and links."""

    html = forms.CharField(label=_("Text"), max_length=50_000, widget=forms.Textarea)
    align = AlignField(initial="left")


class Text(Block):
    """Rich text, sanitised."""

    key = "text"
    label = _("Text")
    icon = "type"
    form_class = TextForm

    def mjml(self, settings: dict[str, Any], look: Look) -> str:
        return (
            f'<mj-text css-class="vg-text" align="{settings["align"]}" color="{look.text}" '
            f'font-size="16px" line-height="25px" padding="6px 32px 2px">'
            f"{look.keep(styled(settings['html'], look))}</mj-text>"
        )

    def text(self, settings: dict[str, Any], look: Look) -> str:
        return text_of(sanitised(settings["html"]), look.link)


def sanitised(html: str) -> str:
    """The same text with nothing in it but paragraphs, emphasis, lists and links."""
    cleaned: str = nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=None
    )
    return cleaned if "<p" in cleaned or "<ul" in cleaned else f"<p>{cleaned}</p>"


def styled(html: str, look: Look) -> str:
    """Sanitised text with its styles on the tags, for mail programs that drop style sheets."""
    cleaned = sanitised(html)
    for tag, style in STYLES.items():
        cleaned = cleaned.replace(f"<{tag}>", f'<{tag} style="{style.format(line=look.line)}">')
    return cleaned.replace("<a ", f'<a style="color:{look.accent};text-decoration:underline;" ')


blocks.register(Text())
