#!/bin/sh
# Makes the virtual environment .venv with a Python of version 3.11 or newer; prints one line.
# Usage: scripts/make_venv.sh FOLDER      (PYTHON names another interpreter)
set -eu
folder=$1

fits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

if [ -n "${PYTHON:-}" ]; then
    candidates=$PYTHON
else
    candidates="python3.11 python3.12 python3.13 python3 python"
fi
found=
for each in $candidates; do
    if command -v "$each" >/dev/null && fits "$each"; then
        found=$each
        break
    fi
done
if [ -z "$found" ]; then
    echo "make: Python 3.11 or newer is needed; install it, or name it: make PYTHON=/path/to/python3" >&2
    exit 1
fi

free_kb=$(df -Pk . | awk 'NR == 2 {print $4}')
if [ "$free_kb" -lt 5000000 ]; then
    echo "make: only $((free_kb / 1000)) MB are free here; packages, model and lake take 5000 MB" >&2
    exit 1
fi

if ! "$found" -m venv "$folder" >/dev/null 2>&1; then
    rm -rf "$folder"
    # Debian keeps ensurepip in a package of its own.
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing python3-venv"
        apt-get update -qq >/dev/null && apt-get install -y -qq python3-venv >/dev/null 2>&1 || true
    fi
    if ! "$found" -m venv "$folder" >/dev/null 2>&1; then
        rm -rf "$folder"
        echo "make: $found cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2
        exit 1
    fi
fi
echo "Made $folder with $("$found" --version)"
