"""The words of a catalog: a ``Catalog`` goes in, look-ups of names, values and vocabulary leave.

Made once for each catalog that a principal may see, and kept by the retriever.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from nlq.catalog.catalog import Catalog
from nlq.retrieval.glue import GLUE, is_telling
from nlq.retrieval.words import (
    SHORT_FORMS,
    STOP_WORDS,
    PhraseBook,
    PhraseMatch,
    abbreviates,
    singular,
    stem,
    tokens,
    words,
)
from nlq.types import TableDoc, ValueDoc

NameKind = Literal["metric", "dimension", "table", "column"]


@dataclass(frozen=True, slots=True)
class Named:
    """A thing of the catalog that a phrase names; ``main`` unless the phrase is a synonym.

    ``name`` is that of the metric, dimension or table, or ``table.column``.
    """

    kind: NameKind
    name: str
    main: bool = True


@dataclass(frozen=True, slots=True)
class Located:
    """A value of a column that a phrase names; ``exact`` unless the phrase is only its meaning."""

    table: str
    column: str
    value: str
    meaning: str
    exact: bool = True


# A description this long explains a value, rather than being another name for it.
_LONGEST_MEANING = 4
_LONGEST_TITLE = 6


def spoken_names(table: TableDoc) -> Iterator[str]:
    """What a table and its columns are called, in names and synonyms."""
    yield from (table.name.rpartition(".")[2], *table.synonyms)
    for column in table.columns:
        yield from (column.name, *column.synonyms)


class Lexicon:
    """Everything that wording is matched against, for one catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self.names = PhraseBook(_governed(catalog))
        self.physical = PhraseBook(_physical(catalog))
        self.values = PhraseBook(_values(catalog))
        self._spellings = sorted(
            {
                word
                for book in (self.names, self.values)
                for phrase, _ in book
                for word in phrase
                if len(word) >= _SHORTEST_TYPO and word.isalpha()
            }
        )
        self._vocabulary = _vocabulary(catalog) | set(self._spellings)
        self._short_parts: dict[str, set[str]] = {}  # by the first letter of what they may mean
        for table in catalog.tables.values():
            for part in (part for name in spoken_names(table) for part in words(name)):
                for meant in SHORT_FORMS.get(part, (part,)):
                    self._short_parts.setdefault(meant[0], set()).add(part)
        self._one_word_tables = {
            singular(name)
            for table in catalog.tables.values()
            for name in (table.name.rpartition(".")[2], *table.synonyms)
            if len(words(name)) == 1 and len(singular(name)) >= _SHORTEST_ENDING
        }
        self._splits = {
            metric.name: {
                name: (catalog.dimensions[name].table, catalog.dimensions[name].column)
                for name in metric.dimensions
                if name in catalog.dimensions
            }
            for metric in catalog.metrics.values()
        }
        said = {word for book in (self.names, self.values) for phrase, _ in book for word in phrase}
        self._short = {a: full for a, full in _ABBREVIATIONS.items() if full in said - {a}}
        self._short = {a: full for a, full in self._short.items() if a not in said}
        self.unclear = frozenset(
            " ".join(words(text)) for term in catalog.ambiguous for text in term.terms
        )

    def find(
        self, text: str, respelled: Mapping[str, str] = MappingProxyType({})
    ) -> tuple[tuple[PhraseMatch[Named], ...], tuple[PhraseMatch[Located], ...]]:
        """The metrics and dimensions, and the values, that the text names.

        Where a name and a value overlap, the longer wording counts ("mid-market" is no market);
        where they are the same, the name does, unless another metric is named that has the value
        ("tickets for billing"). A word that is also an ordinary one counts as a
        value only where it is written like one.
        """
        names = self.names.find(text, respelled)
        values = [
            m
            for m in self.values.find(text, respelled)
            if (_means_value(text, m) or _before_its_table(text, m))
            and not _led_into_name(m, names)
        ]
        kept = [
            n
            for n in names
            if not any(
                n.inside(v.start, v.end)
                and (v.length > n.length or self._restricts(text, n, v, names))
                for v in values
            )
        ]
        return tuple(kept), tuple(
            v for v in values if not any(v.inside(n.start, n.end) for n in kept)
        )

    def _restricts(
        self,
        text: str,
        name: PhraseMatch[Named],
        value: PhraseMatch[Located],
        names: Sequence[PhraseMatch[Named]],
    ) -> bool:
        """Whether wording that is both a name and a value restricts another metric of the text."""
        metrics = [
            named.name
            for other in names
            if other is not name
            for named in other.payloads
            if named.kind == "metric"
        ]
        having = [m for m in metrics if any(self._has(m, place) for place in value.payloads)]
        if not having:
            return False
        if all(named.kind == "dimension" for named in name.payloads):
            splits = {split for metric in metrics for split in self._splits[metric]}
            return not any(named.name in splits for named in name.payloads)
        return bool(_RESTRICTING.search(text[: name.start]))

    def _has(self, metric: str, place: Located) -> bool:
        return (place.table, place.column) in self._splits[metric].values()

    def knows(self, word: str) -> bool:
        """Whether any name, description, synonym or value has the word or a form of it."""
        return word in self._vocabulary or stem(word) in self._vocabulary

    def knows_short(self, word: str) -> bool:
        """Whether part of a table's or column's name may be a short form of the word."""
        return any(abbreviates(part, word) for part in self._short_parts.get(word[:1], ()))

    def knows_part(self, word: str) -> bool:
        """Whether it says that something known is not so, or ends in what a table is called.

        "unpaid" is explained by "paid", "telescopes" by a table ``scope``.
        """
        opposite = word.removeprefix("un").removeprefix("non").removeprefix("-")
        if opposite != word and len(opposite) >= _SHORTEST_PART and self.knows(opposite):
            return True
        return any(word.endswith(name) for name in self._one_word_tables)

    def respelled(self, text: str) -> Mapping[str, str]:
        """For words that nothing knows: the one name or value word that each misspells.

        Also for abbreviations that people write and no name or value has ("rev", "avg").
        """
        found: dict[str, str] = {}
        for token in tokens(text):
            word = token.singular
            if word in self._short:
                found[word] = self._short[word]
                continue
            if len(word) < _SHORTEST_TYPO or not word.isalpha() or self.knows(word):
                continue
            if word in STOP_WORDS or word in _COMMON:
                continue
            most = 1 if len(word) < _LONG_WORD else 2
            near = extract(word, self._spellings, scorer=OSA.distance, score_cutoff=most, limit=3)
            # People seldom mistype the first letter, and words that differ there are other words.
            near = [hit for hit in near if hit[0][0] == word[0]]
            if near and (len(near) == 1 or near[0][1] < near[1][1]):
                found[word] = near[0][0]
        return found


