"""What a column's description says of its values: "CNX = cancelled" enters, value docs leave.

People explain codes in the comment of a column. Read there, "cancelled" in a question is found to
mean CNX, as if the catalog had a doc of the value.
"""

from __future__ import annotations

import re
from dataclasses import replace

from nlq.catalog.catalog import Catalog
from nlq.types import ColumnDoc

_MOST_WORDS = 5
# What follows may be a value again ("state: A = active"): hence the look ahead.
_VALUE = r"(?<![\w-])['\"`]?(?P<value>[\w+-]{1,20})['\"`]?"
_EQUALS = re.compile(
    r"(?=" + _VALUE + r"\s*(?:=>?|:|\bmeans\b|\bstands for\b|\bis for\b)"
    r"\s*['\"]?(?P<meaning>[^,;.()='\"\n]+))"
)
_BRACKETS = re.compile(
    r"(?<![\w-])['\"`]?(?P<value>[\w+-]{1,20})['\"`]?\s+\((?P<meaning>[^()=]+)\)"
)

_BEHIND = re.compile(
    r"(?P<meaning>[^\W\d_][^,;:.()=]*?)\s*\(['\"`]?(?P<value>[\w+-]{1,4})['\"`]?\)"
)
_LISTED = re.compile(
    r"\s*['\"`]?(?P<value>[A-Z\d]{1,4})['\"`]?\s+(?:-+\s+)?(?P<meaning>[^=()]+?)\s*"
)
_LEAST_LISTED = 2
_AND = re.compile(r"^\s*(?:or|and)\s+|\s+$")

_NEXT = re.compile(r"\s+(?:and|or)\s+(?=['\"`]?[\w+-]+['\"`]?\s*(?:=|:|means|stands|$)|$)")


def with_meanings(catalog: Catalog) -> Catalog:
    """The catalog with what its columns' descriptions say of values that have no doc of their own.

    Only values that the column is known to hold are looked for.
    """
    tables = {
        name: replace(table, columns=tuple(_explained(column) for column in table.columns))
        for name, table in catalog.tables.items()
    }
    return replace(catalog, tables=tables)


def _explained(column: ColumnDoc) -> ColumnDoc:
    if not column.description or not column.values:
        return column
    if is_explained(column):
        return column
    told = meanings(column.description, {value.value for value in column.values})
    if not told:
        return column
    values = tuple(replace(v, meaning=told.get(v.value, "")) for v in column.values)
    return replace(column, values=values)


def is_explained(column: ColumnDoc) -> bool:
    """Whether the docs say what any of its values means or is called."""
    return any(value.meaning or value.synonyms for value in column.values)


def meanings(description: str, values: set[str]) -> dict[str, str]:
    """What the description says that each of the ``values`` means, where it does.

    >>> meanings("ARR = arrived, CNX = cancelled; null before", {"ARR", "CNX", "DVT"})
    {'ARR': 'arrived', 'CNX': 'cancelled'}
    >>> meanings("full, assoc or adj (adjunct)", {"full", "adj"})
    {'adj': 'adjunct'}
    >>> meanings("mode: F on foot, V vehicle", {"F", "V"}), meanings("new (N), old (O)", {"N", "O"})
    ({'F': 'on foot', 'V': 'vehicle'}, {'N': 'new', 'O': 'old'})
    """
    found: dict[str, str] = {}
    for pattern in (_EQUALS, _BRACKETS):
        for match in pattern.finditer(description):
            meaning = _NEXT.split(match["meaning"])[0].strip()
            if match["value"] in values and 0 < len(meaning.split()) <= _MOST_WORDS:
                found.setdefault(match["value"], meaning)
    return found or _listed(description, values)


def _listed(description: str, values: set[str]) -> dict[str, str]:
    """Several codes with their meanings and no sign in between, or in brackets behind them."""
    parts = re.split(r"[,;]|\s+(?:or|and)\s+(?=[A-Z\d]{1,4}\b)", description.rpartition(":")[2])
    rows = [match for part in parts if (match := _LISTED.fullmatch(part))]
    for found in (rows, list(_BEHIND.finditer(description))):
        told = {m["value"]: _AND.sub("", m["meaning"]) for m in found if m["value"] in values}
        short = {v: text for v, text in told.items() if len(text.split()) <= _MOST_WORDS}
        if len(short) >= _LEAST_LISTED:
            return short
    return {}
