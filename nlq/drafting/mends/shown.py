"""Columns that an answer is read by: the keys of its groups, and what ranks or selects its rows.

"The five domains with the most authors" is an answer with the number of authors beside each; a
model often gives the names alone.
"""

from __future__ import annotations

import re

from sqlglot import exp

from nlq.drafting.mends.draft import NUMBERS, Mending, is_called, outermost, sources_of
from nlq.retrieval.words import words
from nlq.types import TableDoc

_MOST_COLUMNS = 8
_NAME = re.compile(r"(?:^|_)(?:name|nm|title)$|^[a-z]{1,4}name$")
"""What a table calls its rows; a table with several has parts of names, or names of others."""
_LAST_NAMES = {
    "first_name": "last_name",
    "firstname": "lastname",
    "fname": "lname",
    "given_name": "family_name",
    "forename": "surname",
}


def mend_shown(tree: exp.Expr, mending: Mending) -> None:
    """Show keys of groups, ordering values and the aggregates of HAVING, where they are missing."""
    select = outermost(tree)
    if select is None:
        return
    _show_whole_names(select, mending)
    _show_names_of_keys(select, mending)
    _show_whose_measure(select, mending)
    if select.args.get("distinct"):
        return
    for wanted in _read_by(select):
        if len(select.expressions) >= _MOST_COLUMNS:
            return
        if not _is_shown(wanted, select):
            name = _name(wanted, select)
            select.select(exp.alias_(wanted.copy(), name), append=True, copy=False)
            mending.note(f"{name} shown beside")


def _show_whole_names(select: exp.Select, mending: Mending) -> None:
    """A person's last name beside the first, where "the name" is asked for."""
    sources = sources_of(select, mending.catalog)
    asked = re.search(r"\bnames?\b", mending.asked, re.I)
    if not sources or not asked or re.search(r"\bfirst[ _]names?\b", mending.asked, re.I):
        return
    shown = [each.unalias() for each in select.expressions]
    taken = {each.name.lower() for each in shown if isinstance(each, exp.Column)}
    for place, each in enumerate(shown):
        doc = sources.get(each.table.lower()) if isinstance(each, exp.Column) else None
        last = _LAST_NAMES.get(each.name.lower()) if doc else None
        if doc is None or last is None or doc.column(last) is None or last in taken:
            continue
        column = exp.column(last, table=each.table)
        before, after = select.expressions[: place + 1], select.expressions[place + 1 :]
        select.set("expressions", [*before, column, *after])
        group = select.args.get("group")
        if group is not None:
            group.append("expressions", column.copy())
        mending.note(f"{last} shown beside")
        return


def _show_names_of_keys(select: exp.Select, mending: Mending) -> None:
    """The name beside the key of a row: "which tariff" is not answered by its code alone."""
    sources = sources_of(select, mending.catalog)
    if not sources or select.args.get("distinct"):
        return
    shown = [each.unalias() for each in select.expressions]
    taken = {each.name.lower() for each in shown if isinstance(each, exp.Column)}
    group = select.args.get("group")
    for each in shown:
        doc = sources.get(each.table.lower()) if isinstance(each, exp.Column) else None
        if doc is None or tuple(key.lower() for key in doc.primary_key) != (each.name.lower(),):
            continue
        names = [column.name for column in doc.columns if _NAME.search(column.name.lower())]
        if len(names) != 1 or names[0].lower() in taken or len(shown) >= _MOST_COLUMNS:
            continue
        column = exp.column(names[0], table=each.table)
        select.append("expressions", column)
        if group is not None:
            group.append("expressions", column.copy())
        mending.note(f"{names[0]} shown beside")
        return


def _show_whose_measure(select: exp.Select, mending: Mending) -> None:
    """What a ranked number belongs to: "the longest rivers" is not answered by lengths alone."""
    sources = sources_of(select, mending.catalog)
    order = select.args.get("order")
    if not sources or order is None or select.args.get("group") or select.args.get("distinct"):
        return
    shown = [each.unalias() for each in select.expressions]
    owners = {each.table.lower() for each in shown if isinstance(each, exp.Column)}
    if not all(isinstance(each, exp.Column) for each in shown) or len(owners) != 1:
        return
    alias = owners.pop()
    doc = sources.get(alias) or (next(iter(sources.values())) if len(sources) == 1 else None)
    columns = [doc.column(each.name) for each in shown] if doc else []
    if doc is None or not all(column and column.type.startswith(NUMBERS) for column in columns):
        return
    named = {each.name.lower() for each in shown} & {key.lower() for key in doc.primary_key}
    if not named and (name := _what_rows_are_called(doc)):
        column = exp.column(name, table=alias or None)
        select.set("expressions", [column, *select.expressions])
        mending.note(f"{name} shown beside")


def _what_rows_are_called(doc: TableDoc) -> str | None:
    """The column with the name of a row, or its key where there is no single one."""
    names = [column.name for column in doc.columns if _NAME.search(column.name.lower())]
    table = words(doc.name.rpartition(".")[2])
    own = [name for name in names if is_called(words(name)[:-1], table)]
    for found in (names, own, list(doc.primary_key)):
        if len(found) == 1:
            return found[0]
    return None


def _read_by(select: exp.Select) -> list[exp.Expr]:
    found: list[exp.Expr] = []
    group = select.args.get("group")
    keys = list(group.expressions) if group else []
    found += [key for key in keys if isinstance(key, exp.Column)]
    order = select.args.get("order")
    for ordered in order.expressions if order else ():
        if isinstance(ordered.this, exp.Column) or ordered.this.find(exp.AggFunc):
            found.append(ordered.this)
    having = select.args.get("having")
    if having:
        for compared in having.find_all(exp.GT, exp.GTE, exp.LT, exp.LTE):
            if isinstance(compared.this, exp.AggFunc):
                found.append(compared.this)
    return found


def _is_shown(wanted: exp.Expr, select: exp.Select) -> bool:
    for shown in select.expressions:
        if isinstance(shown, exp.Star) or (isinstance(shown, exp.Column) and shown.is_star):
            return True
        bare = shown.unalias()
        if bare == wanted:
            return True
        if isinstance(wanted, exp.Column):
            if not wanted.table and shown.alias_or_name.lower() == wanted.name.lower():
                return True
            if isinstance(bare, exp.Column) and bare.name.lower() == wanted.name.lower():
                return True
    return False


def _name(wanted: exp.Expr, select: exp.Select) -> str:
    taken = {shown.alias_or_name.lower() for shown in select.expressions}
    base = wanted.name.lower() if isinstance(wanted, exp.Column) else ""
    if not base:
        inner = wanted.find(exp.Column)
        kind = wanted.key if isinstance(wanted, exp.Func) else "value"
        base = f"{kind}_{inner.name.lower()}" if inner and not inner.is_star else kind
    names = (base, *(f"{base}_{number}" for number in range(2, 20)))
    return next(name for name in names if name not in taken)
