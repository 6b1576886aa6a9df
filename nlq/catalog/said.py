"""What docs say about keys in plain words: descriptions and glossary enter, claims leave.

"Foreign key referencing the cars table", "ID of the publication being cited", "the team lead
(staff.id)" and "`cars.id` can be joined with `car_id` from `sales`" are read by a few patterns;
nothing is read into other sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from nlq.catalog.catalog import Catalog
from nlq.catalog.naming import Mention, TableNames, key_stem, named_after, sentences, short
from nlq.types import ColumnDoc, TableDoc

Place = tuple[str, str]
"""Whole table name and column name."""

ClaimKind = Literal["foreign key", "identifier", "name"]

_FOREIGN = re.compile(r"\b(?:foreign[- ]keys?|FK)\b", re.I)
_REFERS = re.compile(
    r"(?<!\bof )(?<!\bthe )\breferences\b|\breferencing\b|\brefer(?:s|ring) to\b|\bpoints? to\b"
    r"|\blink(?:s|ed) to\b|\bjoin(?:s|ed) (?:to|with)\b",
    re.I,
)
_PLAIN = r"(?:(?:the|an?|this|unique|primary|surrogate|internal|numeric)\s+)"
_ARTICLE = r"(?:(?:the|an?|each|every|its|this|our|one)\s+)?"
_ID_OF = re.compile(
    rf"(?:^|(?<=[^\w\s])\s*|{_PLAIN})(?:id|identifier|key|code)\s+(?:of|for)\s+{_ARTICLE}", re.I
)
_NAME_OF = re.compile(rf"\bname\s+of\s+{_ARTICLE}", re.I)
_ID_AFTER = re.compile(r"(?:'s)?\s+(?:id|identifier|key|code)\b", re.I)
_UNIQUE = re.compile(
    r"\b(?:primary|surrogate) key\b|\buniquely identif|\bunique\b[^.]*\b(?:identifier|id|key)\b",
    re.I,
)
_PART = re.compile(r"\bpart of\b|\bcomposite\b|\btogether with\b", re.I)
_ROLE = re.compile(
    r"parent|manager|supervis|superior|boss|reports?_?to|mentor|sponsor|prev|next|origin|root"
    r"|replac|referr|reply|predecessor|successor|related|linked|^head",
    re.I,
)
_BREAK = re.compile(r"\b(?:of|in|on|at|by|for|from|to|with|that|which|who|where|whose|and|or)\b|,")
_JOIN_WORDS = re.compile(
    r"\bjoin(?:s|ed|able|ing)?\b|\bforeign key\b|\brefer(?:s|ring) to\b|\breferences\b"
    r"|\blink(?:s|ed)\b",
    re.I,
)
_EQUAL = re.compile(r"([\w.]+\.\w+)[`\"']?\s*=+\s*[`\"']?([\w.]+\.\w+)")
_OF_TABLES = re.compile(r"[`\"']?(\w+)[`\"']?(?:\s+columns?)?\s+(?:from|of|in)\s+(?:the\s+)?", re.I)
_ON = re.compile(r"\b(?:on|using|via|through|by)\b(?!.*\b(?:on|using|via|through|by)\b)", re.I)


@dataclass(frozen=True, slots=True)
class Claim:
    """That a column refers to a row of ``key_table``; ``key`` is "" where the docs name none."""

    table: str
    column: str
    key_table: str
    key: str
    kind: ClaimKind


@dataclass(frozen=True, slots=True)
class Said:
    """``owned`` columns identify a row of their own table, ``unique`` ones have each value once,
    ``foreign`` ones are called foreign keys. ``pairs`` are columns that the docs join, either way
    round."""

    owned: frozenset[Place]
    unique: frozenset[Place]
    foreign: frozenset[Place]
    claims: tuple[Claim, ...]
    pairs: tuple[tuple[Place, Place], ...]

    def refers(self, place: Place) -> bool:
        """Whether the docs say that the column identifies a row of a table (another, mostly)."""
        return place in self.foreign or any(
            (claim.table, claim.column) == place and claim.kind != "name" for claim in self.claims
        )


def read_said(catalog: Catalog) -> Said:
    """What the docs of tables and the glossary say about keys and joins."""
    names = TableNames(catalog.tables.values())
    owned: set[Place] = set()
    unique: set[Place] = set()
    foreign: set[Place] = set()
    claims: dict[Claim, None] = {}
    pairs: dict[tuple[Place, Place], None] = {}
    for table in catalog.tables.values():
        for column in table.columns:
            place = (table.name, column.name)
            text = column.description
            is_foreign = bool(_FOREIGN.search(text))
            found = list(_claims(table, column, names))
            claims.update(dict.fromkeys(found))
            if is_foreign:
                foreign.add(place)
            elif _UNIQUE.search(text) and not _PART.search(text):
                unique.add(place)
                if not found:
                    owned.add(place)
            elif not found and _identifies_own(table, column, names):
                owned.add(place)
        pairs.update(dict.fromkeys(_pairs(table.description, table, names)))
    home = next(iter(catalog.tables.values()), None)
    for entry in catalog.glossary if home else ():
        pairs.update(dict.fromkeys(_pairs(entry, home, names)))
    return Said(
        frozenset(owned), frozenset(unique), frozenset(foreign), tuple(claims), tuple(pairs)
    )


def _claims(table: TableDoc, column: ColumnDoc, names: TableNames) -> Iterator[Claim]:
    """What the description of a column says that it refers to; the first sentence that does."""
    for text in sentences(column.description):
        told = names.mentions(text, table)
        if not told:
            continue
        meant = [mention for mention in told if mention.column and _is_aside(text, mention)]
        if len(meant) == 1 and (meant[0].table.name, meant[0].column) != (table.name, column.name):
            yield Claim(
                table.name, column.name, meant[0].table.name, meant[0].column, "foreign key"
            )
            return
        if (verb := _FOREIGN.search(text) or _REFERS.search(text)) and (
            target := _target(text, verb.end(), told)
        ):
            key = _column_named(text[verb.end() :], target)
            if (target.table.name, key) != (table.name, column.name):
                yield Claim(table.name, column.name, target.table.name, key, "foreign key")
            return
        if named := _identified(text, told):
            target, adjective = named
            own = target.table.name == table.name
            if own and not _ROLE.search(f"{column.name} {adjective}"):
                return
            yield Claim(table.name, column.name, target.table.name, "", "identifier")
            return
        if (found := _NAME_OF.search(text)) and (head := _head(text, found.end(), told)):
            if head[0].table.name != table.name:
                yield Claim(table.name, column.name, head[0].table.name, "", "name")
            return


def _is_aside(text: str, mention: Mention) -> bool:
    """Whether it is all that stands in brackets: "the team lead (staff.id)"."""
    before, after = text[: mention.start].rstrip("`'\" "), text[mention.end :].lstrip("`'\" ")
    return before.endswith("(") and after.startswith(")")


def _identifies_own(table: TableDoc, column: ColumnDoc, names: TableNames) -> bool:
    """Whether the description says that the column is the id of a row of its own table."""
    for text in sentences(column.description):
        named = _identified(text, names.mentions(text, table))
        if named and named[0].table.name == table.name and key_stem(f"_{column.name}"):
            return True
    return False


def _identified(text: str, told: list[Mention]) -> tuple[Mention, str] | None:
    """The table of ``id of the THING`` or ``THING id``, and the words before THING."""
    if (found := _ID_OF.search(text)) and (head := _head(text, found.end(), told)):
        return head
    for mention in told:
        if _ID_AFTER.match(text, mention.end) and not _BREAK.search(text[: mention.start]):
            return mention, text[: mention.start]
    return None


def _target(text: str, start: int, told: list[Mention]) -> Mention | None:
    """The table that is meant after ``start``: one called a table before one only named."""
    after = [mention for mention in told if mention.start >= start]
    for mention in after:
        around = text[: mention.start].rstrip("`'\" "), text[mention.end :].lstrip("`'\" ")
        if mention.column or around[1].lower().startswith("table"):
            return mention
        if around[0].lower().endswith("table"):
            return mention
    return after[0] if after else None


def _head(text: str, start: int, told: list[Mention]) -> tuple[Mention, str] | None:
    """The table named after ``start``, at most two words on, and those words.

    Of two names in a row the last is the thing: "the publication author" is an author.
    """
    head: Mention | None = None
    for mention in told:
        if mention.start < start:
            continue
        between = text[head.end if head else start : mention.start]
        if _BREAK.search(between) or len(between.split()) > (0 if head else 2):
            break
        head = mention
    return (head, text[start : head.start]) if head else None


def _column_named(text: str, target: Mention) -> str:
    """The column of the table that a text names as one; "" where it names none."""
    if target.column:
        return target.column
    for pattern in (
        r"[`'\"]?(\w+)[`'\"]?\s+(?:column|field)\b",
        r"\b(?:column|field)\s+[`'\"]?(\w+)",
        r"\((\w+)\)",
    ):
        for found in re.finditer(pattern, text, re.I):
            if column := target.table.column(found[1]):
                return column.name
    return ""


def _pairs(text: str, home: TableDoc | None, names: TableNames) -> Iterator[tuple[Place, Place]]:
    """The columns that a text's sentences about joins make equal."""
    for sentence in sentences(text):
        if home is None or not _JOIN_WORDS.search(sentence):
            continue
        told = names.mentions(sentence, home)
        equal = [
            (_place(found[1], told), _place(found[2], told)) for found in _EQUAL.finditer(sentence)
        ]
        if equal:
            yield from ((left, right) for left, right in equal if left and right)
            continue
        yield from _joined(sentence, told)


