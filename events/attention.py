"""Events that could not be processed."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.attention import Concern, concerns
from events.models import Event


def _words(count: int) -> tuple[str, str]:
    title = ngettext("%(n)s event failed", "%(n)s events failed", count) % {"n": count}
    return title, _("What should have followed has not happened. You can try again.")


concerns.register(
    Concern(
        "failed_events",
        "zap-off",
        "bad",
        lambda _now: Event.objects.filter(state=Event.State.FAILED),
        _words,
        gettext_lazy("Look"),
        "events:failed",
        order=20,
    )
)
