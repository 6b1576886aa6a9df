#!/bin/sh
# Makes sure that there is a Chromium for the browser tests; prints its path.
# Installs Debian's where that is possible; else says on standard error that the tests are skipped.
set -eu

find_it() {
    for name in "${NLQ_CHROMIUM:-}" chromium chromium-browser google-chrome; do
        if [ -n "$name" ] && command -v "$name"; then
            return 0
        fi
    done
    return 1
}

find_it && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the browser tests" >&2
    if apt-get update -qq >/dev/null 2>&1 &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            chromium fonts-liberation >/dev/null 2>&1; then
        find_it && exit 0
    fi
fi
echo "No Chromium here: the browser tests are skipped; install it, or set NLQ_CHROMIUM" >&2
