"""A command beside the running product is told what its programs are told."""

import sys
from pathlib import Path

import pytest

from devstack.beside import note_settings, run_beside
from devstack.problems import Problem


def test_a_command_gets_the_settings_of_what_runs(tmp_path: Path):
    # given a product that is up, and more in its settings than a command needs
    settings = {"DATABASE_URL": "postgres:///up", "VIAGGIO_LOCAL": "1", "HOME": "/nowhere"}
    path = note_settings(tmp_path, settings)
    assert path.stat().st_mode & 0o077 == 0
    # when a command runs beside it
    told = tmp_path / "told"
    code = f"import os; open({str(told)!r}, 'w').write(os.environ['DATABASE_URL']); exit(7)"
    environment = {"VIAGGIO_VAR": str(tmp_path), "DATABASE_URL": "postgres:///mine"}
    # then it has the product's, and its exit code comes back
    assert run_beside([sys.executable, "-c", code], environment) == 7
    assert told.read_text() == "postgres:///up"


def test_without_a_product_it_says_what_to_do(tmp_path: Path):
    with pytest.raises(Problem, match="make run"):
        run_beside([sys.executable, "-c", ""], {"VIAGGIO_VAR": str(tmp_path)})
