"""Splits that a draft left out: "total by payment method" grouped by the day alone, or not at all.

"Average score of each hotel" has a row for each hotel, also where the draft groups by its city.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from nlq.drafting.mends.draft import TIMES, Mending, edges_of, is_called, outermost, sources_of
from nlq.retrieval.words import STOP_WORDS, singular, stem, words
from nlq.types import ColumnDoc, TableDoc

_BY = re.compile(
    r"\b(?:(?:split|broken down|grouped|separated|divided) by|by|per|(?:for|of|in) each)\s+"
    r"(?:the\s+|each\s+)?(?P<of>[\w-]+(?:\s+[\w-]+)?)",
    re.IGNORECASE,
)
_ORDERED = re.compile(r"\b(?:order(?:ed)?|sort(?:ed)?|rank(?:ed)?|top \d+|increased?|decreased?)\b")
_ONE = re.compile(
    r"(?P<before>\w+)?,?\s+(?P<how>by|each)\s+(?P<of>\w+)(?P<owns>['\u2019]s)?"
    r"(?:\s+(?P<next>\w+))?",
    re.IGNORECASE,
)
_DONE = re.compile(r"(?:ed|en|ade|old|ent)$")
"""What precedes the one who did it: "made by", "sold by"."""
_TWO = 2
_FILLING = frozenset({"type", "kind", "level", "code", "group", "class", "category"})


def mend_splits(tree: exp.Expr, mending: Mending) -> None:
    """Group by a column of the draft's tables that the question splits by in that very name."""
    select = outermost(tree)
    if select is not None:
        _split_what_is_inside(select, mending)
    sources = sources_of(select, mending.catalog) if select else None
    if select is None or not sources or select.find(exp.Window) or select.args.get("limit"):
        return
    if not select.find(exp.AggFunc) or select.args.get("distinct"):
        return
    group = select.args.get("group")
    used = {column.name.lower() for key in (group.expressions if group else ())
            for column in key.find_all(exp.Column)}  # fmt: skip
    where = select.args.get("where")
    fixed = {equal.this.name.lower() for equal in (where.find_all(exp.EQ) if where else ())}
    found = _asked(sources, mending.asked)
    if not found and not select.find(exp.Subquery):
        found = _named(select, sources, mending)
    for alias, name in found:
        if name.lower() in used or name.lower() in fixed:
            continue
        column = exp.column(name, table=alias)
        select.set("expressions", [column, *select.expressions])
        select.group_by(column.copy(), copy=False)
        mending.note(f"split by {name}")


def _split_what_is_inside(select: exp.Select, mending: Mending) -> None:
    """Group the whole of a query in brackets by its column that is called what "per" names."""
    start = select.args.get("from_")
    bracket = start.this if start else None
    if not isinstance(bracket, exp.Subquery) or not isinstance(bracket.this, exp.Select):
        return
    if select.args.get("joins") or not _is_whole(select):
        return
    given = [each.alias_or_name for each in bracket.this.expressions if not each.find(exp.AggFunc)]
    for match in _BY.finditer(mending.asked):
        if _ORDERED.search(mending.asked[max(0, match.start() - 40) : match.start()].lower()):
            continue
        said = [singular(word) for word in words(match["of"])]
        named = [name for name in given if is_called(words(name), said[: len(words(name))])]
        if len(named) == 1:
            column = exp.column(named[0], table=bracket.alias or None)
            select.set("expressions", [column, *select.expressions])
            select.group_by(column.copy(), copy=False)
            mending.note(f"split by {named[0]}")
            return


def _asked(sources: dict[str, TableDoc], asked: str) -> list[tuple[str, str]]:
    """Columns that one table alone has and whose name of two words, or doc's, follows "by"."""
    found: list[tuple[str, str]] = []
    for match in _BY.finditer(asked):
        if _ORDERED.search(asked[max(0, match.start() - 40) : match.start()].lower()):
            continue
        said = [stem(word) for word in words(match["of"])]
        fitting = [
            (alias, column.name)
            for alias, doc in sources.items()
            for column in doc.columns
            if any(said[:2] == parts for parts in _names_of_two(column))
        ]
        if len(fitting) == 1:
            found += fitting
    return list(dict.fromkeys(found))


def _names_of_two(column: ColumnDoc) -> Iterator[list[str]]:
    """What the column is called in two words: by its name, or by how its doc begins."""
    for text in (column.name, re.split(r"[^\w\s]", column.description, maxsplit=1)[0]):
        if len(parts := [stem(word) for word in words(text)]) == _TWO:
            yield parts


def _named(
    select: exp.Select, sources: dict[str, TableDoc], mending: Mending
) -> list[tuple[str, str]]:
    """The one column called by a single word after "by" or "each", or the key of the one table.

    Where the draft has a row for the whole, or for each of something else of that very table.
    """
    found: set[tuple[str, str]] = set()
    for match in _ONE.finditer(mending.asked):
        before = mending.asked[: match.end("how")][-40:].lower()
        if _ORDERED.search(before) or not _ends(match):
            continue
        said = [singular(match["of"].lower())]
        columns = [
            (alias, column.name)
            for alias, doc in sources.items()
            for column in doc.columns
            if not column.type.startswith(TIMES) and is_called(words(column.name), said)
        ]
        if match["how"].lower() == "each":
            columns = columns if _is_whole(select) else []
            if (match["next"] or "").lower() not in _FILLING:  # "each room type" is no room
                columns = columns or list(_keys(select, sources, said, mending))
        elif not _is_whole(select) or _DONE.search((match["before"] or "").lower()):
            continue
        found |= set(columns) if len(columns) == 1 else set()
    return list(found) if len(found) == 1 else []


def _ends(match: re.Match[str]) -> bool:
    """Whether the word is all of a name: nothing follows, or nothing that belongs to it."""
    after = (match["next"] or "").lower()
    rest = match.string[match.end("of") :].lstrip()
    return bool(
        match["owns"]
        or not after
        or not rest[:1].isalnum()
        or after in STOP_WORDS
        or after in _FILLING
    )


def _is_whole(select: exp.Select) -> bool:
    """Whether the draft has one row, made of aggregates alone."""
    return not select.args.get("group") and all(
        each.find(exp.AggFunc) is not None for each in select.expressions
    )


def _keys(
    select: exp.Select, sources: dict[str, TableDoc], said: list[str], mending: Mending
) -> Iterator[tuple[str, str]]:
    """The key of the table that is so called, where no row of the draft is one of its own."""
    group = select.args.get("group")
    grouped = list(group.expressions) if group else []
    for alias, doc in sources.items():
        short = doc.name.rpartition(".")[2]
        names = [[singular(word) for word in words(name)] for name in (short, *doc.synonyms)]
        if len(doc.primary_key) != 1 or not any(is_called(name, said) for name in names):
            continue
        if _is_whole(select) or (
            grouped
            and all(
                isinstance(each, exp.Column)
                and each.table.lower() == alias
                and not _tells_apart(each.name, doc, mending)
                for each in grouped
            )
        ):
            yield alias, doc.primary_key[0]


def _tells_apart(name: str, doc: TableDoc, mending: Mending) -> bool:
    """Whether a column may be the name of a row, or leads to another table."""
    joined = {each.lower() for edge in edges_of(doc, mending.catalog) for each in edge.left_columns}
    parts = words(name)
    return (
        name.lower() in {*joined, *(key.lower() for key in doc.primary_key)}
        or parts[-1] in {"name", "nm", "title", "id", "code", "cd", "no", "number"}
        or name.lower().endswith("name")
    )
