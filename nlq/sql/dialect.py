"""The one dialect that SQL is read and written in: Presto as sqlglot knows it."""

from __future__ import annotations

import logging
from typing import Final

from sqlglot import exp
from sqlglot.dialects.presto import Presto
from sqlglot.errors import SqlglotError

# sqlglot warns on standard error about text that the guard refuses by name anyway.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

LAKE: Final = Presto()

BREAKS: Final = (
    SqlglotError,
    AssertionError,
    AttributeError,
    IndexError,
    KeyError,
    TypeError,
    ValueError,
)
"""What sqlglot raises on trees that it did not foresee, besides its own errors."""

_PLACES: Final = frozenset({"line", "col", "start", "end"})


def render(tree: exp.Expr) -> str:
    """Presto SQL on one line."""
    return tree.sql(dialect=LAKE, comments=False)


def forget_places(tree: exp.Expr) -> None:
    """Take away where in the text each name stood.

    Copying a tree takes twenty times as long with them, and trees are copied often.
    """
    for node in tree.walk():
        meta = node._meta
        if meta:
            node._meta = {key: meta[key] for key in meta.keys() - _PLACES} or None
