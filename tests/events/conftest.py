"""Pages find their static files without having collected them."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _static_files(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
