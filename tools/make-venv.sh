#!/bin/sh
# Makes the virtual environment with the first Python >= 3.11 that can: make-venv.sh FOLDER
set -eu
folder=$1
first= clear=

fits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

may_install() { command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

for python in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
    fits "$python" || continue
    "$python" -m venv $clear "$folder" >/dev/null 2>&1 && exit 0
    first=${first:-$python} clear=--clear
done
if [ -z "$first" ]; then
    echo "callcenter: no Python >= 3.11 found; name one with: make PYTHON=/path/to/python3 ..." >&2
    exit 1
fi
# Debian keeps the venv module's pip in a package of its own.
if may_install; then
    echo "installing python3-venv ..."
    as_root apt-get update -qq && as_root apt-get install -y -qq python3-venv >/dev/null
    "$first" -m venv $clear "$folder" && exit 0
fi
echo "callcenter: $first cannot make a virtual environment; install it with: apt install python3-venv" >&2
exit 1
