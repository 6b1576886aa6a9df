"""The same nested query written several times into one step of WITH."""

from __future__ import annotations

from sqlglot import exp

from nlq.desk.bound import BoundSql
from nlq.desk.rewrites.rewriting import Rewriting
from nlq.sql.dialect import render

_BY_CHANCE = (exp.Rand, exp.Shuffle, exp.TableSample, exp.Uuid)
_SHORTEST = 40
"""Characters from which on a query is worth a name."""


def rewrite(work: Rewriting) -> None:
    """Name the longest nested query that is written more than once."""
    if work.tree.find(*_BY_CHANCE):
        return
    groups: dict[str, list[exp.Subquery]] = {}
    for node in work.tree.find_all(exp.Subquery):
        if isinstance(node.this, exp.Select) and _stands_alone(node.this, work.bound):
            groups.setdefault(render(node.this), []).append(node)
    found = [(sql, nodes) for sql, nodes in groups.items() if len(nodes) > 1]
    if not found:
        return
    sql, nodes = max(found, key=lambda group: len(group[0]))
    if len(sql) < _SHORTEST:
        return
    name = _free_name(work.tree)
    step = nodes[0].this.copy()
    for node in nodes:
        node.replace(_read(node, name))
    steps = work.tree.args.get("with_")
    work.tree = work.tree.with_(name, as_=step, append=True, copy=False)
    if steps is not None:
        # It may read steps that were there before, and the later ones may read it.
        work.tree.args["with_"].set("expressions", _in_order(work.tree.args["with_"].expressions))
    work.say(f'{len(nodes)} copies of one nested query are the step "{name}"')


def _read(node: exp.Subquery, name: str) -> exp.Expr:
    """What reads the step where the nested query stood."""
    if isinstance(node.parent, exp.From | exp.Join):
        table = exp.to_table(name)
        if node.alias:
            table.set("alias", node.args["alias"].copy())
        return table
    inner = exp.select("*").from_(name)
    return exp.Subquery(this=inner)


def _in_order(steps: list[exp.CTE]) -> list[exp.CTE]:
    *before, new = steps
    readers = [
        index
        for index, step in enumerate(before)
        if any(t.name == new.alias and not t.args.get("db") for t in step.find_all(exp.Table))
    ]
    place = min(readers, default=len(before))
    return [*before[:place], new, *before[place:]]


def _stands_alone(query: exp.Select, bound: BoundSql) -> bool:
    """Whether it names nothing of the queries around it, and reads tables of the lake alone."""
    counterpart = bound.counterpart(query)
    if counterpart is None or any(
        not table.args.get("catalog") for table in counterpart.find_all(exp.Table)
    ):
        return False
    inside = {s.alias_or_name for s in counterpart.find_all(exp.Table, exp.Subquery, exp.Unnest)}
    return all(c.table in inside for c in counterpart.find_all(exp.Column) if c.table)


def _free_name(tree: exp.Expr) -> str:
    taken = {n.alias_or_name.lower() for n in tree.find_all(exp.Table, exp.Subquery, exp.CTE)}
    names = ("step", *(f"step_{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)
