"""States that a date tells: "settled payments" are those whose settled_at is known.

Also "known device" and "with a date of birth on record": rows without the value are left out.
"Which plan do they have right now" and "removed ones don't count" ask for rows that have no end;
"closed ones included" asks for neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from nlq.drafting.mends.draft import TIMES, Mending, columns_of, outermost, sources_of
from nlq.retrieval.words import stem, words
from nlq.types import TableDoc

_ENDINGS = frozenset({"at", "on", "ts", "dt", "date", "time", "timestamp", "datetime", "day"})
_DONE = re.compile(r"(?<!\bnot )(?<!\bnever )(?<!\byet )(?<!\bun)\b(\w+ed)\s+(\w+)", re.IGNORECASE)
_STILL = re.compile(
    r"\bstill\b(?!\s+(?:to|not|un\w+))|\b(?:at present|right now|currently|at the moment)\b",
    re.IGNORECASE,
)
_ENDS = frozenset({
    "cancelled", "canceled", "closed", "departed", "discontinued", "end", "ended", "exit", "leave",
    "left", "quit", "removed", "resigned", "retired", "term", "terminated", "termination",
})  # fmt: skip
_SHORTEST = 3
"""Letters that a beginning of such a word has as a name."""
_WITH_THEM = re.compile(
    r"\b(?P<before>\w+ed)\s+(?:(?:ones|\w+s)\s+)?(?:(?:are|is|count)\s+)?(?:included|too|as well)\b"
    r"|\b(?:including|even)\s+(?:the\s+)?(?P<after>\w+ed)\b"
    r"|\b(?P<or>\w+ed)\s+or\s+not\b",
    re.IGNORECASE,
)
_WITHOUT_THEM = re.compile(
    r"\b(?P<before>\w+ed)\s+(?:ones|\w+s)\s+(?:do not|don't|are not|aren't|should not|shouldn't)"
    r"\s+(?:be\s+)?(?:count|included|counted|considered)"
    r"|\b(?:leave|leaving)\s+out\s+(?:the\s+|all\s+)?(?P<out>\w+ed)\b"
    r"|\b(?:without|excluding|ignoring|ignore|exclude|except|other than)\s+"
    r"(?:the\s+|any\s+|all\s+)?(?P<after>\w+ed)\b",
    re.IGNORECASE,
)
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
    done = (
        {found[1].lower() for found in _DONE.finditer(asked) if found[2].lower() not in _TIME_WORDS}
        - _said(_WITH_THEM, asked)
        - _said(_WITHOUT_THEM, asked)
    )
    for alias, name, state in _dated(sources):
        if state in done and not _is_a_value(state, sources):
            yield alias, name


def _said(pattern: re.Pattern[str], asked: str) -> set[str]:
    """The states that a pattern finds in the question."""
    return {word.lower() for found in pattern.finditer(asked) for word in found.groups() if word}


def _dated(sources: dict[str, TableDoc]) -> Iterator[tuple[str, str, str]]:
    """Alias, column and state of the dates that are named after one: settled_ts, rem_dt."""
    for alias, doc in sources.items():
        for column in doc.columns:
            parts = words(column.name)
            if column.type.startswith(TIMES) and len(parts) == 2 and parts[1] in _ENDINGS:
                yield alias, column.name, parts[0]


def _still(sources: dict[str, TableDoc], asked: str) -> Iterator[tuple[str, str]]:
    """The one date that says when something ended, where what has not ended is asked for."""
    ends = [
        (alias, column.name)
        for alias, doc in sources.items()
        for column in doc.columns
        if column.type.startswith(TIMES) and _is_end(words(column.name))
    ]
    if _STILL.search(asked) and len(ends) == 1:
        yield from ends
    without = _said(_WITHOUT_THEM, asked)
    for alias, name, state in _dated(sources):
        if any(_begins(state, word) for word in without) and not any(
            _is_a_value(word, sources) for word in without
        ):
            yield alias, name


def _is_end(name: list[str]) -> bool:
    """Whether a date so named says when something ended."""
    return name[-1] == "to" or any(_begins(name[0], word) for word in _ENDS)


def _begins(name: str, word: str) -> bool:
    return word == name or (len(name) >= _SHORTEST and word.startswith(name))


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
