"""Become another program that the kernel stops when our parent dies, however the parent died.

Run by path, without the site module, so that it costs 15 ms and needs no environment:
``python -I -S tether.py SIGNAL PARENT PROGRAM [ARGUMENT ...]``. A program of its own rather than
a ``preexec_fn``, because forking with Python code is unsafe (and warned about) beside threads.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def become(signal_number: int, parent: int, command: list[str]) -> None:
    """Replace this process by `command`; returns never, leaves at once if the parent is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit(1)  # the parent died before the request above: nobody would stop us
    # A shell starts background jobs with SIGINT ignored, and that is inherited.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    become(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
