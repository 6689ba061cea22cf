"""The folders and settings that every program of an installation on this machine shares."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from devstack.problems import Problem

CHECKOUT = Path(__file__).resolve().parents[1]
# Tests need a key, and nothing that they sign is worth anything.
TEST_SECRET_KEY = "tests-sign-only-what-tests-read-and-forget-it-right-after-that"  # noqa: S105


def var_folder(environment: Mapping[str, str]) -> Path:
    """Where everything that is written goes: VIAGGIO_VAR, or `var` in the checkout."""
    folder = CHECKOUT / environment.get("VIAGGIO_VAR", "var")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Problem(
            f"The folder {folder} cannot be made ({error.strerror}). "
            "Choose another with VIAGGIO_VAR."
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Problem(
            f"The folder {folder} cannot be written. It may belong to another user: "
            "start as that user, or choose another folder with VIAGGIO_VAR."
        )
    return folder


def secret_key(var: Path) -> str:
    """This installation's secret, made at the first start and readable by its owner alone."""
    path = var / "secret_key"
    try:
        kept = path.read_text().strip() if path.exists() else ""
        if kept:
            return kept
        made = secrets.token_urlsafe(50)
        beside = path.with_suffix(".new")
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(made)
        beside.replace(path)  # whole or not there: half a key would sign too
    except PermissionError as error:
        raise Problem(
            f"{path} belongs to another user. Start as that user, "
            "or choose another folder with VIAGGIO_VAR."
        ) from error
    return made


def common_settings(environment: Mapping[str, str], var: Path) -> dict[str, str]:
    """What programs on this machine are told, unless the caller's environment says otherwise."""
    ours = {"VIAGGIO_BASE_DOMAIN": "localhost", "VIAGGIO_LOCAL": "1", "PYTHONUNBUFFERED": "1"}
    if os.geteuid() == 0:
        # Celery warns root of pickled tasks at length; ours are JSON.
        ours["PYTHONWARNINGS"] = "ignore:You're running the worker with superuser privileges"
    return {**ours, **environment, "VIAGGIO_VAR": str(var)}
