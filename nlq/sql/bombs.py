"""The rule against calls that make much out of nothing: sequences, repetition, padding."""

from __future__ import annotations

import re

from sqlglot import exp

from nlq.errors import GuardRefused
from nlq.sql.bounds import sequence_length
from nlq.sql.limits import Limits
from nlq.sql.values import whole_number

_WIDTH = re.compile(r"\d{4,}")


def check_bombs(tree: exp.Expr, limits: Limits) -> None:
    """Refuse calls whose result is not provably small; raises ``GuardRefused``."""
    for node in tree.walk():
        if isinstance(node, exp.GenerateSeries):
            _check("sequence", sequence_length(node), limits)
        elif isinstance(node, exp.Repeat):
            _check("repeat", whole_number(node.args.get("times")), limits)
        elif isinstance(node, exp.Pad):
            _check("lpad or rpad", whole_number(node.expression), limits)
        elif isinstance(node, exp.Anonymous) and node.name.lower() == "combinations":
            size = whole_number(node.expressions[1]) if len(node.expressions) > 1 else None
            _check("combinations", None if size is None else 10**size, limits)
        elif isinstance(node, exp.Format) and not _plain_format(node):
            _check("format", None, limits)


def _check(name: str, size: int | None, limits: Limits) -> None:
    if size is not None and size <= limits.max_small_rows:
        return
    made = "an unknown number of" if size is None else f"{size:,}"
    raise GuardRefused(
        "unbounded-call",
        f"{name} makes {made} values; at most {limits.max_small_rows:,} are allowed.",
        hint=f"Give {name} literal bounds that are near each other.",
    )


def _plain_format(node: exp.Format) -> bool:
    return isinstance(node.this, exp.Literal) and not _WIDTH.search(node.this.name)
