"""What the Makefile calls: `run`, `beside -- COMMAND`, `test -- ARGUMENTS`, `with -- COMMAND`."""

import os
import sys

from devstack.beside import run_beside
from devstack.problems import Problem
from devstack.run import run
from devstack.throwaway import run_with_servers

USAGE = """\
python -m devstack run               bring Viaggio up in this terminal
python -m devstack beside -- COMMAND run a command with the settings of what is up
python -m devstack test -- [PYTEST ARGUMENTS]
                                     run the tests beside a throw-away database and broker
python -m devstack with -- COMMAND   run any command beside them"""
# Tests that share a costly rig name a group, and a group stays on one process.
PYTEST = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup"]


def main(arguments: list[str]) -> int:
    """Do what the arguments say; the exit code."""
    try:
        match arguments:
            case ["run"]:
                return run(os.environ)
            case ["beside", "--", first, *rest]:
                return run_beside([first, *rest], os.environ)
            case ["test"]:
                return run_with_servers(PYTEST, os.environ)
            case ["test", "--", *rest]:
                return run_with_servers([*PYTEST, *rest], os.environ)
            case ["with", "--", first, *rest]:
                return run_with_servers([first, *rest], os.environ)
    except Problem as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    print(USAGE, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
