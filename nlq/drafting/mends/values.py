"""Texts that are compared: written as the column has them, or matched whatever the case.

A value that the column holds in another case is written as it holds it, and matched whatever the
case where it holds it in several. One that is what a code means is written as the code. One that no
value equals and some contain is matched as a part.
LIKE does not mind the case: who asks for names with "smith" means Smith too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp

from nlq.drafting.mends.draft import Mending, column_doc, columns_of, sources_of
from nlq.types import ValueDoc

_CALLED = re.compile(r"\b(?:called|named|contain(?:s|ing)?|includ(?:es|ing)|with)\b", re.IGNORECASE)
_ENDS = re.compile(r"\b(?:start|begin|end)(?:s|ing)?\b|\b(?:pre|suf)fix", re.IGNORECASE)
_ANYWHERE = re.compile(r"\bwildcards?\b|\banywhere\b|\bcontain(?:s|ing)?\b", re.IGNORECASE)
_SHORT = 2


def mend_values(tree: exp.Expr, mending: Mending) -> None:
    """Mend the compared texts of every SELECT over tables of the catalog."""
    for select in list(tree.find_all(exp.Select)):
        sources = sources_of(select, mending.catalog)
        for column in columns_of(select) if sources else ():
            known = column_doc(column, sources or {})
            if known is not None and known.values:
                _mend_value(column, known.values, mending)
    for like in list(tree.find_all(exp.Like)):
        _ignore_case(like, mending)
        _match_anywhere(like, _values_of(like, mending), mending)


def _values_of(like: exp.Like, mending: Mending) -> set[str]:
    """The known values of the column that a pattern is for, in lower case."""
    select, column = like.find_ancestor(exp.Select), like.this.find(exp.Column)
    sources = sources_of(select, mending.catalog) if select else None
    known = column_doc(column, sources) if sources and column else None
    return {value.value.lower() for value in known.values} if known else set()


def _mend_value(column: exp.Column, docs: Sequence[ValueDoc], mending: Mending) -> None:
    parent, values = column.parent, [doc.value for doc in docs]
    literals: Sequence[exp.Expr] = ()
    if isinstance(parent, exp.EQ | exp.NEQ):
        literals = (parent.this, parent.expression)
    elif isinstance(parent, exp.In):
        literals = parent.expressions
    for literal in literals:
        if not (isinstance(literal, exp.Literal) and literal.is_string):
            continue
        same = [value for value in values if value.lower() == literal.this.lower()]
        same = same or _meant_by(literal.this, docs)
        if len(same) > 1 and not isinstance(parent, exp.In):
            mending.note(f"'{literal.this}' matched whatever the case")
            literal.set("this", literal.this.lower())
            column.replace(exp.Lower(this=column.copy()))
            return
        if literal.this in values:
            continue
        if len(same) == 1:
            mending.note(f"'{literal.this}' written '{same[0]}'")
            literal.set("this", same[0])
        elif isinstance(parent, exp.EQ) and not same and _is_part(literal.this, values):
            mending.note(f"{column.name} matched where it contains '{literal.this}'")
            pattern = exp.Literal.string(f"%{literal.this.lower()}%")
            parent.replace(exp.Like(this=exp.Lower(this=column.copy()), expression=pattern))
            return


def _meant_by(text: str, docs: Sequence[ValueDoc]) -> list[str]:
    """The one value that means or is called the text, if just one is."""
    meant = [
        doc.value
        for doc in docs
        if text.lower() in (name.lower() for name in (doc.meaning, *doc.synonyms) if name)
    ]
    return meant if len(meant) == 1 else []


def _is_part(text: str, values: Sequence[str]) -> bool:
    """Whether some value contains it; very short texts say too little."""
    return len(text) > 2 and any(text.lower() in value.lower() for value in values)


def _match_anywhere(like: exp.Like, known: set[str], mending: Mending) -> None:
    """Look for a name anywhere: who is "called Hassan" may have that as the last of the names.

    A pattern without a wildcard is one of the ``known`` values (lower case), or meant as a part.
    """
    pattern = like.expression
    if not (isinstance(pattern, exp.Literal) and pattern.is_string):
        return
    bare = pattern.this.strip("%")
    if len(bare) <= _SHORT or "%" in bare or "_" in bare or _ENDS.search(mending.asked):
        return
    bare_of_wildcards = bare == pattern.this
    if bare_of_wildcards and bare.lower() in known and not _ANYWHERE.search(mending.asked):
        return
    if pattern.this != f"%{bare}%" and (bare_of_wildcards or _CALLED.search(mending.asked)):
        pattern.set("this", f"%{bare}%")
        mending.note(f"'{bare}' looked for anywhere in it")


def _ignore_case(like: exp.Like, mending: Mending) -> None:
    if isinstance(like.expression, exp.Lower) and isinstance(like.this, exp.Lower):
        like.set("expression", like.expression.this.copy())
    pattern = like.expression
    if not (isinstance(pattern, exp.Literal) and pattern.is_string):
        return
    if not any(char.isalpha() for char in pattern.this):
        return
    if isinstance(like.this, exp.Lower | exp.Upper):
        folded = pattern.this.lower() if isinstance(like.this, exp.Lower) else pattern.this.upper()
        if folded != pattern.this:
            pattern.set("this", folded)
            mending.note("patterns matched whatever the case")
        return
    like.set("this", exp.Lower(this=like.this.copy()))
    pattern.set("this", pattern.this.lower())
    mending.note("patterns matched whatever the case")
