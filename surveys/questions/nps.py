from django.utils.translation import gettext_lazy as _

from surveys.contracts import Scale, questions


class ZeroToTen(Scale):
    """How likely somebody is to recommend, from 0 to 10; NPS is made of it."""

    key = "nps"
    label = _("Recommendation from 0 to 10")
    lowest, highest = 0, 10
    ends = (_("Not at all likely"), _("Very likely"))


questions.register(ZeroToTen())
