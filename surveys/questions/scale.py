from django.utils.translation import gettext_lazy as _

from surveys.contracts import Scale, questions


class OneToFive(Scale):
    """How happy somebody is, from 1 to 5; CSAT counts the 4s and 5s."""

    key = "scale"
    label = _("Scale from 1 to 5")
    lowest, highest = 1, 5
    ends = (_("Not at all happy"), _("Very happy"))


questions.register(OneToFive())
