"""Put the locked packages into the virtual environment that runs this, unless they are there.

Run by path, with nothing installed yet: `python -I install.py [test]`.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
RUN = "requirements.txt"
TEST = "requirements-dev.txt"  # a superset of the other
# pip's settings by uv's names, so that a machine's mirror serves both.
UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}


class Environment:
    """The virtual environment and the note in it of what it holds."""

    def __init__(self, folder: Path, requirements: Path) -> None:
        self.folder = folder
        self.requirements = requirements
        self.stamp = folder / "viaggio-packages"

    def wanted(self, *, for_tests: bool) -> str | None:
        """The file to install, None when what is there will do.

        An environment made for tests stays one: `make run` after `make test` removes nothing.
        """
        held = self.stamp.read_text() if self.stamp.exists() else ""
        name = TEST if for_tests or held.startswith(f"{TEST} ") else RUN
        return None if held == self._note(name) else name

    def install(self, name: str) -> bool:
        """Whether the environment holds exactly the file's packages now."""
        self.stamp.unlink(missing_ok=True)  # half an installation is none
        if not (self._sync_with_uv(name) or self._install_with_pip(name)):
            return False
        self.stamp.write_text(self._note(name))
        return True

    def _note(self, name: str) -> str:
        return f"{name} {hashlib.sha256((self.requirements / name).read_bytes()).hexdigest()}"

    def _sync_with_uv(self, name: str) -> bool:
        """False when uv is not to be had here, or fails: it is ten times as fast, no more."""
        if not _runs("uv", "--version") and not _runs("pip", "install", "--quiet", "uv"):
            return False
        arguments = ["pip", "sync", "--quiet", "--require-hashes", "--python", sys.executable]
        # As pip does it: any index may serve a package, since the hash says which one it is.
        arguments += ["--index-strategy", "unsafe-best-match"]
        return _runs("uv", *arguments, str(self.requirements / name), settings=uv_settings())

    def _install_with_pip(self, name: str) -> bool:
        path = str(self.requirements / name)
        return _runs("pip", "install", "--quiet", "--require-hashes", "-r", path, aloud=True)


def uv_settings() -> dict[str, str]:
    """pip's settings of this machine as uv's variables; those that are set already stay."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found: dict[str, str] = {}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        name = UV_NAMES.get(key.rpartition(".")[2])
        if name:
            found[name] = " ".join(value.strip("'\"").split("\\n"))
    if "UV_FIND_LINKS" in found:  # a list at pip, comma-separated at uv
        found["UV_FIND_LINKS"] = ",".join(found["UV_FIND_LINKS"].split())
    return {name: value for name, value in found.items() if name not in os.environ}


def _runs(
    module: str, *arguments: str, settings: dict[str, str] | None = None, aloud: bool = False
) -> bool:
    """Whether the module ends well; what it says is shown only where nothing else is left."""
    command = [sys.executable, "-m", module, *arguments]
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **(settings or {})}
    output = None if aloud else subprocess.DEVNULL
    done = subprocess.run(command, env=environment, stdout=output, stderr=output, check=False)
    return done.returncode == 0


def main(arguments: list[str]) -> int:
    """Install what is missing; the exit code."""
    environment = Environment(Path(sys.prefix), CHECKOUT)
    name = environment.wanted(for_tests=arguments == ["test"])
    if name is None:
        return 0
    if not os.access(environment.folder, os.W_OK):
        print(
            f"{environment.folder} belongs to another user. "
            "Run as that user, or remove the folder: it is made anew.",
            file=sys.stderr,
        )
        return 1
    print(f"Installing the packages of {name}: under a minute, only when they change.", flush=True)
    if environment.install(name):
        return 0
    print(
        "Installing the packages failed, for the reason above. "
        "Check the connection to the internet, then run the same command again.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
