"""Questions about all or each of something: those that have none count too, with zero.

"How many sales did each salesperson make?" drafted with an inner join leaves out whoever made none.
"""

from __future__ import annotations

import re

from sqlglot import exp

from nlq.drafting.mends.draft import Mending, conjuncts, outermost, sources_of
from nlq.retrieval.words import stem, words
from nlq.types import TableDoc

_ALL = re.compile(r"\b(?:each|every|all)\s+(?:of\s+)?(?:the\s+|our\s+)?(\w+)(?:\s+(\w+))?", re.I)
_ALSO_NONE = re.compile(
    r"\b(?:show|includ\w*|keep|even|also)\b[^.?!]*\b(?:without(?: any)?|empty|with no|with none"
    r"|(?:that|who|which) (?:never|(?:have|has|had|did|do|does)(?:n't| not)"
    r"|(?:have|has|had|made|got) (?:no|none)))\b"
    r"|\b(?:as|with|are|is) (?:0|zero)\b",
    re.I,
)
_NOT_NONE = re.compile(r"\b(?:not includ\w*|exclud\w*|leave out|leaving out|omit)\b", re.I)


def mend_everyone(tree: exp.Expr, mending: Mending) -> None:
    """Keep the rows of the table that is asked about as a whole, where others are counted by it.

    What has none has zero of them, while its sum or average is unknown: these are mended only where
    the question asks for the ones without.
    """
    select = outermost(tree)
    sources = sources_of(select, mending.catalog) if select else None
    if select is None or not sources or len(sources) < 2:
        return
    also_none = bool(_ALSO_NONE.search(mending.asked)) and not _NOT_NONE.search(mending.asked)
    kept = _kept(select, sources, mending.asked, also_none=also_none)
    aggregates = list(select.find_all(exp.AggFunc))
    wanted = exp.Count | exp.Sum if also_none else exp.Count
    if not kept or not aggregates or not all(isinstance(each, wanted) for each in aggregates):
        return
    if any(join.side or join.kind or not join.args.get("on") for join in select.args["joins"]):
        return
    last = _rejoined(select, sources, kept)
    if last is None:
        return
    for each in aggregates:
        if isinstance(each.this, exp.Star):
            each.set("this", last.copy())
        if isinstance(each, exp.Sum) and not isinstance(each.parent, exp.Coalesce):
            each.replace(exp.Coalesce(this=each.copy(), expressions=[exp.Literal.number(0)]))
    mending.note(f"every one of {kept} counts, also with none")


def _kept(select: exp.Select, sources: dict[str, TableDoc], asked: str, *, also_none: bool) -> str:
    """The alias of the table that rows are grouped by and that is asked about as a whole."""
    group = select.args.get("group")
    if group is None:
        return ""
    by = {alias for key in group.expressions for alias in _tables(key, sources)}
    if len(by) != 1:
        return ""
    (alias,) = by
    if alias not in sources:
        return ""
    if also_none:
        return alias
    whole = [each for each, doc in sources.items() if _is_asked_of_all(doc, asked)]
    return alias if len(sources) == 2 and whole == [alias] else ""


def _rejoined(select: exp.Select, sources: dict[str, TableDoc], kept: str) -> exp.Column | None:
    """Join all else to ``kept`` by LEFT JOIN; gives a column of the last table that links it.

    None, and nothing changed, where a condition is about tables that cannot be brought in order.
    """
    where = select.args.get("where")
    joins = select.args["joins"]
    read = (select.args["from_"].this, *(join.this for join in joins))
    nodes = {node.alias_or_name.lower(): node for node in read}
    conditions = [c for join in joins for c in conjuncts(join.args["on"])]
    conditions += conjuncts(where.this if where else None)
    about = [(each, _tables(each, sources)) for each in conditions]
    left = [each for each, tables in about if tables <= {kept}]
    waiting = [(each, tables) for each, tables in about if not tables <= {kept}]
    joined, made, link = {kept}, [], None
    while len(joined) < len(nodes):
        alias, column = _next(waiting, joined, sources)
        if column is None:
            return None
        joined.add(alias)
        own = [each for each, tables in waiting if tables <= joined]
        waiting = [(each, tables) for each, tables in waiting if not tables <= joined]
        on = exp.and_(*(each.copy() for each in own))
        made.append(exp.Join(this=nodes[alias].copy(), on=on, side="LEFT"))
        link = column
    if waiting or link is None:
        return None
    select.args["from_"].set("this", nodes[kept].copy())
    select.set("joins", made)
    select.set("where", exp.Where(this=exp.and_(*left)) if left else None)
    return link


def _next(
    waiting: list[tuple[exp.Expr, set[str]]], joined: set[str], sources: dict[str, TableDoc]
) -> tuple[str, exp.Column | None]:
    """A table that a condition links to those joined, and its column there."""
    for condition, tables in waiting:
        new = tables - joined
        if isinstance(condition, exp.EQ) and len(tables) == 2 and len(new) == 1:
            (alias,) = new
            column = next(
                (c for c in condition.find_all(exp.Column) if _of(c, sources) == alias), None
            )
            if alias in sources:
                return alias, column
    return "", None


def _is_asked_of_all(doc: TableDoc, asked: str) -> bool:
    name = [stem(word) for word in words(doc.name.rpartition(".")[2])]
    for found in _ALL.finditer(asked):
        told = [stem(word) for word in found.groups() if word]
        if name and (told[: len(name)] == name or name[-1:] == told[:1]):
            return True
    return False


def _tables(node: exp.Expr, sources: dict[str, TableDoc]) -> set[str]:
    """The aliases of the tables whose columns it has; empty text where that is not clear."""
    return {_of(column, sources) for column in node.find_all(exp.Column)}


def _of(column: exp.Column, sources: dict[str, TableDoc]) -> str:
    if column.table:
        return column.table.lower()
    having = [alias for alias, doc in sources.items() if doc.column(column.name) is not None]
    return having[0] if len(having) == 1 else ""
