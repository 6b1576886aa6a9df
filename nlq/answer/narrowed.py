"""What a query leaves out besides dates: the headline must not make a part look like the whole."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from nlq.answer.covered import OTHER_DATE, time_columns
from nlq.answer.how import wording
from nlq.answer.labels import join_words
from nlq.answer.lineage import Lineage, conjuncts, read_here

_LONGEST = 90
_BELOW = " (filtered as described below)"


def narrowed_to(lineage: Lineage) -> str:
    """`` where country code is Germany (DE)``; empty where every row counts.

    Conditions that are long, or differ between the parts of a query, are only pointed at.
    """
    said: list[str] = []
    for scope in lineage.scopes():
        if not any(isinstance(source, exp.Table) for source in read_here(scope).values()):
            continue
        terms = [t for t in _terms(scope) if _narrows(t, lineage, scope)]
        said.append(join_words(wording(lineage, scope).conditions(terms)) if terms else "")
    texts = set(said)
    if texts <= {""}:
        return ""
    text = max(texts)
    whole = len(texts) == 1 and "`" not in text and "nested query" not in text
    return f" where {text}" if whole and len(text) <= _LONGEST else _BELOW


def _terms(scope: Scope) -> list[exp.Expr]:
    select = scope.expression
    return conjuncts(select.args.get("where")) if isinstance(select, exp.Select) else []


def _narrows(term: exp.Expr, lineage: Lineage, scope: Scope) -> bool:
    columns = list(term.find_all(exp.Column))
    if not columns:
        return term.find(exp.Query) is not None
    if isinstance(term, exp.Not) and isinstance(term.this, exp.Is):
        return False
    if isinstance(term, exp.EQ) and isinstance(term.right, exp.Column):
        return not isinstance(term.left, exp.Column)
    dates = {key for key, rank in time_columns(lineage, scope).items() if rank < OTHER_DATE}
    origins = [lineage.origin(column, scope) for column in columns]
    return any(o is None or (o.table.name, o.column.name) not in dates for o in origins)
