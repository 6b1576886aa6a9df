"""Joins that nothing comes of: a table of which no column is used, and that nobody asked about.

Such a join repeats rows, or drops some. A table that the question speaks of is left: it restricts
rows ("customers with an order").
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from nlq.drafting.mends.draft import Mending, conjuncts, sources_of
from nlq.retrieval.words import abbreviates, singular, stem, words
from nlq.types import TableDoc


def mend_idle(tree: exp.Expr, mending: Mending) -> None:
    """Leave out of every SELECT the joined tables that neither it nor the question uses."""
    for select in list(tree.find_all(exp.Select)):
        sources = sources_of(select, mending.catalog)
        if not sources or any(shown.is_star for shown in select.expressions):
            continue
        aggregates = list(select.find_all(exp.AggFunc))
        if aggregates and not any(each.find(exp.Column) for each in aggregates):
            # Rows are counted, perhaps those of the table that is joined.
            told = [doc for doc in sources.values() if _is_spoken_of(doc, (), mending.asked)]
            if len(told) < 2:
                continue
        while idle := _idle(select, sources, mending):
            joins = [j for j in select.args["joins"] if j.this.alias_or_name.lower() != idle]
            select.set("joins", joins)
            mending.note(f"without {idle}, of which nothing is asked")
            del sources[idle]


def _idle(select: exp.Select, sources: dict[str, TableDoc], mending: Mending) -> str:
    """The alias of a joined table that can be left out; empty where there is none."""
    for join in select.args.get("joins") or ():
        alias = str(join.this.alias_or_name.lower())
        doc = sources.get(alias)
        own = set(map(id, (join.args.get("on") or exp.true()).find_all(exp.Column)))
        if doc is None or join.args.get("using") or not own:
            continue
        rest = [column for column in select.find_all(exp.Column) if id(column) not in own]
        if any(_may_be_of(column, alias, doc, sources) for column in rest):
            continue
        if any(not _links(each) for each in conjuncts(join.args["on"])):
            continue
        others = [other for name, other in sources.items() if name != alias]
        if not _is_spoken_of(doc, others, mending.asked):
            return alias
    return ""


def _may_be_of(column: exp.Column, alias: str, doc: TableDoc, sources: dict[str, TableDoc]) -> bool:
    if column.table:
        return column.table.lower() == alias
    having = [other for other, each in sources.items() if each.column(column.name) is not None]
    return alias in having or (not having and doc.column(column.name) is not None)


def _links(condition: exp.Expr) -> bool:
    sides = (condition.this, condition.expression) if isinstance(condition, exp.EQ) else ()
    return bool(sides) and all(isinstance(side, exp.Column) for side in sides)


def _is_spoken_of(doc: TableDoc, others: Sequence[TableDoc], asked: str) -> bool:
    """Whether the question has a word of its name that none of the other tables' names ends in."""
    said = words(asked)
    told = {stem(word) for word in said}
    beside = {name for other in others for name in _called(other)}
    own = {each for each in _called(doc) if not any(name.endswith(each) for name in beside)}
    return any(stem(name) in told or any(abbreviates(name, word) for word in said) for name in own)


def _called(doc: TableDoc) -> set[str]:
    names = (doc.name.rpartition(".")[2], *doc.synonyms)
    return {singular(part) for name in names for part in words(name)}
