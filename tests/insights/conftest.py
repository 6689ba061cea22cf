"""Static files by their plain names: nobody collected them for a test."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _static_files_without_hashes(settings: Any, tmp_path: Path) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    settings.STATIC_ROOT = tmp_path
