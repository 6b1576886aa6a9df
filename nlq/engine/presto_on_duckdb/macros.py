"""The macros of ``macros.sql`` by name, so that a connection gets only those that a query needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_USED = re.compile(r"\bpresto_\w+")


@cache
def macros() -> Mapping[str, str]:
    """The CREATE MACRO statement of every macro."""
    source = (files(__package__) / "macros.sql").read_text()
    found = re.finditer(r"^CREATE MACRO (presto_\w+).*?;$", source, re.DOTALL | re.MULTILINE)
    return {statement[1]: statement[0] for statement in found}


def needed_by(sql: str) -> tuple[str, ...]:
    """Names of the macros that a query calls, those that others call before them."""
    ordered: dict[str, None] = {}

    def add(text: str) -> None:
        for name in dict.fromkeys(_USED.findall(text)):
            if name in macros() and name not in ordered:
                body = macros()[name].split(" AS", 1)[1]
                add(body)
                ordered[name] = None

    add(sql)
    return tuple(ordered)
