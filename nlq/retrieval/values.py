"""Value linking: phrases of the question go in, the column values that they name leave.

Values come from the catalog's docs, and from the lake where ``with_sampled_values`` put them there
when the index was built.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from nlq.catalog.catalog import Catalog
from nlq.retrieval.lexicon import Lexicon
from nlq.retrieval.match import GLUE
from nlq.retrieval.words import STOP_WORDS, Token, tokens
from nlq.types import ColumnDoc, TableDoc, ValueDoc, ValueLink

_EXACT, _MEANING, _RESPELLED = 1.0, 0.95, 0.8

ListValues = Callable[[str, str, int], Sequence[str]]
"""Takes a table, a column and a limit; gives up to so many distinct values that are not null."""


def link_values(
    text: str,
    lexicon: Lexicon,
    respelled: Mapping[str, str],
    taken: Sequence[tuple[int, int]] = (),
) -> tuple[ValueLink, ...]:
    """Links for every value that the wording names, in order; several columns may hold one.

    ``taken`` are stretches of the text that mean something else (a metric's name, a date): no
    link is made from a phrase that lies within one.
    """
    positions = tokens(text)
    shouting = text.isupper()
    links: list[ValueLink] = []
    for match in lexicon.values.find(text, respelled):
        here = positions[match.first : match.last + 1]
        start, end = here[0].start, here[-1].end
        if any(first <= start and end <= last for first, last in taken):
            continue
        if len(here) == 1 and not _stands_for_value(text, here[0], shouting):
            continue
        mended = any(token.singular in respelled for token in here)
        for place in match.payloads:
            score = _RESPELLED if mended else _EXACT if place.exact else _MEANING
            links.append(
                ValueLink(
                    match.phrase, place.table, place.column, place.value, place.meaning, score
                )
            )
    return tuple(dict.fromkeys(links))


def _stands_for_value(text: str, token: Token, shouting: bool) -> bool:
    """Whether a single word means a value; values may also be words of their own (IT, US, Growth).

    Codes of two letters must be written in capitals; words of analysis ("growth", "other") with a
    capital that does not come from starting the sentence. A single letter never counts.
    """
    written = text[token.start : token.end]
    if len(written) == 1:
        return False
    if len(written) == 2 or token.text in STOP_WORDS:
        return written.isupper() and not shouting
    if token.text in GLUE:
        return written[0].isupper() and token.start > 0 and not shouting
    return True


def with_sampled_values(catalog: Catalog, list_values: ListValues, *, most: int = 200) -> Catalog:
    """The catalog with the lake's own values added to string columns that have no value docs.

    Columns with more than ``most`` different values are left alone, as are personal data
    (tag ``pii``) and keys. Raises what ``list_values`` raises.
    """

    def filled(table: TableDoc, column: ColumnDoc) -> ColumnDoc:
        keys = {*table.primary_key, *(c for j in table.joins for c in j.left_columns)}
        if (
            column.values
            or not column.type.startswith(("varchar", "char"))
            or "pii" in column.tags
            or column.name in keys
        ):
            return column
        values = list_values(table.name, column.name, most + 1)
        if len(values) > most:
            return column
        return replace(column, values=tuple(ValueDoc(value) for value in values if value.strip()))

    tables = {
        name: replace(table, columns=tuple(filled(table, column) for column in table.columns))
        for name, table in catalog.tables.items()
    }
    return replace(catalog, tables=tables)
