"""Ranking in a large lake: a question goes in, table families leave, of the best schemas first.

Where hundreds of schemas look alike, a question is about one or two of them, and reads several of
their tables, some of which it does not name. So the schema is scored first, by its best table, by
how much of the question its tables explain together and against its size; a table then is scored
within its schema. Where a question names a time, the dates of a schema's shards count for or
against it. Tables with the same columns (editions of a census, one table a state) count as
one thing, of which those come first whose names the question tells apart. ``docs/retrieval.md``
says how the few weights were fitted, and what they are worth on other databases.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from nlq.retrieval.documents import Document, family
from nlq.retrieval.glue import UNTELLING_STEMS
from nlq.retrieval.keywords import Keywords
from nlq.retrieval.words import STOP_WORDS, search_terms, stem, words
from nlq.types import DateRange

Scores = NDArray[np.float64]
_T = TypeVar("_T")

_PIECE = re.compile(r"[^\W\d_]+|\d+")
_WHOLE_NAME = re.compile(r"[\w-]+(?:\.[\w*-]+)+")
_FEW = 6
"""Tables of the same columns that are all shown; of more, only those that the question tells
apart."""
_ONLY_TABLE = float(np.log(0.9))
"""Least chance, as a logarithm, of a schema's only table where the schema is the right one."""
_LOOKED_AT = 100
"""How many of the best have their editions told apart."""
_AS_WELL = 0.8
"""Share of the best edition's score from which another one is shown beside it."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts for a schema, and for a table within it; all features but sizes are 0 to 1."""

    schema_meaning: float = 11.36
    schema_wording: float = 1.36
    schema_name: float = 2.11
    schema_titles: float = 0.85
    schema_explains: float = 4.63
    schema_size: float = -0.8
    schema_time: float = 2.4
    table_wording: float = 1.51
    table_name: float = 2.94
    table_size: float = -0.76
    table_any: float = -1.05


WEIGHTS = Weights()


class Lake:
    """The table documents of a lake with many schemas."""

    def __init__(self, docs: Sequence[Document], weights: Weights) -> None:
        self._weights = weights
        alike: dict[tuple[str, str], list[Document]] = defaultdict(list)
        for doc in sorted(docs, key=_schema):
            alike[_schema(doc), doc.key].append(doc)
        units = list(alike.values())
        self._members = [[doc.name for doc in unit] for unit in units]
        self._keys = [unit[0].key for unit in units]
        schemas = [_schema(unit[0]) for unit in units]
        self._starts, self._schema, sizes = np.unique(
            schemas, return_index=True, return_inverse=True, return_counts=True
        )[1:]
        self._size: Scores = np.log(sizes)
        self._alone = (sizes == 1)[self._schema]
        titles = [_titles(unit) for unit in units]
        texts = [
            f"{title} {unit[0].text} {unit[0].values}"
            for title, unit in zip(titles, units, strict=True)
        ]
        self._wording = Keywords(texts)
        self._titles = Keywords([" ".join(part) for part in self._by_schema(titles)])
        self._explained = Shares(
            [set(search_terms(" ".join(part))) for part in self._by_schema(texts)]
        )
        self._names = [set(_pieces(_last(doc))) for unit in units for doc in unit]
        self._named = Shares(self._names)
        self._covers = [
            [doc.covers for unit in part for doc in unit if doc.covers]
            for part in self._by_schema(units)
        ]
        self._firsts = np.cumsum([0, *(len(unit) for unit in units[:-1])])

    def ranked(
        self, text: str, alike: Mapping[str, float], times: Sequence[DateRange] = ()
    ) -> list[str]:
        """Every family's name, best first.

        ``alike`` has the cosines of texts by their keys, ``times`` what the text says about time.
        """
        asked = _asked(text)
        pieces = _name_pieces(text)
        named = np.maximum.reduceat(self._named.of_documents(pieces), self._firsts)
        wording = _relative(self._wording.scores(asked))
        meaning = np.array([alike.get(key, 0.0) for key in self._keys]).clip(0, 1)
        w = self._weights
        schema = (
            w.schema_meaning * self._best(meaning)
            + w.schema_wording * self._best(wording)
            + w.schema_name * self._best(named)
            + w.schema_titles * _relative(self._titles.scores(asked))
            + w.schema_explains * self._explained.of_question(asked)
            + w.schema_size * self._size
            + w.schema_time * self._of_time(times)
        )[self._schema]
        table = (
            w.table_wording * wording
            + w.table_name * named
            + w.table_size * self._size[self._schema]
            + w.table_any
        )
        # Chance of the schema times chance of the table within it, as logarithms.
        within = -np.logaddexp(0, -table)
        within[self._alone] = np.maximum(within[self._alone], _ONLY_TABLE)
        order = np.argsort(-(schema + within), kind="stable")
        ranked = self._families([int(unit) for unit in order], pieces)
        return list(dict.fromkeys([*self._spelt_out(text), *ranked]))

    def _by_schema(self, units: Sequence[_T]) -> Iterator[Sequence[_T]]:
        ends = [*self._starts[1:], len(units)]
        return (units[start:end] for start, end in zip(self._starts, ends, strict=True))

    def _of_time(self, times: Sequence[DateRange]) -> Scores:
        """1 for schemas with shards of the times, -1 for those with shards of others alone."""
        return np.array(
            [
                0.0
                if not covers or not times
                else 1.0
                if any(t.start < after and first < t.end for first, after in covers for t in times)
                else -1.0
                for covers in self._covers
            ]
        )

    def _spelt_out(self, text: str) -> Iterator[str]:
        """Families that the question names with their schema, as SQL does."""
        for asked in _WHOLE_NAME.findall(text.lower()):
            end = "." + family(asked.removesuffix("*").rstrip("_"))
            yield from (name for unit in self._members for name in unit if f".{name}".endswith(end))

    def _best(self, scores: Scores) -> Scores:
        """The highest score of each schema."""
        best: Scores = np.maximum.reduceat(scores, self._starts)
        return best

    def _families(self, order: Sequence[int], pieces: set[str]) -> Iterator[str]:
        later: list[str] = []
        for unit in order[:_LOOKED_AT]:
            told, rest = self._told_apart(unit, pieces)
            yield from told
            later += rest
        yield from later
        for unit in order[_LOOKED_AT:]:
            yield from self._members[unit]

    def _told_apart(self, unit: int, pieces: set[str]) -> tuple[list[str], list[str]]:
        """The unit's families that the question tells apart, and the others, each best first."""
        names = self._members[unit]
        if len(names) == 1:
            return names, []
        first = int(self._firsts[unit])
        own = self._names[first : first + len(names)]
        common = set.intersection(*own)
        hits = [(name - common) & pieces for name in own]
        scores = [self._named.weight(hit) for hit in hits]
        order = sorted(range(len(names)), key=lambda i: -scores[i])
        if len(names) <= _FEW:
            return [names[i] for i in order], []
        told, seen = [order[0]], set(hits[order[0]])
        for i in order[1:]:
            if scores[i] < scores[order[0]] * _AS_WELL:
                break
            if hits[i] - seen:
                told.append(i)
                seen |= hits[i]
        return [names[i] for i in told], [names[i] for i in order if i not in told]


