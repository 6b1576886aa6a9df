"""Splits that a draft left out: "total by payment method" grouped by the day alone."""

from __future__ import annotations

import re

from sqlglot import exp

from nlq.drafting.mends.draft import Mending, outermost, sources_of
from nlq.retrieval.words import stem, words
from nlq.types import TableDoc

_BY = re.compile(
    r"\b(?:(?:split|broken down|grouped|separated|divided) by|by|per|(?:for|of|in) each)\s+"
    r"(?:the\s+|each\s+)?(?P<of>[\w-]+(?:\s+[\w-]+)?)",
    re.IGNORECASE,
)
_ORDERED = re.compile(r"\b(?:order(?:ed)?|sort(?:ed)?|rank(?:ed)?|top \d+|increased?|decreased?)\b")


def mend_splits(tree: exp.Expr, mending: Mending) -> None:
    """Group by a column of the draft's tables that the question splits by in that very name."""
    select = outermost(tree)
    sources = sources_of(select, mending.catalog) if select else None
    if select is None or not sources or select.find(exp.Window) or select.args.get("limit"):
        return
    if not select.find(exp.AggFunc) or select.args.get("distinct"):
        return
    group = select.args.get("group")
    used = {column.name.lower() for key in (group.expressions if group else ())
            for column in key.find_all(exp.Column)}  # fmt: skip
    where = select.args.get("where")
    fixed = {equal.this.name.lower() for equal in (where.find_all(exp.EQ) if where else ())}
    for alias, name in _asked(sources, mending.asked):
        if name.lower() in used or name.lower() in fixed:
            continue
        column = exp.column(name, table=alias)
        select.set("expressions", [column, *select.expressions])
        select.group_by(column.copy(), copy=False)
        mending.note(f"split by {name}")


def _asked(sources: dict[str, TableDoc], asked: str) -> list[tuple[str, str]]:
    """Columns that one table alone has and whose whole name follows "by"."""
    found: list[tuple[str, str]] = []
    for match in _BY.finditer(asked):
        if _ORDERED.search(asked[max(0, match.start() - 40) : match.start()].lower()):
            continue
        said = [stem(word) for word in words(match["of"])]
        fitting = [
            (alias, column.name)
            for alias, doc in sources.items()
            for column in doc.columns
            if len(parts := [stem(word) for word in words(column.name)]) == 2 and said[:2] == parts
        ]
        if len(fitting) == 1:
            found += fitting
    return list(dict.fromkeys(found))
