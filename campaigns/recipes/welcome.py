"""The welcome series: three mails in the first days after somebody subscribed."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from campaigns.starter_mails import starter_template
from journeys.contracts import Config, Recipe, recipes
from tenants.models import Workspace


class Welcome(Recipe):
    """Thanks at once, the story after two days, a reason to stay after four more."""

    key = "welcome"
    name = gettext_lazy("Welcome new subscribers")
    description = gettext_lazy(
        "Thanks people the moment they confirm, and introduces the business over the first week."
    )
    icon = "hand-heart"
    why = (
        gettext_lazy("Starts when somebody confirms by themselves, never by an import."),
        gettext_lazy("The first mail goes at once: nobody reads you more closely than today."),
        gettext_lazy("The next ones come in the morning of their own time zone."),
        gettext_lazy("Whoever orders within 14 days is done: nobody likes to be courted twice."),
    )

    def build(self, workspace: Workspace, language: str) -> tuple[str, Config]:
        """The series in this language, its templates made when they are not there yet."""
        with override(language):
            name = str(_("Welcome new subscribers"))
            wait = {"at": "09:00", "weekdays": []}
            definition = {
                "entries": [{"kind": "consent_confirmed", "config": {}}],
                "goal": {"event": "order.placed", "then": "exit", "within_days": 14},
                "settings": {"re_entry": "never"},
                "steps": [
                    _mail("w1", "welcome-thanks", language),
                    _step("w2", "wait", {"amount": 2, "unit": "days"}),
                    _step("w3", "wait_until", wait),
                    _mail("w4", "welcome-story", language),
                    _step("w5", "wait", {"amount": 4, "unit": "days"}),
                    _step("w6", "wait_until", wait),
                    _mail("w7", "welcome-stay", language),
                    _step("w8", "add_tag", {"tag": _("welcomed")}),
                ],
            }
        return name, definition


def _step(step_id: str, kind: str, config: Config) -> dict[str, Any]:
    return {"id": step_id, "kind": kind, "config": config}


def _mail(step_id: str, starter: str, language: str) -> dict[str, Any]:
    template = starter_template(key=starter, language=language, now=timezone.now())
    return _step(step_id, "send_email", {"template": str(template.pk), "not_after_hours": 72})


recipes.register(Welcome())
