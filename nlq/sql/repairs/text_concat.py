"""``||`` and ``concat`` of text with something else, which Presto refuses."""

from __future__ import annotations

from sqlglot import exp

from nlq.sql.kinds import kind_of


def repair(tree: exp.Expr) -> str:
    """Cast numbers, dates and booleans to text where they are joined with text."""
    done = False
    for node in tree.find_all(exp.DPipe, exp.Concat):
        parts = list(node.flatten()) if isinstance(node, exp.DPipe) else node.expressions
        kinds = [kind_of(part) for part in parts]
        if "text" not in kinds:
            continue
        for part, kind in zip(parts, kinds, strict=True):
            if kind in {"number", "date", "time", "boolean"}:
                part.replace(exp.cast(part.copy(), "varchar"))
                done = True
    return "joined text with other values as text" if done else ""
