"""Outputs, or columns in them, that are neither aggregated nor in GROUP BY beside aggregates."""

from __future__ import annotations

from sqlglot import exp

from nlq.sql.bounds import SETS
from nlq.sql.functions import has_aggregate, is_aggregate


def repair(tree: exp.Expr) -> str:
    """Add them to GROUP BY: nothing else can have been meant."""
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
            if value.find(exp.Window, exp.Query) or not _loose(value, keys):
                continue
            for key in _bare(value) if has_aggregate(value) else (value,):
                if key not in keys:
                    select.group_by(key.copy(), copy=False)
                    keys.add(key)
                    added[key.name if has_aggregate(value) else output.alias_or_name] = None
    return f"also grouped by {' and '.join(added)}" if added else ""


def _is_aggregated(node: exp.Expr) -> bool:
    return is_aggregate(node) or isinstance(node, exp.Filter | exp.WithinGroup)


def _bare(value: exp.Expr) -> list[exp.Expr]:
    """The columns beside the aggregates of an output, such as the day in ``min(seen) - day``."""
    nodes = value.walk(prune=lambda n: _is_aggregated(n))
    return [n for n in nodes if isinstance(n, exp.Column)]


def _loose(value: exp.Expr, keys: set[exp.Expr]) -> bool:
    """Whether a column in it stands outside of every key that is grouped by."""
    nodes = value.walk(prune=lambda n: n in keys or _is_aggregated(n))
    return any(isinstance(n, exp.Column) and n not in keys for n in nodes)
