#!/bin/sh
# Makes .venv and puts the locked packages into it, unless they are there: `setup.sh [test]`.
# Needs a Python of 3.11 or later and a POSIX shell, nothing else.
set -eu
cd "$(dirname "$0")/.."
python=.venv/bin/python

say() { printf '%s\n' "$*" >&2; }

# Asked by running it: a name on the path may be a shim without a Python behind it.
recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
complete() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

find_interpreter() {
    without_venv=
    for candidate in ${VIAGGIO_PYTHON:-python3.13 python3.12 python3.11 python3 python3.14}; do
        recent "$candidate" || continue
        if complete "$candidate"; then
            printf '%s' "$candidate"
            return
        fi
        without_venv=${without_venv:-$candidate}
    done
    if [ -n "$without_venv" ]; then
        say "$without_venv lacks its venv module. Install it, on Debian and Ubuntu with:" \
            "sudo apt install python3-venv"
    elif [ -n "${VIAGGIO_PYTHON:-}" ]; then
        say "VIAGGIO_PYTHON names “$VIAGGIO_PYTHON”, which is no Python of 3.11 or later." \
            "Correct or unset it."
    else
        say "Viaggio needs Python 3.11 or later, and none was found. Install it, on Debian and" \
            "Ubuntu with: sudo apt install python3 python3-venv"
    fi
    return 1
}

if [ -L .venv ] && recent $python; then
    exit 0 # a link to an environment that somebody else looks after
fi
if ! recent $python; then
    interpreter=$(find_interpreter)
    say "Making .venv with $("$interpreter" --version)."
    "$interpreter" -m venv --clear .venv || {
        say "Making .venv failed. Correct what stands above, then run the same command again."
        exit 1
    }
fi
exec $python -I devstack/install.py "$@"