def _means_value(text: str, match: PhraseMatch[Located]) -> bool:
    """Whether the wording means a value; values may also be words of their own (IT, US, Growth).

    Codes of two letters must be written in capitals; words of analysis ("growth", "other") with a
    capital that does not come from starting the sentence. A single letter never counts.
    """
    word = match.phrase
    if match.length > 1:
        return True
    if len(word) == 1:
        return False
    if len(word) == 2 or word.lower() in STOP_WORDS:
        return word.isupper() and not text.isupper()
    if word.lower() in GLUE:
        return word[0].isupper() and match.start > 0 and not text.isupper()
    return True


def _before_its_table(text: str, match: PhraseMatch[Located]) -> bool:
    """Whether an ordinary word stands before the name of a table whose rows have it as a value.

    In "final inspections" it is the stage of inspections that is called final.
    """
    after = tokens(text[match.end :])[:1]
    tables = {singular(place.table.rpartition(".")[2]) for place in match.payloads}
    return bool(after) and after[0].singular in tables and len(match.phrase) >= _SHORTEST_PART


def _led_into_name(match: PhraseMatch[Located], names: Sequence[PhraseMatch[Named]]) -> bool:
    """Whether a value's wording is only an ordinary word before a name.

    "By call" is a way to send codes, but not in "by call minutes" or "directions by calls"; it is
    in "verifications by call", where another metric is named.
    """
    said = tokens(match.phrase)
    if not (len(said) > 1 and said[0].text in STOP_WORDS):
        return False
    start = match.start + said[1].start
    for name in names:
        if name.start != start or name.end < match.end:
            continue
        if name.end > match.end or said[-1].text != said[-1].singular:
            return True
        return not any(
            other is not name and any(named.kind == "metric" for named in other.payloads)
            for other in names
        )
    return False


_RESTRICTING = re.compile(r"\b(?:for|from|on|about|only)\s+(?:the\s+|our\s+)?$", re.IGNORECASE)
"""What stands before wording that narrows a metric down."""

_SHORTEST_TYPO = 5
_SHORTEST_PART = 4
_SHORTEST_ENDING = 5
_LONG_WORD = 9
_ABBREVIATIONS = {
    "rev": "revenue", "avg": "average", "cust": "customer", "acct": "account", "msg": "message",
    "msgs": "message", "dept": "department", "mktg": "marketing", "conv": "conversion",
    "opp": "opportunity", "sub": "subscription", "prod": "product", "cat": "category",
}  # fmt: skip
# Right spellings that are one letter away from words a catalog is likely to have.
_COMMON_TEXT = """
child chart count could every first great might order other point quite right shall share since
space spare state still table their there these thing think those three today total trend until
usual value where which while whole whose would years
"""
_COMMON = frozenset(_COMMON_TEXT.split())


