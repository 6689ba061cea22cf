"""Events and webhook calls that could not be processed."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.attention import Concern, concerns
from events.models import Event, InboundDelivery


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


def _call_words(count: int) -> tuple[str, str]:
    title = ngettext("%(n)s webhook call failed", "%(n)s webhook calls failed", count)
    return title % {"n": count}, _("What it told is not known here yet. You can try again.")


concerns.register(
    Concern(
        "failed_calls",
        "webhook",
        "bad",
        lambda _now: InboundDelivery.objects.filter(state=InboundDelivery.State.FAILED),
        _call_words,
        gettext_lazy("Look"),
        "events:deliveries",
        order=21,
    )
)
