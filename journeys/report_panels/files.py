"""The journey as a whole: its tables as files."""

from typing import Any

from django.utils.translation import gettext as _

from journeys.contracts import ReportPanel, ReportScope, of_journey, report_panels


def _context(scope: ReportScope) -> dict[str, Any]:
    url = scope.file_url
    return {
        "files": [
            (_("By step"), url("steps_file", "")),
            (_("By day"), url("time_file", "day")),
            (_("By week"), url("time_file", "week")),
        ]
    }


report_panels.register(
    ReportPanel("files", "journeys/panels/_files.html", of_journey, _context, order=95)
)