class Shares:
    """How much of what is asked a document has, and the reverse, counting rare terms more."""

    def __init__(self, documents: Sequence[set[str]]) -> None:
        holders: dict[str, list[int]] = defaultdict(list)
        for number, terms in enumerate(documents):
            for term in terms:
                holders[term].append(number)
        count = len(documents)
        self._holders = {term: np.array(found) for term, found in holders.items()}
        self._weights = {
            term: float(np.log(1 + (count - len(found) + 0.5) / (len(found) + 0.5)))
            for term, found in holders.items()
        }
        self._whole: Scores = np.array([self.weight(terms) or 1.0 for terms in documents])

    def weight(self, terms: Iterable[str]) -> float:
        """What these terms weigh together; unknown ones nothing."""
        return sum(self._weights.get(term, 0.0) for term in terms)

    def of_question(self, terms: Iterable[str]) -> Scores:
        """For each document, the share of the question's weight that it has."""
        asked = set(terms)
        return self._held(asked) / (self.weight(asked) or 1.0)

    def of_documents(self, terms: Iterable[str]) -> Scores:
        """For each document, the share of its own weight that the question has."""
        shares: Scores = self._held(set(terms)) / self._whole
        return shares

    def _held(self, terms: set[str]) -> Scores:
        held = np.zeros(len(self._whole))
        for term in terms & self._holders.keys():
            held[self._holders[term]] += self._weights[term]
        return held


def _schema(doc: Document) -> str:
    return doc.name.rpartition(".")[0]


def _last(doc: Document) -> str:
    return doc.name.rpartition(".")[2]


def _titles(unit: Sequence[Document]) -> str:
    """The different words of the titles, but for the name of a catalog that holds everything."""
    told: Counter[str] = Counter()
    for doc in unit:
        catalog = doc.name.split(".")[0] if doc.name.count(".") > 1 else ""
        told.update(words(doc.title.removeprefix(catalog.replace("_", " "))))
    return " ".join(told)


def _asked(text: str) -> list[str]:
    """Stems of the telling words and of neighbours written as one ("order lines", orderlines)."""
    asked = words(text)
    stems = [stem(word) for word in asked if word not in STOP_WORDS]
    return [term for term in (*stems, *_joined(asked)) if term not in UNTELLING_STEMS]


def _name_pieces(text: str) -> set[str]:
    """What may be a piece of a name: here "times" and "date" are telling too."""
    asked = _PIECE.findall(text.lower())
    return {*(stem(word) for word in asked if word not in STOP_WORDS), *_joined(asked)}


def _pieces(name: str) -> list[str]:
    return [stem(piece) for piece in _PIECE.findall(name.lower())]


def _joined(asked: Sequence[str]) -> list[str]:
    return [stem(first + second) for first, second in pairwise(asked)]


def _relative(scores: NDArray[np.float32]) -> Scores:
    return scores.astype(np.float64) / (float(scores.max(initial=0.0)) or 1.0)
