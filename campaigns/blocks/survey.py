from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.contracts import Block, Look, blocks


class SurveyForm(forms.Form):
    """The survey itself is chosen by the step before the mail."""

    ends = forms.BooleanField(
        label=_("Say what the two ends of a scale mean"), required=False, initial=True
    )


class SurveyScale(Block):
    """The first question of the survey this person was asked, a link for each answer."""

    key = "survey"
    label = _("Survey question")
    icon = "message-circle-question-mark"
    form_class = SurveyForm

    def mjml(self, settings: dict[str, Any], look: Look) -> str:
        link = (
            f"display:inline-block;margin:0 6px 8px 0;padding:12px 16px;border-radius:8px;"
            f"border:1px solid {look.accent};color:{look.accent};font-weight:600;"
            f"text-decoration:none;"
        )
        ends = (
            "{% if survey.lowest != blank %}"
            f'<p style="margin:0 0 14px;font-size:14px;color:{look.muted};">'
            "{{ survey.scale.first.label }} = {{ survey.lowest }}, "
            "{{ survey.scale.last.label }} = {{ survey.highest }}</p>{% endif %}"
        )
        inner = (
            '<p style="margin:0 0 14px;font-weight:600;">{{ survey.question }}</p>'
            '<p style="margin:0 0 6px;">{% for answer in survey.scale %}'
            f'<a style="{link}" href="{{{{ answer.url }}}}">{{{{ answer.label }}}}</a> '
            "{% endfor %}</p>" + (ends if settings["ends"] else "")
        )
        return (
            f'<mj-text css-class="vg-text" color="{look.text}" font-size="16px" '
            f'line-height="25px" padding="6px 32px 2px">'
            f"{look.keep('{% if survey %}' + inner + '{% endif %}')}</mj-text>"
        )

    def text(self, settings: dict[str, Any], look: Look) -> str:
        return (
            "{% if survey %}{{ survey.question }}\n"
            "{% for answer in survey.scale %}"
            f"{{{{ answer.label }}}}: {look.link('{{ answer.url }}')}\n"
            "{% endfor %}{% endif %}"
        )


blocks.register(SurveyScale())
