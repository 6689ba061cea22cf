"""Messages that nobody knows the fate of."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.models import Message
from core.attention import Concern, concerns


def _words(count: int) -> tuple[str, str]:
    title = ngettext("%(n)s message in doubt", "%(n)s messages in doubt", count) % {"n": count}
    return title, _("The connection was cut while sending. Say whether to send again.")


concerns.register(
    Concern(
        "in_doubt",
        "mail-warning",
        "warn",
        lambda _now: Message.objects.filter(status=Message.Status.IN_DOUBT),
        _words,
        gettext_lazy("Look"),
        "campaigns:doubts",
        order=10,
    )
)
