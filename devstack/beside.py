"""Run a command beside the product that is up, with what its programs were told."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from devstack import surroundings
from devstack.problems import Problem

# What a command needs to be one of the installation's programs.
TOLD = (
    "CELERY_BROKER_URL",
    "DATABASE_URL",
    "EMAIL_URL",
    "VIAGGIO_BASE_DOMAIN",
    "VIAGGIO_LOCAL",
    "VIAGGIO_MAIL_PORT",
    "VIAGGIO_PORT",
    "VIAGGIO_SECRET_KEY",
    "VIAGGIO_VAR",
)


def note_settings(var: Path, settings: Mapping[str, str]) -> Path:
    """Write down what the programs are told, readable by their owner alone; where."""
    path = var / "running.json"
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({name: settings[name] for name in TOLD if name in settings}, file)
    return path


def run_beside(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """The exit code of the command; raises Problem when the product is not up."""
    path = surroundings.var_folder(environment) / "running.json"
    try:
        told = json.loads(path.read_text())
    except (OSError, ValueError):
        raise Problem("Viaggio is not running here. Start it first: make run") from None
    return subprocess.run(command, env={**environment, **told}, check=False).returncode
