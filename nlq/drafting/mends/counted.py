"""What is counted: "how many transactions" counts transactions, "how many students" each once."""

from __future__ import annotations

import re

from sqlglot import exp

from nlq.catalog.catalog import Catalog
from nlq.drafting.mends.draft import Mending, free_alias, joined_on, outermost, sources_of
from nlq.retrieval.words import abbreviates, singular, stem, words
from nlq.sql.dialect import LAKE
from nlq.types import JoinEdge, TableDoc

_HOW_MANY = re.compile(
    r"\b(?:how many|number of|count of)\s+(?:(?:different|distinct|unique|the)\s+)?"
    r"(?P<first>\w+)(?:\s+(?P<second>\w+))?",
    re.IGNORECASE,
)


_HOW_OFTEN = re.compile(r"\bhow (?:often|many times)\b", re.IGNORECASE)
_DIFFERENT = re.compile(r"\b(?:different|distinct|unique)\b", re.IGNORECASE)


def mend_how_often(tree: exp.Expr, mending: Mending) -> None:
    """Count each time that something happened, not the different things that it happened to."""
    if not _HOW_OFTEN.search(mending.asked) or _DIFFERENT.search(mending.asked):
        return
    for count in list(tree.find_all(exp.Count)):
        within = count.this
        if isinstance(within, exp.Distinct) and len(within.expressions) == 1:
            count.set("this", within.expressions[0].copy())
            mending.note("each time counted")


def mend_counted(tree: exp.Expr, mending: Mending) -> None:
    """Count rows of the table counted in words: joined where missing, once where repeated."""
    select = outermost(tree)
    sources = sources_of(select, mending.catalog) if select else None
    asked = list(_HOW_MANY.finditer(mending.asked))
    if select is None or not sources or len(asked) != 1 or select.find(exp.Subquery, exp.Window):
        return
    counted = _table(asked[0], mending.catalog)
    if counted is None:
        return
    if counted.name not in {doc.name for doc in sources.values()}:
        _add(select, sources, counted, mending)
    else:
        _once(select, sources, counted, mending)


def _table(asked: re.Match[str], catalog: Catalog) -> TableDoc | None:
    """The only table whose whole name is what is counted."""
    said = [word.lower() for word in asked.groups() if word]
    fitting = [
        doc
        for doc in catalog.tables.values()
        for name in (doc.name.rpartition(".")[2], *doc.synonyms)
        if (parts := words(name)) and _are_called(parts, said[: len(parts)])
    ]
    return fitting[0] if len({doc.name for doc in fitting}) == 1 else None


def _are_called(names: list[str], said: list[str]) -> bool:
    return len(names) == len(said) and all(
        stem(name) == stem(word) or abbreviates(name, singular(word))
        for name, word in zip(names, said, strict=True)
    )


def _add(
    select: exp.Select, sources: dict[str, TableDoc], counted: TableDoc, mending: Mending
) -> None:
    """Join the counted table, whose rows belong to those of one that is there."""
    counts = list(select.find_all(exp.AggFunc))
    if len(counts) != 1 or not isinstance(counts[0], exp.Count):
        return
    if not isinstance(counts[0].this, exp.Star) or select.args.get("group"):
        return
    ways = [
        (alias, edge)
        for alias, doc in sources.items()
        for edge in mending.catalog.joins
        if _leads(edge, counted.name, doc.name)
    ]
    if len(ways) != 1:
        return
    ((alias, edge),) = ways
    new = free_alias(counted.name, list(sources))
    on = joined_on(edge, new, alias)
    select.join(exp.to_table(counted.name, alias=new, dialect=LAKE), on=on, copy=False)
    mending.note(f"rows of {new} counted")


def _leads(edge: JoinEdge, many: str, one: str) -> bool:
    return (edge.left, edge.right, edge.cardinality) == (many, one, "many_to_one")


def _once(
    select: exp.Select, sources: dict[str, TableDoc], counted: TableDoc, mending: Mending
) -> None:
    """Count each row of the counted table once where a joined table repeats it."""
    key = counted.primary_key
    aliases = [alias for alias, doc in sources.items() if doc.name == counted.name]
    if len(key) != 1 or len(aliases) != 1:
        return
    if not any(
        _leads(edge, doc.name, counted.name)
        for doc in sources.values()
        for edge in mending.catalog.joins
    ):
        return
    for count in list(select.find_all(exp.Count)):
        column = count.this
        if not isinstance(column, exp.Column) or column.table.lower() != aliases[0]:
            continue
        if column.name.lower() == key[0].lower():
            count.set("this", exp.Distinct(expressions=[column.copy()]))
            mending.note(f"each of {aliases[0]} counted once")
