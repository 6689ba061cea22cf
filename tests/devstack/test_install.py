"""Packages are installed when the lock changed, and only then."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from devstack.install import RUN, TEST, Environment

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """An environment whose installations succeed without installing."""
    (tmp_path / RUN).write_text("django==5.2.19\n")
    (tmp_path / TEST).write_text("django==5.2.19\npytest==9.2\n")
    made = Environment(tmp_path, tmp_path)
    monkeypatch.setattr(made, "_sync_with_uv", lambda name: True)
    return made


def test_the_same_lock_is_installed_once(environment: Environment) -> None:
    assert environment.wanted(for_tests=False) == RUN
    assert environment.install(RUN)
    assert environment.wanted(for_tests=False) is None


def test_a_changed_lock_is_installed_again(environment: Environment) -> None:
    environment.install(RUN)
    (environment.requirements / RUN).write_text("django==5.2.20\n")
    assert environment.wanted(for_tests=False) == RUN


def test_running_after_testing_removes_no_test_package(environment: Environment) -> None:
    # given an environment for tests
    environment.install(RUN)
    assert environment.wanted(for_tests=True) == TEST
    environment.install(TEST)

    # then running needs nothing, and after a change it stays an environment for tests
    assert environment.wanted(for_tests=False) is None
    (environment.requirements / TEST).write_text("django==5.2.20\n")
    assert environment.wanted(for_tests=False) == TEST


def test_a_failed_installation_is_not_taken_for_done(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.install(RUN)
    monkeypatch.setattr(environment, "_sync_with_uv", lambda name: False)
    monkeypatch.setattr(environment, "_install_with_pip", lambda name: False)
    assert not environment.install(RUN)
    assert environment.wanted(for_tests=False) == RUN


def set_up(tmp_path: Path, **programs: str) -> "subprocess.CompletedProcess[str]":
    """Run the set-up where the only programs are the given scripts and a few plain tools."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "devstack").mkdir()
    shutil.copy(REPOSITORY / "devstack/setup.sh", tmp_path / "devstack")
    for name, script in programs.items():
        path = tmp_path / "bin" / name.replace("_", ".")
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
    (tmp_path / "bin/dirname").symlink_to(shutil.which("dirname") or "/usr/bin/dirname")
    return subprocess.run(
        ["/bin/sh", str(tmp_path / "devstack/setup.sh")],
        env={"PATH": str(tmp_path / "bin"), "LANG": os.environ.get("LANG", "C.UTF-8")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_machine_without_python_is_told_what_to_install(tmp_path: Path) -> None:
    # given names on the path behind which there is no Python, or an old one
    done = set_up(tmp_path, python3_13="exit 127", python3="exit 1")
    assert done.returncode == 1
    assert done.stderr == (
        "Viaggio needs Python 3.11 or later, and none was found. Install it, on Debian and "
        "Ubuntu with: sudo apt install python3 python3-venv\n"
    )
    assert not (tmp_path / ".venv").exists()


def test_a_python_without_venv_is_told_what_to_install(tmp_path: Path) -> None:
    done = set_up(tmp_path, python3='case "$*" in *ensurepip*) exit 1;; esac')
    assert done.returncode == 1
    assert done.stderr == (
        "python3 lacks its venv module. Install it, on Debian and Ubuntu with: "
        "sudo apt install python3-venv\n"
    )
    assert not (tmp_path / ".venv").exists()
