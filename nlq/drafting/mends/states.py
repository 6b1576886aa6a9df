"""States that a date tells: "settled payments" are those whose settled_at is known.

Also "known device" and "with a date of birth on record": rows without the value are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from nlq.drafting.mends.draft import Mending, columns_of, outermost, sources_of
from nlq.retrieval.words import stem, words
from nlq.types import TableDoc

_TIMES = ("date", "timestamp")
_ENDINGS = frozenset({"at", "on", "ts", "dt", "date", "time", "timestamp", "datetime", "day"})
_DONE = re.compile(r"(?<!\bnot )(?<!\bnever )(?<!\byet )(?<!\bun)\b(\w+ed)\s+(\w+)", re.IGNORECASE)
_STILL = re.compile(r"\bstill\b(?!\s+(?:to|not|un\w+))", re.IGNORECASE)
_ENDS = frozenset({
    "cancelled", "canceled", "closed", "departed", "discontinued", "end", "ended", "exit", "leave",
    "left", "quit", "resigned", "retired", "term", "terminated", "termination",
})  # fmt: skip
_KNOWN = re.compile(r"\bknown\s+(\w+)(?:\s+(?:of\s+)?(\w+))?", re.IGNORECASE)
_TIME_WORDS = frozenset({
    "after", "at", "before", "between", "by", "during", "for", "from", "in", "last", "on", "past",
    "since", "the", "this", "until", "within",
})  # fmt: skip


def mend_states(tree: exp.Expr, mending: Mending) -> None:
    """Leave out rows without the date that makes them what is asked for, or a value said known."""
    select = outermost(tree)
    sources = sources_of(select, mending.catalog) if select else None
    if select is None or not sources:
        return
    where = select.args.get("where")
    tested = {column.name.lower() for column in (where.find_all(exp.Column) if where else ())}
    ended = tuple(_still(sources, mending.asked))
    found = (*ended, *_done(sources, mending.asked), *_known(select, sources, mending.asked))
    for alias, name in dict.fromkeys(found):
        if name.lower() in tested or _is_outer(select, alias):
            continue
        if (alias, name) in ended:
            select.where(
                exp.Is(this=exp.column(name, table=alias), expression=exp.null()), copy=False
            )
            mending.note(f"only where there is no {name}")
            continue
        present = exp.Not(this=exp.Is(this=exp.column(name, table=alias), expression=exp.null()))
        select.where(present, copy=False)
        mending.note(f"only where {name} is known")


def _done(sources: dict[str, TableDoc], asked: str) -> Iterator[tuple[str, str]]:
    """Dates named after what was done: settled_ts for "settled payments"."""
    done = {
        found[1].lower() for found in _DONE.finditer(asked) if found[2].lower() not in _TIME_WORDS
    }
    for alias, doc in sources.items():
        for column in doc.columns:
            parts = words(column.name)
            if not column.type.startswith(_TIMES) or len(parts) != 2 or parts[1] not in _ENDINGS:
                continue
            if parts[0] in done and not _is_a_value(parts[0], sources):
                yield alias, column.name


def _still(sources: dict[str, TableDoc], asked: str) -> Iterator[tuple[str, str]]:
    """The one date that says when something ended, where what has not ended is asked for."""
    if not _STILL.search(asked):
        return
    ends = [
        (alias, column.name)
        for alias, doc in sources.items()
        for column in doc.columns
        if column.type.startswith(_TIMES) and words(column.name)[0] in _ENDS
    ]
    if len(ends) == 1:
        yield from ends


def _is_a_value(word: str, sources: dict[str, TableDoc]) -> bool:
    """Whether some column says that state itself."""
    return any(
        stem(word) in {stem(part) for part in words(f"{value.value} {value.meaning}")}
        for doc in sources.values()
        for column in doc.columns
        for value in column.values
        if len(column.values) <= 20
    )


def _known(
    select: exp.Select, sources: dict[str, TableDoc], asked: str
) -> Iterator[tuple[str, str]]:
    """Columns used by the query that the question calls known."""
    told = [{stem(word) for word in found.groups() if word} for found in _KNOWN.finditer(asked)]
    for column in columns_of(select) if told else ():
        name = {stem(word) for word in words(column.name)}
        if column.table.lower() in sources and any(name <= each or name == each for each in told):
            yield column.table.lower(), column.name


def _is_outer(select: exp.Select, alias: str) -> bool:
    """Whether rows without a row of that table are kept on purpose."""
    return any(
        join.side and join.this.alias_or_name.lower() == alias
        for join in select.args.get("joins") or ()
    )