def _governed(catalog: Catalog) -> Iterator[tuple[str, Named]]:
    for metric in catalog.metrics.values():
        yield from _all(Named("metric", metric.name), (metric.label, metric.name), metric.synonyms)
    for dim in catalog.dimensions.values():
        yield from _all(Named("dimension", dim.name), (dim.label, dim.name), dim.synonyms)


def _all(named: Named, main: Iterable[str], synonyms: Iterable[str]) -> Iterator[tuple[str, Named]]:
    known = {" ".join(words(phrase)) for phrase in main}
    for phrase in known:
        yield phrase, named
    for phrase in synonyms:
        if " ".join(words(phrase)) not in known:
            yield phrase, Named(named.kind, named.name, main=False)


# Endings of column names that tell a unit or a form and are not said.
_SUFFIXES = frozenset(
    {
        "usd",
        "eur",
        "gbp",
        "c",
        "cd",
        "cnt",
        "amt",
        "pct",
        "ts",
        "dt",
        "at",
        "on",
        "ms",
        "min",
        "code",
    }
)


def _physical(catalog: Catalog) -> Iterator[tuple[str, Named]]:
    for table in catalog.tables.values():
        last = table.name.rsplit(".", 1)[-1]
        yield from _all(Named("table", table.name), (last,), table.synonyms)
        for column in table.columns:
            name = f"{table.name}.{column.name}"
            parts = words(column.name)
            bare = parts[:-1] if parts[-1] in _SUFFIXES else parts
            spoken = (column.name, " ".join(parts), " ".join(bare))
            yield from _all(Named("column", name), spoken, column.synonyms)


def _values(catalog: Catalog) -> Iterator[tuple[str, Located]]:
    tables = catalog.tables.values()
    values = [
        (table, column.name, value, _begins(value.meaning))
        for table in tables
        for column in table.columns
        for value in column.values
    ]
    firsts = Counter(word for *_, word in values if word)
    named = (part for table in tables for name in spoken_names(table) for part in words(name))
    names = {stem(part) for part in named} if firsts else set()
    for table, column, value, word in values:
        yield from _value(table, column, value)
        if firsts[word] == 1 and stem(word) not in names:
            yield word, Located(table.name, column, value.value, value.meaning, exact=False)


def _value(table: TableDoc, column: str, value: ValueDoc) -> Iterator[tuple[str, Located]]:
    located = Located(table.name, column, value.value, value.meaning)
    if not value.value.replace(".", "").replace("-", "").isdigit():
        yield value.value, located
    for synonym in value.synonyms:
        yield synonym, located
    said = {" ".join(words(phrase)) for phrase in (value.value, *value.synonyms)}
    name = _name_in(value.meaning)
    if name and " ".join(words(name)) not in said:
        yield name, Located(table.name, column, value.value, value.meaning, exact=False)


def _begins(meaning: str) -> str:
    """The word that a longer meaning begins with, "" where it says little or means itself.

    >>> _begins("network coverage or speed"), _begins("on foot"), _begins("paid")
    ('network', 'foot', '')
    """
    said = words(meaning)
    telling = [word for word in said if is_telling(word)]
    long = telling and len(telling[0]) >= _SHORTEST_PART and telling[0].isalpha()
    return telling[0] if long and len(said) > 1 else ""


def _name_in(meaning: str) -> str:
    """What of a meaning people may call the value, "" where it only explains it.

    >>> _name_in("Outbound, sent by the account"), _name_in("Europe, Middle East and Africa")
    ('Outbound', 'Europe, Middle East and Africa')
    """
    said = words(meaning)
    title = all(word[:1].isupper() or word in STOP_WORDS for word in re.findall(r"\w+", meaning))
    if len(said) <= (_LONGEST_TITLE if title else _LONGEST_MEANING):
        return meaning
    name, _, rest = re.sub(r"\s*[,;(:]\s*", "\n", meaning, count=1).partition("\n")
    listed = not rest or re.search(r"\band\b", rest)
    return "" if listed or len(words(name)) > _LONGEST_MEANING else name


def _vocabulary(catalog: Catalog) -> set[str]:
    texts: list[str] = []
    for table in catalog.tables.values():
        texts += [table.name, table.description, table.grain, *table.synonyms, *table.tags]
        for column in table.columns:
            texts += [column.name, column.description, column.unit, *column.synonyms]
            for value in column.values:
                texts += [value.value, value.meaning, *value.synonyms]
    for metric in catalog.metrics.values():
        texts += [metric.name, metric.label, metric.description, *metric.synonyms]
    for dimension in catalog.dimensions.values():
        texts += [dimension.name, dimension.label, dimension.description, *dimension.synonyms]
    for query in catalog.verified:
        texts.append(query.question)
    for term in catalog.ambiguous:
        texts += [*term.terms, *term.options, *term.unless]
    texts += catalog.glossary
    found = {word for text in set(texts) for word in words(text)}
    return found | {singular(word) for word in found} | {stem(word) for word in found}
