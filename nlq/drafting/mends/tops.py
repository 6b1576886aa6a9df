"""The best of each group: "for each class, which booking has the highest fare?".

A draft that puts all rows in order and keeps the first has the best of all. Where the question asks
for it in each of something that the draft shows, rows are ranked within that.
"""

from __future__ import annotations

import re

from sqlglot import exp

from nlq.drafting.mends.draft import Mending, become, column_doc, is_called, outermost, sources_of
from nlq.retrieval.words import words
from nlq.types import TableDoc

_EACH = re.compile(
    r"\b(?:for|in|of|per|within|by)\s+(?:each|every)\s+(?P<of>[\w-]+(?:\s+[\w-]+)?)", re.IGNORECASE
)
_RANK = "place"
_KEYS = ("id", "no", "key", "cd", "code")
_NTH = {"second": 2, "third": 3, "fourth": 4, "fifth": 5}
_PLACE = re.compile(
    r"\b(?P<nth>second|third|fourth|fifth)[- ](?:largest|highest|biggest|most|latest|lowest|best)",
    re.IGNORECASE,
)


def mend_tops(tree: exp.Expr, mending: Mending) -> None:
    """Rank within each group, where a cut list of plain rows is asked for per group."""
    select = outermost(tree)
    sources = sources_of(select, mending.catalog) if select else None
    asked = _EACH.search(mending.asked)
    if select is None or not sources or not asked or not _is_cut_list(select):
        return
    shown = [bare for each in select.expressions if isinstance(bare := each.unalias(), exp.Column)]
    groups = [column for column in shown if _is_called(column, asked["of"], sources)] or [
        column for column in shown if _is_key_of(column, asked["of"], sources)
    ]
    order, limit = select.args["order"], select.args["limit"].expression
    if len(groups) != 1 or any(each.this == groups[0] for each in order.expressions):
        return
    by_this = exp.Order(expressions=[_spelled(each, select) for each in order.expressions])
    rank = exp.Window(this=exp.Rank(), partition_by=[groups[0].copy()], order=by_this)
    inner = select.copy()
    for part in ("order", "limit", "group"):
        inner.set(part, None)
    names = [shown.alias_or_name for shown in inner.expressions]
    if len(set(names)) != len(names) or not all(names):
        return
    inner.select(exp.alias_(rank, _RANK), append=True, copy=False)
    kept: exp.Expr = exp.LTE(this=exp.column(_RANK), expression=limit.copy())
    if nth := _PLACE.search(mending.asked):
        place = exp.Literal.number(_NTH[nth["nth"].lower()])
        kept = exp.EQ(this=exp.column(_RANK), expression=place)
    outer = exp.select(*(exp.column(name) for name in names)).from_(inner.subquery("ranked"))
    become(select, outer.where(kept))
    mending.note(f"ranked within each {groups[0].name}")


def _is_cut_list(select: exp.Select) -> bool:
    if not select.args.get("order") or not select.args.get("limit") or select.args.get("having"):
        return False
    if select.args.get("distinct") or any(shown.is_star for shown in select.expressions):
        return False
    return not select.find(exp.AggFunc, exp.Window) and isinstance(
        select.args["limit"].expression, exp.Literal
    )


def _is_called(column: exp.Column, phrase: str, sources: dict[str, TableDoc]) -> bool:
    """Whether the phrase begins with what the column is called: "fare class" is fare_cls."""
    known = column_doc(column, sources)
    said = words(phrase)
    names = map(words, (known.name, *known.synonyms)) if known else ()
    return any(
        is_called(name, said[: len(name)]) or is_called(name[-1:], said[:1])
        for name in names
        if name
    )


def _is_key_of(column: exp.Column, phrase: str, sources: dict[str, TableDoc]) -> bool:
    """Whether it identifies what the phrase begins with: stu_id is that of a student."""
    known = column_doc(column, sources)
    name = words(known.name) if known else []
    return name[1:] in ([key] for key in _KEYS) and is_called(name[:1], words(phrase)[:1])


def _spelled(ordered: exp.Ordered, select: exp.Select) -> exp.Ordered:
    """What rows are put in order by, without the names that only the outer query knows."""
    copied = ordered.copy()
    for shown in select.expressions:
        bare = copied.this
        if isinstance(bare, exp.Column) and not bare.table and bare.name == shown.alias:
            copied.set("this", shown.unalias().copy())
    return copied