def _place(written: str, told: list[Mention]) -> Place | None:
    last = written.lower().split(".")[-2:]
    for mention in told:
        if mention.column == last[1] and last[0] in mention.table.name.split("."):
            return mention.table.name, mention.column
    return None


def _joined(sentence: str, told: list[Mention]) -> Iterator[tuple[Place, Place]]:
    """Pairs of "A.x can be joined with y from B and C" and of "A can be joined to B on x"."""
    placed: dict[Place, None] = {}
    for mention in told:
        if mention.column:
            placed[mention.table.name, mention.column] = None
    for found in _OF_TABLES.finditer(sentence):
        for mention in _listed(sentence, found.end(), told):
            if column := mention.table.column(found[1]):
                placed[mention.table.name, column.name] = None
    hub = _hub(placed)
    if hub is not None:
        yield from ((hub, other) for other in placed if other[0] != hub[0])
        return
    tables = list({mention.table.name: mention.table for mention in told}.values())
    on = _ON.search(sentence)
    if len(tables) < 2:
        return
    first_table, *rest = tables
    words = re.findall(r"\w+", sentence[on.end() :]) if on else []
    columns = [column for _, column in placed] or words
    for other in rest:
        for word in columns:
            if pair := _same_key(first_table, other, word):
                yield pair
                break


