"""Asks a PrestoDB server for the answers to the cases of files, and writes them there.

Run by hand: ``python tests/engine/record_presto.py http://127.0.0.1:8080 FILE...``. The session's
zone is UTC.
"""

from __future__ import annotations

import json
import sys
import urllib.request
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from cases import comparable, comparable_types, read

_HEADERS = {"X-Presto-User": "recorder", "X-Presto-Time-Zone": "UTC"}


def main() -> None:
    server, *files = sys.argv[1:]
    for file in map(Path, files):
        cases = list(read(file))
        notes = [line for line in file.read_text().splitlines() if line.startswith("--")]
        told = [f"{case.text}\n{answer(server, case.sql)}" for case in cases]
        file.write_text("\n".join([*notes, *told]) + "\n")
        print(file.name, len(cases))  # noqa: T201 (a tool for the terminal)


def answer(server: str, sql: str) -> str:
    """The lines that stand below a case."""
    reply = _ask(f"{server}/v1/statement", sql.encode())
    columns: list[dict[str, Any]] = []
    rows: list[list[object]] = []
    while True:
        columns = reply.get("columns", columns)
        rows += reply.get("data", [])
        if failed := reply.get("error"):
            message = failed["message"].splitlines()[0]
            return f"! {failed['errorName']}: {message}"
        if "nextUri" not in reply:
            break
        reply = _ask(reply["nextUri"], None)
    types = comparable_types([column["type"] for column in columns])
    shown = (
        json.dumps([_value(v, t) for v, t in zip(row, types, strict=True)], ensure_ascii=False)
        for row in rows
    )
    return "\n".join(["= " + "; ".join(types), *shown])


def _ask(url: str, body: bytes | None) -> dict[str, Any]:
    request = urllib.request.Request(url, body, _HEADERS)
    with urllib.request.urlopen(request) as response:
        reply: dict[str, Any] = json.load(response)
        return reply


def _value(value: object, kind: str) -> object:
    """A value as ``comparable`` gives it; PrestoDB sends nested ones as JSON text."""
    if isinstance(value, str) and kind.startswith(("array(", "map(", "row(")):
        return _nested(json.loads(value), kind)
    if kind in ("double", "real"):
        return comparable(float(value), kind) if isinstance(value, int | float) else value
    return comparable(value, kind)


def _nested(value: object, kind: str) -> object:
    match value:
        case dict():
            inner = _inside(kind)[1]
            return {key: _value(item, inner) for key, item in sorted(value.items())}
        case list() if kind.startswith("row("):
            return [_value(v, _of_field(k)) for v, k in zip(value, _inside(kind), strict=True)]
        case list():
            return [_value(item, _inside(kind)[0]) for item in value]
    return value


def _inside(kind: str) -> list[str]:
    """The types inside ``array(...)``, ``map(...)`` or ``row(...)``."""
    parts, depth = [""], 0
    for char in kind[kind.index("(") + 1 : -1]:
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def _of_field(text: str) -> str:
    """The type of a row's field, which a name may stand before."""
    name, _, kind = text.partition(" ")
    return kind if kind and "(" not in name else text


if __name__ == "__main__":
    main()
