"""A database and a broker for as long as one command runs: tests, checks, benchmarks."""

import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from devstack import surroundings
from devstack.interrupts import Interrupts, StopRequested
from devstack.outside import require_broker, require_database
from devstack.postgres import EmbeddedPostgres
from devstack.problems import Problem
from devstack.servers import tethered
from devstack.valkey import EmbeddedValkey


def run_with_servers(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command in the checkout, with servers of its own; its exit code.

    TEST_DATABASE_URL and TEST_CELERY_BROKER_URL name other servers. DATABASE_URL and
    CELERY_BROKER_URL are not heeded: tests empty what they are given.
    """
    program = shutil.which(command[0])
    if program is None:
        raise Problem(f"There is no program called {command[0]}.")
    words = tethered([program, *command[1:]], signal.SIGTERM)
    with Interrupts() as interrupts, ExitStack() as stack:
        try:
            settings = _surround(environment, stack)
            # In our process group, unlike servers: it may be a debugger that reads the terminal.
            process = subprocess.Popen(words, cwd=surroundings.CHECKOUT, env=settings)
            stack.callback(_end, process, interrupts)
            code = process.wait()
        except StopRequested as asked:
            return 128 + asked.by
        finally:
            interrupts.quiet()
    return code if code >= 0 else 128 - code


def _end(process: subprocess.Popen[bytes], interrupts: Interrupts) -> None:
    """Wait for it; a Ctrl-C in the terminal reached it as well, any other wish only us."""
    if process.poll() is None and interrupts.last != signal.SIGINT:
        process.terminate()
    process.wait()


def _surround(environment: Mapping[str, str], stack: ExitStack) -> dict[str, str]:
    # A folder of its own, so that nothing a test does can touch what `make run` keeps.
    var = surroundings.var_folder(environment) / "test"
    settings = surroundings.common_settings(environment, var)
    settings["VIAGGIO_SECRET_KEY"] = surroundings.TEST_SECRET_KEY
    if given := environment.get("TEST_DATABASE_URL"):
        require_database(given)
        settings["DATABASE_URL"] = given
    else:
        server = EmbeddedPostgres(var / "postgres", fsync=False)
        settings["DATABASE_URL"] = stack.enter_context(server).url
    if given := environment.get("TEST_CELERY_BROKER_URL"):
        require_broker(given)
        settings["CELERY_BROKER_URL"] = given
    else:
        settings["CELERY_BROKER_URL"] = stack.enter_context(EmbeddedValkey(var / "valkey")).url
    return settings
