"""What a step is set to, or the ways into the journey, in words."""

from typing import Any

from django.utils.translation import gettext as _

from journeys.config_words import settings_in_words
from journeys.contracts import ReportPanel, ReportScope, report_panels
from journeys.tree import entry_words, plugin_of


def _context(scope: ReportScope) -> dict[str, Any] | None:
    node = scope.node
    if node is None:
        words = [(_("Way in"), each) for each in entry_words(scope.definition)]
    else:
        plugin = plugin_of(node.kind)
        words = settings_in_words(plugin, node.config) if plugin else []
    note = node.note if node else ""
    return {"words": words, "note": note} if words or note else None


report_panels.register(
    ReportPanel("settings", "journeys/panels/_settings.html", lambda _scope: True, _context, 90)
)