def _hub(placed: Mapping[Place, None]) -> Place | None:
    """The one column of its table that all the others are joined with; None where there is none."""
    by_table: dict[str, list[Place]] = {}
    for place in placed:
        by_table.setdefault(place[0], []).append(place)
    alone = [places[0] for places in by_table.values() if len(places) == 1]
    return alone[0] if alone and len(by_table) > 1 else None


def _listed(text: str, start: int, told: list[Mention]) -> Iterator[Mention]:
    """The tables of a list such as "A, B and C tables" that starts there."""
    at = start
    for mention in told:
        if mention.start < start:
            continue
        if not re.fullmatch(r"[\s`'\",]*(?:and|or|the|tables?)?[\s`'\",]*(?:the)?[\s`'\"]*",
                            text[at : mention.start]):  # fmt: skip
            return
        yield mention
        at = mention.end


def _same_key(left: TableDoc, right: TableDoc, word: str) -> tuple[Place, Place] | None:
    """The column of that name in one table and the one most like it in the other."""
    ours, theirs = left.column(word), right.column(word)
    if ours and theirs:
        return (left.name, ours.name), (right.name, theirs.name)
    if ours and (like := _most_like(ours.name, left, right)):
        return (left.name, ours.name), (right.name, like)
    if theirs and (like := _most_like(theirs.name, right, left)):
        return (left.name, like), (right.name, theirs.name)
    return None


def _most_like(name: str, table: TableDoc, other: TableDoc) -> str | None:
    """The column of ``other`` that may mean what ``name`` of ``table`` does."""

    def likeness(column: ColumnDoc) -> int:
        if named_after(name, short(table.name)) and _names_row_of(column.name, table):
            return 100
        if named_after(column.name, short(other.name)) and _names_row_of(name, other):
            return 99
        return shared_tail(name, column.name)

    best = max(other.columns, key=likeness)
    return best.name if likeness(best) >= _LEAST_TAIL else None


def _names_row_of(column: str, table: TableDoc) -> bool:
    stem = key_stem(column)
    return bool(stem) and named_after(column, short(table.name)) >= 0.9


_LEAST_TAIL = 5


def shared_tail(left: str, right: str) -> int:
    """How many letters two names share at their ends.

    >>> shared_tail("sbdptickerid", "sbTickerId")
    8
    """
    count = 0
    for a, b in zip(reversed(left.lower()), reversed(right.lower()), strict=False):
        if a != b:
            break
        count += 1
    return count
