"""Whether a join repeats rows: a join and what the catalog knows go in, a sentence comes out."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from nlq.answer.lineage import Lineage, conjuncts, read_here
from nlq.sql.bounds import is_one_row
from nlq.types import Cardinality, TableDoc

_Pairs = dict[str, dict[str, str]]
"""By source on the other side: which of its columns equals which column of the joined one."""


def fan_out(lineage: Lineage, scope: Scope, join: exp.Join) -> str:
    """How many rows of the joined source meet one row so far; empty where a join has no ON."""
    name = join.alias_or_name
    here = read_here(scope)
    on = [*conjuncts(join.args.get("on")), *conjuncts(scope.expression.args.get("where"))]
    pairs = _pairs(on, name, here)
    if not pairs:
        return ""
    joined = here.get(name)
    mine = {column for other in pairs.values() for column in other.values()}
    if _is_unique(lineage, joined, mine):
        return "Each row so far meets one row of it at most, so none is repeated."
    known = [_cardinality(lineage, here[other], joined, pairs[other]) for other in pairs]
    if any(c in ("many_to_one", "one_to_one") for c in known):
        return "Each row so far meets one row of it at most, so none is repeated."
    if any(known):
        return (
            "A row so far may meet several rows of it and is repeated for each: sums and counts of "
            "what was read before count it more than once."
        )
    return "The docs do not say how many rows of it one row so far may meet."


def _pairs(conditions: list[exp.Expr], joined: str, here: dict[str, exp.Expr | Scope]) -> _Pairs:
    found: _Pairs = {}
    for term in conditions:
        if not isinstance(term, exp.EQ):
            continue
        left, right = term.left.unnest(), term.right.unnest()
        if not (isinstance(left, exp.Column) and isinstance(right, exp.Column)):
            continue
        if left.table == joined:
            left, right = right, left
        if right.table == joined and left.table in here and left.table != joined:
            found.setdefault(left.table, {})[left.name] = right.name
    return found


def _is_unique(lineage: Lineage, source: object, columns: set[str]) -> bool:
    """Whether no two rows of a source agree in these columns."""
    if isinstance(source, exp.Table):
        doc = lineage.table(source)
        return bool(doc and doc.primary_key) and columns.issuperset(doc.primary_key if doc else ())
    if not isinstance(source, Scope) or not isinstance(source.expression, exp.Select):
        return False
    select = source.expression
    if is_one_row(select):
        return True
    outputs = {e.alias_or_name: e.unalias() for e in select.selects}
    group = select.args.get("group")
    if group is None or any(v for k, v in group.args.items() if k != "expressions"):
        return bool(select.args.get("distinct")) and columns.issuperset(outputs)
    matched = [outputs[c] for c in columns if c in outputs]
    return all(key in matched for key in group.expressions)


def _cardinality(
    lineage: Lineage, left: exp.Expr | Scope, right: object, pairs: dict[str, str]
) -> Cardinality | None:
    """From a row of ``left``, where the docs know the join on these columns."""
    tables = [_doc(lineage, left), _doc(lineage, right)]
    if tables[0] is None or tables[1] is None:
        return None
    for edge in lineage.catalog.joins:
        for way in (edge, edge.reversed()):
            columns = dict(zip(way.left_columns, way.right_columns, strict=True))
            ends = (way.left, way.right) == (tables[0].name, tables[1].name)
            if ends and columns.items() <= pairs.items():
                return way.cardinality
    return None


def _doc(lineage: Lineage, source: object) -> TableDoc | None:
    return lineage.table(source) if isinstance(source, exp.Table) else None
