"""What a query does, as plain facts: a resolved tree enters, frozen ``Facts`` leave.

Nothing is decided here; ``nlq.sql.guard`` and its rules decide on facts.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope

from nlq.sql.names import whole_name


@dataclass(frozen=True, slots=True)
class Facts:
    """What a resolved query reads and is made of.

    ``statement`` is ``"select"`` or the set operation's name, ``tables`` are whole names,
    ``columns`` are ``table.column`` of those that are read, both in order of appearance.
    ``functions`` are lower-case names, ``ctes`` those of WITH queries. ``joins`` counts the sources
    past the first of every SELECT, ``depth`` is how many queries are nested in each other.
    """

    statement: str
    tables: tuple[str, ...]
    columns: tuple[str, ...]
    functions: tuple[str, ...]
    ctes: tuple[str, ...]
    joins: int
    depth: int


def analyse(tree: exp.Query) -> Facts:
    """The facts of a resolved tree (``nlq.sql.resolve``)."""
    tables: dict[str, None] = {}
    columns: dict[str, None] = {}
    for scope in traverse_scope(tree):
        for table in scope.tables:
            if table.args.get("catalog"):
                tables[whole_name(table)] = None
        for column in scope.columns:
            source = scope.sources.get(column.table)
            if isinstance(source, exp.Table):
                columns[f"{whole_name(source)}.{column.name.lower()}"] = None
    nodes = list(tree.walk())
    functions = {
        (n.name if isinstance(n, exp.Anonymous) else n.sql_name()).lower(): None
        for n in nodes
        if isinstance(n, exp.Func)
    }
    return Facts(
        statement=type(tree).__name__.lower(),
        tables=tuple(tables),
        columns=tuple(columns),
        functions=tuple(functions),
        ctes=tuple(n.alias for n in nodes if isinstance(n, exp.CTE)),
        joins=sum(isinstance(n, exp.Join) for n in nodes),
        depth=_depth(tree),
    )


def _depth(tree: exp.Query) -> int:
    def levels(node: exp.Expr) -> int:
        count = 0
        parent = node.parent
        while parent is not None:
            count += isinstance(parent, exp.Select)
            parent = parent.parent
        return count + 1

    return max((levels(select) for select in tree.find_all(exp.Select)), default=1)
