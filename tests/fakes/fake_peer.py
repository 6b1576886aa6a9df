"""A peer of a few lines, which talks to the harness as the real ones do.

Run as a script it needs the folder of ``wire.py`` as its argument. The question says what to do.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any


def open_peer(database: dict[str, Any], harness: Any) -> Callable[[str, str], str]:
    """Refuses a database without tables; says what it got as the messages to the model."""
    if not database["tables"]:
        raise ValueError("there are no tables")
    sys.stdout.write("This peer talks while it works.\n")

    def ask(question: str, notes: str) -> str:
        sys.stdout.write("It says so now too.\n")
        if question == "die":
            sys.stderr.write("no memory left\n")
            sys.stderr.flush()
            os._exit(3)
        if question == "hang":
            time.sleep(60)
        if question == "embed":
            return f"SELECT {len(harness.embed(['one', 'two'])[1])} AS n"
        if question == "garble":
            os.write(harness._out.fileno(), b"Traceback!\n")
        if question == "raise":
            raise KeyError("no such thing")
        table = database["tables"][0]
        schema = "\n".join([table["ddl"], *database["glossary"], str(table["rows"])])
        return harness.chat(
            [{"role": "system", "content": schema}, {"role": "user", "content": question + notes}],
            ["STOP"],
        )

    return ask


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    from wire import serve

    serve(open_peer)
