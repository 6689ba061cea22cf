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
    with Interrupts() as interrupts, ExitStack() as stack:
        try:
            settings = _surround(environment, stack)
            process = subprocess.Popen(
                tethered([program, *command[1:]], signal.SIGTERM),
                cwd=surroundings.CHECKOUT,
                env=settings,
            )
            stack.callback(process.wait)
            return _exit_code(process.wait())
        except StopRequested as asked:
            interrupts.quiet()
            # A Ctrl-C in the terminal reached the command as well; others reach us alone.
            if asked.by != signal.SIGINT:
                process.send_signal(asked.by)
            return 128 + asked.by


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


def _exit_code(code: int) -> int:
    return code if code >= 0 else 128 - code
