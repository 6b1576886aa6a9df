"""Names without what all names around them start with: tables enter, bare names leave.

In many lakes each column carries a short sign of its table (``l_orderkey`` in ``lineitem``,
``pol_no`` in ``cc_policy``), and each table one of its schema (``cc_``). Such a sign says where a
column stands, and hides that it is called as another table's key is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import takewhile

from nlq.catalog.naming import KEY_ENDS, forms, named_after, nearest, short, squeezed
from nlq.types import ColumnDoc, TableDoc

_NEARLY_ALL = 0.8
_FEWEST = 3
"""Names that must share a prefix that ends in ``_``; one more and all of them where none does."""
_SIGN = 2
"""Letters of a sign that other tables' columns may use for the table (``hld`` of ``cc_holder``)."""
_SHORT = 4
"""Letters that a shortened name must still have: ``cust``."""
_BONES = 3
"""Consonants, with the first letter, of two names that are the same but for vowels."""
_ENDING = 4
"""Letters of a table's name that may end an unbroken name: ``todepot``."""
_OWN = 0.85


class BareNames:
    """The names of tables and columns without the prefixes that they share.

    A name without such a prefix is its own bare name.
    """

    def __init__(self, tables: Iterable[TableDoc]) -> None:
        self._all = tuple(tables)
        self._tables = _bare_tables(self._all)
        self._by_thing = _by_name((t, self._things(t)) for t in self._all)
        self._prefixes: dict[str, str] = {}
        self._signs: dict[str, str] = {}
        for table in self._all:
            bare = self._tables[table.name]
            marks = short(table.name).removesuffix(bare)
            prefix = _prefix([column.name.lower() for column in table.columns], marks)
            sign = squeezed(prefix.removeprefix(marks))
            if any(other.name != table.name for other in self._by_thing.get(sign, ())):
                prefix = sign = ""  # these columns are about the rows of another table
            self._prefixes[table.name] = prefix
            if sign and _signs(sign, squeezed(bare)):
                self._signs[table.name] = sign
        self._by_sign = _by_name((t, [self._signs.get(t.name, "")]) for t in self._all)
        self._hints: dict[str, tuple[TableDoc, ...]] = {}

    def has_prefix(self, table: TableDoc) -> bool:
        """Whether the table's columns share a prefix."""
        return bool(self._prefixes[table.name])

    def column(self, table: TableDoc, column: ColumnDoc) -> str:
        """The column's bare name, in lower case."""
        return column.name.lower().removeprefix(self._prefixes[table.name])

    def named_after(self, table: TableDoc, column: ColumnDoc) -> float:
        """How surely the bare name says that the column identifies a row of its table, from 0 to 1.

        What the whole name says is for ``nlq.catalog.naming.named_after`` to tell.
        """
        if not self._is_marked(table):
            return 0.0
        bare = self.column(table, column)
        if bare == column.name.lower() or bare not in KEY_ENDS:
            return named_after(bare, self._tables[table.name])
        if table.name not in self._signs:
            return 0.0  # the id of what the prefix stands for, and that is not the table
        return 1.0 if bare == "id" else _OWN

    def called(self, name: str, home: TableDoc, *, is_key: bool) -> TableDoc | None:
        """The table with a prefix that is called so without it, or whose sign it is.

        ``is_key`` is whether the column says to be a key beside its ``name``; where it does not, it
        may as well be an amount.
        """
        wanted = squeezed(name)
        found = [table for table in self._by_thing.get(wanted, ()) if self._is_marked(table)]
        if not is_key:
            return nearest([table for table in found if wanted in self._one(table)], home)
        signed = self._by_sign.get(wanted, ()) if len(wanted) >= _SIGN else ()
        return nearest(found or list(signed), home)

    def hinted(self, name: str, home: TableDoc, *, is_key: bool) -> TableDoc | None:
        """The only table that a key's ``name`` shortens, or that an unbroken name ends in.

        One of the two tables must have a prefix: ``cdemo`` for ``customer_demographics``, ``cust``
        where the table's sign is ``cst``, ``todepot`` for ``depot``.
        """
        if not any(self._prefixes.values()):
            return None
        found: dict[str, TableDoc] = {}
        if is_key:
            for table in self._shortened(name):
                if self.has_prefix(home) or self.has_prefix(table):
                    found[table.name] = table
        if self.has_prefix(home) and "_" not in name:
            for at in range(1, len(name) - _ENDING + 1):
                for table in self._by_thing.get(name[at:], ()):
                    if is_key or name[at:] in self._one(table):
                        found[table.name] = table
        return nearest(list(found.values()), home)

    def _shortened(self, name: str) -> tuple[TableDoc, ...]:
        if name not in self._hints:
            self._hints[name] = tuple(
                table
                for table in self._all
                if any(_shortens(name, f.split("_")) for f in forms(self._tables[table.name]))
                or any(
                    _same_consonants(name, each)
                    for each in (*self._things(table), self._signs.get(table.name, ""))
                )
            )
        return self._hints[name]

    def _is_marked(self, table: TableDoc) -> bool:
        return self.has_prefix(table) or self._tables[table.name] != short(table.name)

    def _things(self, table: TableDoc) -> frozenset[str]:
        """The table's bare name as one of its rows may be called, in one word."""
        return frozenset(squeezed(thing) for thing in forms(self._tables[table.name]))

    def _one(self, table: TableDoc) -> frozenset[str]:
        """The same without what several of its rows are called."""
        things = self._things(table)
        return frozenset(t for t in things if t.removesuffix("s") not in things - {t})


