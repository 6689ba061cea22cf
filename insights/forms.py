"""What is set about attribution."""

from django import forms
from django.utils.translation import gettext_lazy as _

from insights.attribution import DAYS_MOST


class WindowForm(forms.Form):
    """How long after a click an order belongs to it."""

    days = forms.IntegerField(
        label=_("Days after the click"),
        min_value=1,
        max_value=DAYS_MOST,
        help_text=_("Five is a good start. All orders are looked at again when you change it."),
    )
