from html import escape
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.contracts import Block, Look, blocks


class FooterForm(forms.Form):
    """Why this mail came; the address always stands, the links in all but requested mail."""

    reason = forms.CharField(
        label=_("Why people get this"), max_length=300, required=False, widget=forms.Textarea
    )
    links = forms.ChoiceField(
        label=_("Links"),
        choices=[
            ("all", _("Unsubscribe, preferences, view in the browser")),
            ("none", _("None: for a mail the person asked for a moment ago")),
        ],
        required=False,
    )


class Footer(Block):
    """Who sends this, from where, and how to get less of it."""

    key = "footer"
    label = _("Footer")
    icon = "panel-bottom"
    form_class = FooterForm
    is_section = True

    def mjml(self, settings: dict[str, Any], look: Look) -> str:
        link = f'<a style="color:{look.muted};text-decoration:underline;white-space:nowrap;" href='
        links = " &middot; ".join(
            f'{link}"{address}">{escape(label)}</a>' for label, address in _links(settings)
        )
        lines = [escape(line) for line in _lines(settings, look)]
        inner = "<br>".join(line for line in (*lines, links) if line)
        return (
            '<mj-section css-class="vg-footer" padding="20px 0 28px"><mj-column>'
            f'<mj-text align="center" color="{look.muted}" font-size="13px" line-height="21px" '
            f'padding="0 32px">{look.keep(inner)}</mj-text></mj-column></mj-section>'
        )

    def text(self, settings: dict[str, Any], look: Look) -> str:
        links = [f"{label}: {look.link(address)}" for label, address in _links(settings)]
        return "\n".join(["-- ", *_lines(settings, look), *links])


def _links(settings: dict[str, Any]) -> list[tuple[str, str]]:
    if settings["links"] == "none":
        return []
    return [
        (gettext("Unsubscribe"), "{{ unsubscribe_url }}"),
        (gettext("Preferences"), "{{ preferences_url }}"),
        (gettext("View in the browser"), "{{ view_url }}"),
    ]


def _lines(settings: dict[str, Any], look: Look) -> list[str]:
    who = " · ".join(part for part in (look.brand.name, look.brand.address) if part)
    return [line for line in (settings["reason"], who) if line]


blocks.register(Footer())
