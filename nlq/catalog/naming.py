"""What names say: names of tables and columns enter, the things that they are called after leave.

``customer_id``, ``customers``, ``dim_customer`` and "the customer" are all about one thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from nlq.types import ColumnDoc, TableDoc

_TOKEN = re.compile(r"[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*")
_LAYERS = re.compile(r"^(?:dim|fact|fct|tbl|stg)_|_(?:dim|fact|tbl|table)$")
KEY_ENDS = ("id", "key", "code", "cd", "no", "num", "number", "nr", "uuid", "guid", "sk")
"""How names of identifiers end."""
_IRREGULAR = {"people": "person", "children": "child"}
_LONGEST = 3  # words of a table's name in a text


@lru_cache(maxsize=10_000)
def forms(name: str) -> frozenset[str]:
    """A table's name as one of its rows may be called, layers' prefixes left out.

    >>> sorted(forms("dim_companies"))
    ['companie', 'companies', 'company']
    """
    bare = _LAYERS.sub("", name.lower())
    found = {bare}
    if bare.endswith("s") and not bare.endswith("ss"):
        found.add(bare[:-1])
        if bare.endswith(("sses", "uses", "xes", "zes", "ches", "shes", "oes")):
            found.add(bare[:-2])
        if bare.endswith("ies"):
            found.add(f"{bare[:-3]}y")
    if bare in _IRREGULAR:
        found.add(_IRREGULAR[bare])
    words = bare.split("_")
    if len(words) > 1:
        found.add("_".join(_IRREGULAR.get(w, w.removesuffix("s")) for w in words))
    return frozenset(found)


def key_stem(column: str) -> str:
    """The name without the ending that says that it identifies something; "" where it has none.

    >>> [key_stem(name) for name in ("home_team_id", "sbCustId", "paid", "amount")]
    ['home_team', 'sbcust', 'pa', '']
    """
    name = column.lower()
    for end in KEY_ENDS:
        if name.endswith(end) and name != end:
            return name.removesuffix(end).rstrip("_")
    return ""


def looks_like_key(column: str) -> bool:
    """Whether the name ends as names of identifiers do, after a break or in one word."""
    name = column.lower()
    return name in KEY_ENDS or any(
        name.endswith(f"_{end}") or (end in ("id", "key", "code") and name.endswith(end))
        for end in KEY_ENDS
    )


def named_after(column: str, table: str) -> float:
    """How surely the column's name says that it identifies a row of the table, from 0 to 1.

    ``table`` is the last part of its name.

    >>> [named_after(*pair) for pair in (("id", "cars"), ("car_id", "cars"), ("cid", "cars"))]
    [1.0, 1.0, 0.9]
    >>> [named_after(*pair) for pair in (("item_id", "order_items"), ("car_id", "sales"))]
    [0.3, 0.0]
    """
    name, stem = column.lower(), key_stem(column)
    things = forms(table)
    if name == "id":
        return 1.0
    if any(name in (thing, f"{thing}_name", f"{thing}name") for thing in things):
        return 0.85
    if stem and any(squeezed(stem) == squeezed(thing) for thing in things):
        return 1.0
    bare = _LAYERS.sub("", table.lower())
    initials = "".join(word[0] for word in bare.split("_") if word)
    if name in (f"{initials}id", f"{initials}_id"):
        return 0.9
    if "_" not in bare and len(stem) >= 4 and bare.startswith(stem):
        return 0.8
    if stem and any(thing.endswith(f"_{stem}") or thing.startswith(f"{stem}_") for thing in things):
        return 0.3
    return 0.0


def short(table: str) -> str:
    """The last part of a whole name."""
    return table.rpartition(".")[2].lower()


@dataclass(frozen=True, slots=True)
class Mention:
    """A table, and perhaps its column, in a text from ``start`` to ``end``."""

    table: TableDoc
    start: int
    end: int
    column: str = ""


class TableNames:
    """Finds tables in texts and by what columns are called after."""

    def __init__(self, tables: Iterable[TableDoc]) -> None:
        self._by_thing: dict[str, list[TableDoc]] = {}
        self._by_last: dict[str, list[TableDoc]] = {}
        for table in tables:
            for form in forms(short(table.name)):
                self._by_thing.setdefault(squeezed(form), []).append(table)
                if "_" in form:
                    self._by_last.setdefault(form.rpartition("_")[2], []).append(table)

    def called(self, name: str, home: TableDoc) -> TableDoc | None:
        """The table of that name, or of whose rows one is called so.

        Of several it is the one in the schema of ``home``; where that leaves several, None.
        """
        found = self._by_thing.get(squeezed(name.lower()), [])
        exact = [table for table in found if short(table.name) == name.lower()]
        return nearest(exact or found, home)

    def ending_in(self, word: str, home: TableDoc) -> TableDoc | None:
        """The table whose name's last word is that one: ``news_feeds`` for ``feed``."""
        return nearest(self._by_last.get(word.lower(), []), home)

    def mentions(self, text: str, home: TableDoc) -> list[Mention]:
        """The tables that a text names, in its order, the longest names first."""
        tokens = list(_TOKEN.finditer(text))
        found: list[Mention] = []
        at = 0
        while at < len(tokens):
            for size in range(min(_LONGEST, len(tokens) - at), 0, -1):
                run = tokens[at : at + size]
                if mention := self._mention(run, home):
                    found.append(mention)
                    at += size
                    break
            else:
                at += 1
        return found

    def _mention(self, run: list[re.Match[str]], home: TableDoc) -> Mention | None:
        start, end = run[0].start(), run[-1].end()
        *above, last = run[0][0].split(".") if len(run) == 1 else ["_".join(t[0] for t in run)]
        if above and (owner := self.called(above[-1], home)) and owner.column(last):
            return Mention(owner, start, end, last.lower())
        table = self.called(last, home)
        return Mention(table, start, end) if table else None


def fits(column: ColumnDoc, key: ColumnDoc) -> bool:
    """Whether values of the two types can be compared as keys are."""
    kinds = [c.type.partition("(")[0] for c in (column, key)]
    for group in (_INTEGERS, _TEXTS):
        if group.issuperset(kinds):
            return True
    return kinds[0] == kinds[1] == "uuid" or (
        column.type == key.type and column.type.startswith("decimal") and column.type[-3:] == ",0)"
    )


_INTEGERS = frozenset({"bigint", "integer", "smallint", "tinyint"})
_TEXTS = frozenset({"varchar", "char"})


def squeezed(name: str) -> str:
    """The name in one word."""
    return name.replace("_", "")


def nearest(tables: list[TableDoc], home: TableDoc) -> TableDoc | None:
    """The only one of the tables, or the only one in the schema of ``home``."""

    def here(table: TableDoc) -> bool:
        return table.name.rpartition(".")[0] == home.name.rpartition(".")[0]

    near = [table for table in tables if here(table)] or tables
    distinct = {table.name: table for table in near}
    return next(iter(distinct.values())) if len(distinct) == 1 else None


def sentences(text: str) -> Iterator[str]:
    """The sentences and lines of a text."""
    yield from filter(None, map(str.strip, re.split(r"(?<=[.;!?])\s+|\n", text)))
