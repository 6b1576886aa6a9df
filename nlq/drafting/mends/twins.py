"""Two columns of one table that lead to the same one: "cited papers" are not the citing ones."""

from __future__ import annotations

import re
from itertools import combinations

from sqlglot import exp

from nlq.drafting.mends.draft import Mending, columns_of, doc_of, edges_of
from nlq.retrieval.words import words
from nlq.types import TableDoc

_SUFFERED = r"\b(?:been|is|are|was|were|being|be|get|got)\s+(?:\w+\s+)?{word}\b"
"""Who "invited" somebody is not the invited one."""


def mend_twins(tree: exp.Expr, mending: Mending) -> None:
    """Take the one of two such columns that the question speaks of as what was done to something.

    A query that uses both knows the difference.
    """
    for select in list(tree.find_all(exp.Select)):
        start = select.args.get("from_")
        doc = doc_of(start.this, mending.catalog) if start else None
        if doc is None or select.args.get("joins"):
            continue
        used = list(columns_of(select))
        for first, second in _twins(doc, mending):
            names = {column.name.lower() for column in used}
            if not (first in names) ^ (second in names):
                continue
            taken, other = (first, second) if first in names else (second, first)
            if _is_said(other, taken, mending.asked) and not _is_said(taken, other, mending.asked):
                for column in used:
                    if column.name.lower() == taken:
                        column.set("this", exp.to_identifier(other))
                mending.note(f"{other} taken in place of {taken}")


def _is_said(name: str, twin: str, asked: str) -> bool:
    """Whether something is said to have been done to what a column holds: "was cited"."""
    (word,) = set(words(name)) - set(words(twin))
    return re.search(_SUFFERED.format(word=re.escape(word)), asked, re.IGNORECASE) is not None


def _twins(doc: TableDoc, mending: Mending) -> list[tuple[str, str]]:
    """Pairs of columns that lead to one table, and whose names differ in one word."""
    leading = {
        edge.left_columns[0].lower(): edge.right
        for edge in edges_of(doc, mending.catalog)
        if len(edge.left_columns) == 1
    }
    return [
        (first, second)
        for first, second in combinations(sorted(leading), 2)
        if leading[first] == leading[second]
        and len(set(words(first)) - set(words(second))) == 1
        and len(set(words(second)) - set(words(first))) == 1
    ]
