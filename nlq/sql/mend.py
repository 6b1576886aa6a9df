"""The dialect repairs in order: a tree enters, the same tree leaves with what changed, in words.

Three rounds: on the text as read (spelling), once the tables are known (names), and once every
expression has its type (types).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sqlglot import exp
from sqlglot.optimizer.annotate_types import annotate_types

from nlq.sql.dialect import LAKE
from nlq.sql.names import base_tables
from nlq.sql.repairs import (
    aggregates_in_where,
    date_parts,
    date_text,
    day_texts,
    fractions,
    group_alias,
    group_missing,
    intervals,
    other_names,
    plain_calls,
    string_quotes,
    text_concat,
    today,
    truth_tests,
    typed_literals,
    whole_days,
)
from nlq.sql.resolve import schema_for
from nlq.types import TableDoc

SPELLING: Final[tuple[Callable[[exp.Expr], str], ...]] = (
    plain_calls.repair,
    date_text.repair,
    date_parts.repair,
    today.repair,
    intervals.repair,
    other_names.repair,
    fractions.repair,
    aggregates_in_where.repair,
    group_alias.repair,
    truth_tests.repair,
)
TYPES: Final[tuple[Callable[[exp.Expr], str], ...]] = (
    typed_literals.repair,
    whole_days.repair,
    text_concat.repair,
    aggregates_in_where.repair,
    group_missing.repair,
)


def mend_spelling(tree: exp.Query) -> list[str]:
    """Repairs that need no catalog; raises ``GuardRefused`` for a call that stays unclear."""
    return [words for repair in SPELLING if (words := repair(tree))]


def mend_names(tree: exp.Query, tables: Mapping[str, TableDoc]) -> list[str]:
    """Repairs that need to know which names there are; the tree's tables are complete."""
    names = {c.name.lower() for t in base_tables(tree) for c in tables[t].columns}
    names |= {node.alias.lower() for node in tree.find_all(exp.Alias, exp.Table, exp.Subquery)}
    names |= {i.name.lower() for a in tree.find_all(exp.TableAlias) for i in a.columns}
    names |= {arg.name.lower() for fn in tree.find_all(exp.Lambda) for arg in fn.expressions}
    words = string_quotes.repair(tree, frozenset(names))
    return [words] if words else []


def mend_types(tree: exp.Query, tables: Mapping[str, TableDoc]) -> tuple[exp.Query, list[str]]:
    """Type the resolved tree and repair it by type; the typed tree and what changed."""
    tree = typed_tree(tree, tables)
    done = [words] if (words := day_texts.repair(tree, tables)) else []
    if done:
        tree = typed_tree(tree, tables)
    done += [words for repair in TYPES if (words := repair(tree))]
    return (typed_tree(tree, tables) if done else tree), done


def typed_tree(tree: exp.Query, tables: Mapping[str, TableDoc]) -> exp.Query:
    """The resolved tree with the type of every expression, as far as it can be told."""
    return annotate_types(tree, schema=schema_for(tree, tables), dialect=LAKE)
