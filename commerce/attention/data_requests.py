"""What customers of shops ask to be done with their data."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from commerce.models import DataRequest
from core.attention import Concern, concerns


def _words(count: int) -> tuple[str, str]:
    title = ngettext(
        "%(n)s request about personal data", "%(n)s requests about personal data", count
    )
    return title % {"n": count}, _("A shop has passed it on. The law gives you 30 days to answer.")


concerns.register(
    Concern(
        "data_requests",
        "shield-alert",
        "warn",
        lambda _now: DataRequest.objects.filter(done_at=None),
        _words,
        gettext_lazy("Look"),
        "commerce:shops",
        order=30,
    )
)