def _by_name(
    named: Iterable[tuple[TableDoc, Iterable[str]]],
) -> dict[str, tuple[TableDoc, ...]]:
    found: dict[str, tuple[TableDoc, ...]] = {}
    for table, names in named:
        for name in names:
            found[name] = (*found.get(name, ()), table)
    return found


def _bare_tables(tables: Sequence[TableDoc]) -> dict[str, str]:
    """The last parts of tables' names without what all of their schema start with."""
    schemas: dict[str, list[str]] = {}
    for table in tables:
        schemas.setdefault(table.name.rpartition(".")[0], []).append(short(table.name))
    prefixes = {schema: _shared(names) for schema, names in schemas.items()}
    return {
        table.name: short(table.name).removeprefix(prefixes[table.name.rpartition(".")[0]])
        for table in tables
    }


def _prefix(columns: Sequence[str], marks: str) -> str:
    """What (nearly) all columns start with; ``marks`` is what all tables of the schema do.

    >>> _prefix(["l_orderkey", "l_partkey", "l_tax"], "")
    'l_'
    >>> _prefix(["pcl_cust_id", "pcl_cust_name", "pcl_kg", "pcl_day", "loaded_at"], "")
    'pcl_'
    >>> _prefix(["sbcustid", "sbcustname", "sbcustcity", "sbcustphone"], "sb")
    'sbcust'
    """
    if marks.endswith("_") and _share_of(columns, marks) == 1:
        return marks + _prefix([column.removeprefix(marks) for column in columns], "")
    first, _ = Counter(column.partition("_")[0] for column in columns).most_common(1)[0]
    rest = [column for column in columns if column.startswith(f"{first}_")]
    if len(rest) >= _FEWEST and _share_of(columns, f"{first}_") >= _NEARLY_ALL:
        return f"{first}_"
    found = _shared(columns)
    return "" if "_" in found else found


def _share_of(names: Sequence[str], prefix: str) -> float:
    return sum(name.startswith(prefix) and name != prefix for name in names) / len(names)


def _shared(names: Sequence[str]) -> str:
    """What all names start with: whole words, or two and more letters of names in one word.

    >>> _shared(["cc_policy", "cc_claim", "cc_card"]), _shared(["ab_x", "abcd"])
    ('cc_', '')
    >>> _shared(["pndepot", "pnvan", "pnscan", "pntour"]), _shared(["cars", "cards", "cats"])
    ('pn', '')
    """
    found = _same_start(names)
    if "_" in found:
        found = found[: found.rindex("_") + 1]
    elif len(names) <= _FEWEST or len(found) < _SIGN or any("_" in name for name in names):
        return ""
    return found if len(names) >= _FEWEST and found not in names else ""


def _same_start(names: Sequence[str]) -> str:
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    return "".join(letters[0] for letters in alike)


def _signs(sign: str, table: str) -> bool:
    """Whether the sign is made of letters of the table's name, beginning with the first.

    >>> _signs("ps", "partsupp"), _signs("prd", "product"), _signs("customer", "ordercustomer")
    (True, True, False)
    """
    left = iter(table)
    return table.startswith(sign[:1]) and all(letter in left for letter in sign)


def _shortens(name: str, words: Sequence[str]) -> bool:
    """Whether the name is made of the words' beginnings, or is that of the last word.

    >>> _shortens("cust", ["customer"]), _shortens("cdemo", ["customer", "demographics"])
    (True, True)
    >>> _shortens("cust", ["customer", "address"]), _shortens("addr", ["customer", "address"])
    (False, True)
    """

    def spells(rest: str, words: Sequence[str]) -> bool:
        if not words:
            return not rest
        most = len(_same_start([rest, words[0]]))
        return any(spells(rest[size:], words[1:]) for size in range(1, most + 1))

    name = squeezed(name)
    return len(name) >= _SHORT and (spells(name, words) or words[-1].startswith(name))


def _same_consonants(name: str, sign: str) -> bool:
    """Whether one of the two is what consonants are left of the other.

    >>> _same_consonants("cust", "cst"), _same_consonants("farm", "firm")
    (True, False)
    """
    bones = [each[:1] + "".join(x for x in each[1:] if x not in "aeiou") for each in (name, sign)]
    return len(bones[0]) >= _BONES and bones[0] == bones[1] and bool({name, sign} & set(bones))
