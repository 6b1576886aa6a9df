"""The rules on a resolved query: its facts enter, a refusal is raised or nothing happens."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope

from nlq.errors import GuardRefused
from nlq.sql.bombs import check_bombs
from nlq.sql.facts import Facts
from nlq.sql.joins import check_joins
from nlq.sql.limits import Limits
from nlq.sql.names import whole_name
from nlq.sql.partitions import check_partitions
from nlq.types import TableDoc


def check_rules(
    tree: exp.Query, facts: Facts, tables: Mapping[str, TableDoc], limits: Limits
) -> None:
    """Refuse what costs too much, by rule; raises ``GuardRefused``."""
    if facts.joins > limits.max_joins:
        raise GuardRefused(
            "too-many-joins",
            f"The SQL joins {facts.joins} times; at most {limits.max_joins} are allowed.",
            hint="Leave out tables whose columns are not needed.",
        )
    check_bombs(tree, limits)
    scanned: set[int] = set()
    for scope in traverse_scope(tree):
        if not isinstance(scope.expression, exp.Select):
            continue
        check_joins(scope, tables, limits)
        for name, (_, source) in scope.selected_sources.items():
            if isinstance(source, exp.Table):
                check_partitions(scope, name, tables[whole_name(source)], limits)
                scanned.add(id(source))
    if any(t.args.get("catalog") and id(t) not in scanned for t in tree.find_all(exp.Table)):
        raise GuardRefused(
            "not-understood", "A table is read in a way that is not understood, so it is not run."
        )
