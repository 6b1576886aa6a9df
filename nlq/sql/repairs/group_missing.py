"""Outputs that are neither aggregated nor in GROUP BY, beside others that are aggregated."""

from __future__ import annotations

from sqlglot import exp

from nlq.sql.bounds import SETS
from nlq.sql.functions import has_aggregate


def repair(tree: exp.Expr) -> str:
    """Add such an output to GROUP BY: nothing else can have been meant."""
    added: dict[str, None] = {}
    for select in tree.find_all(exp.Select):
        group = select.args.get("group")
        if group and any(isinstance(e, SETS) for e in group.expressions):
            continue
        if group:
            # GROUP BY ALL, which Presto lacks, is every key below.
            group.set("all", None)
        if not group and not any(has_aggregate(e) for e in select.expressions):
            continue
        keys = set(group.expressions) if group else set()
        for output in select.expressions:
            value = output.unalias()
            if has_aggregate(value) or not _loose(value, keys):
                continue
            if value.find(exp.Window, exp.Query):
                continue
            select.group_by(value.copy(), copy=False)
            keys.add(value)
            added[output.alias_or_name] = None
    return f"also grouped by {' and '.join(added)}" if added else ""


def _loose(value: exp.Expr, keys: set[exp.Expr]) -> bool:
    """Whether a column in it stands outside of every key that is grouped by."""
    nodes = value.walk(prune=lambda n: n in keys)
    return any(isinstance(n, exp.Column) and n not in keys for n in nodes)
