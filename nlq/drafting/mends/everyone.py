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


def mend_everyone(tree: exp.Expr, mending: Mending) -> None:
    """Keep the rows of the table that is asked about as a whole, where others are counted by it.

    Only counts are mended: what has none has zero of them, while its sum or average is unknown.
    """
    select = outermost(tree)
    sources = sources_of(select, mending.catalog) if select else None
    if select is None or not sources or len(sources) != 2:
        return
    (join,) = select.args["joins"]
    on, group = join.args.get("on"), select.args.get("group")
    whole = [alias for alias, doc in sources.items() if _is_asked_of_all(doc, mending.asked)]
    if join.side or join.kind or on is None or group is None or len(whole) != 1:
        return
    (kept,) = whole
    (other,) = set(sources) - {kept}
    if any(_tables(key, sources) != {kept} for key in group.expressions):
        return
    counts = list(select.find_all(exp.AggFunc))
    link = next((c for c in on.find_all(exp.Column) if c.table.lower() == other), None)
    if link is None or not counts or not all(isinstance(each, exp.Count) for each in counts):
        return
    where = select.args.get("where")
    conditions = conjuncts(where.this if where else None)
    moved = [each for each in conditions if _tables(each, sources) == {other}]
    left = [each for each in conditions if each not in moved]
    if any(other in _tables(each, sources) for each in left):
        return
    for count in counts:
        if isinstance(count.this, exp.Star):
            count.set("this", link.copy())
    nodes = {node.alias_or_name.lower(): node for node in (select.args["from_"].this, join.this)}
    condition = exp.and_(on.copy(), *(each.copy() for each in moved))
    from_kept, from_other = nodes[kept].copy(), nodes[other].copy()
    select.args["from_"].set("this", from_kept)
    select.set("joins", [exp.Join(this=from_other, on=condition, side="LEFT")])
    select.set("where", exp.Where(this=exp.and_(*left)) if left else None)
    mending.note(f"every one of {kept} counts, also with none")


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
