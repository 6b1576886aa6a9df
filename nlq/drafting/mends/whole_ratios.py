"""The ratio of all rows of one table to all of another: counted apart, never over a join."""

from __future__ import annotations

import re

from sqlglot import exp

from nlq.catalog.catalog import Catalog
from nlq.drafting.mends.draft import Mending, become, is_called, outermost
from nlq.retrieval.words import words
from nlq.sql.dialect import LAKE

_COUNTED = r"(?:the\s+)?(?:total\s+)?(?:number of\s+)?(?:all\s+)?"
_WHOLE = re.compile(
    rf"^[\w\s,']*?\bratio of {_COUNTED}(?P<over>\w+(?: \w+)?) to {_COUNTED}(?P<under>\w+(?: \w+)?)"
    r"\s*[?.!]?\s*$",
    re.IGNORECASE,
)


def mend_whole_ratios(tree: exp.Expr, mending: Mending) -> None:
    """Divide the count of one table by that of another, where nothing else is asked."""
    select = outermost(tree)
    asked = _WHOLE.match(mending.asked.strip())
    if select is None or asked is None or select.args.get("where") or select.args.get("group"):
        return
    over, under = (_table(asked[part], mending.catalog) for part in ("over", "under"))
    if not over or not under or over == under or not select.args.get("joins"):
        return
    counts = (
        exp.select(exp.Count(this=exp.Star())).from_(exp.to_table(name, dialect=LAKE)).subquery()
        for name in (over, under)
    )
    first, second = counts
    zero = exp.Literal.number(0)
    ratio = exp.Div(
        this=exp.cast(first, "double"), expression=exp.Nullif(this=second, expression=zero)
    )
    made = exp.select(exp.alias_(ratio, "ratio"))
    become(select, made)
    mending.note("each table counted apart")


def _table(phrase: str, catalog: Catalog) -> str:
    """The only table that is called so; empty where there is none, or are several."""
    said = words(phrase)
    fitting = {
        doc.name
        for doc in catalog.tables.values()
        for name in (doc.name.rpartition(".")[2], *doc.synonyms)
        if (parts := words(name)) and is_called(parts, said)
    }  # fmt: skip
    return fitting.pop() if len(fitting) == 1 else ""
