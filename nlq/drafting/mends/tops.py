"""The best of each group: "for each class, which booking has the highest fare?".

A draft that puts all rows in order and keeps the first has the best of all, and one that puts them
in order by group keeps all. Where the question asks for the best in each of something that the
draft shows, rows are ranked within that.
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
_BEST = re.compile(
    r"\b(?:highest|lowest|largest|smallest|biggest|longest|shortest|latest|earliest|oldest|youngest"
    r"|newest|best|worst|cheapest|most expensive|heaviest)\b",
    re.IGNORECASE,
)
_PARTS = (exp.Year, exp.Quarter, exp.Month, exp.TimestampTrunc, exp.DateTrunc)
_RANK = "place"
_GROUP_AND_MEASURE = 2
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
    groups = _groups(select, asked["of"], sources)
    ordered = [_spelled(each, select) for each in select.args["order"].expressions]
    limit = select.args["limit"].expression if select.args.get("limit") else None
    if len(groups) != 1:
        return
    totals = select.find(exp.AggFunc) is not None
    if totals and not (limit and _is_split_further(select, groups[0])):
        return
    if limit is None:
        if not _BEST.search(mending.asked) or len(ordered) != _GROUP_AND_MEASURE:
            return
        if not _is_within(ordered[0].this, groups[0], asked["of"], sources):
            return
        limit, ordered = exp.Literal.number(1), ordered[1:]
    if any(each.this == groups[0] for each in ordered):
        return
    by_this = exp.Order(expressions=ordered)
    rank = exp.Window(this=exp.Rank(), partition_by=[groups[0].copy()], order=by_this)
    inner = select.copy()
    for part in ("order", "limit", *(() if totals else ("group",))):
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
    mending.note(f"ranked within each {asked['of'].split()[0]}")


def _groups(select: exp.Select, phrase: str, sources: dict[str, TableDoc]) -> list[exp.Expr]:
    """What is shown that the phrase names: a column, a part of a date, or else a key."""
    shown: list[exp.Expr] = [each.unalias() for each in select.expressions]
    columns = [each for each in shown if isinstance(each, exp.Column)]
    step = phrase.split()[0].lower()
    called: list[exp.Expr] = [each for each in columns if _is_called(each, phrase, sources)]
    called = called or [
        each.this
        for each in select.expressions
        if isinstance(each, exp.Alias)
        and isinstance(each.this, exp.Column)
        and is_called(words(each.alias), [step])
    ]
    parts: list[exp.Expr] = [
        each
        for each in shown
        if isinstance(each, _PARTS) and step in (each.key, each.text("unit").lower())
    ]
    keys: list[exp.Expr] = [each for each in columns if _is_key_of(each, phrase, sources)]
    return called or parts or keys


def _is_within(key: exp.Expr, group: exp.Expr, phrase: str, sources: dict[str, TableDoc]) -> bool:
    """Whether rows are first put in order by the group."""
    return key == group or (isinstance(key, exp.Column) and _is_called(key, phrase, sources))


def _is_cut_list(select: exp.Select) -> bool:
    if not select.args.get("order") or select.args.get("having"):
        return False
    if select.args.get("distinct") or any(shown.is_star for shown in select.expressions):
        return False
    limit = select.args.get("limit")
    return not select.find(exp.Window) and (
        limit is None or isinstance(limit.expression, exp.Literal)
    )


def _is_split_further(select: exp.Select, group: exp.Expr) -> bool:
    """Whether totals are taken for something of another table within each of the group."""
    keys = select.args["group"].expressions if select.args.get("group") else []
    tables = {key.table.lower() for key in keys if isinstance(key, exp.Column)}
    return group in keys and isinstance(group, exp.Column) and len(tables) > 1


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
