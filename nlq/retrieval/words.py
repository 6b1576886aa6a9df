"""Words: how text is cut into them, and when two forms of a word count as the same.

Two strengths of stemming: ``singular`` only folds plurals, for wording that must be named
("revenues" is "revenue", "delivered" is not "delivery"); ``search_terms`` stems fully, for search,
where a near miss costs little.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Generic, TypeVar

import Stemmer

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W\d_]+)?", re.UNICODE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_POSSESSIVE = re.compile(r"['\u2019]s?$")
_stemmer = Stemmer.Stemmer("english")

# Words that carry no content of their own in a question or a description.
_STOP = """
a an and any are as at be been being but by can could did do does doing for from get give had has
have having he her him his how i if in into is it its just let like many me more most much my no
not of off on one or our out over own per please same she should show so some such tell than that
the their them then there these they this those to too us use very want was we were what when
where which while who whom whose why will with would you your
"""
STOP_WORDS = frozenset(_STOP.split())

# Ends in "s" without being a plural.
_NOT_PLURAL = (
    "ss",
    "us",
    "is",
    "news",
    "sms",
    "saas",
    "series",
    "species",
    "sales",
    "gps",
    "https",
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text: as written in lower case, its singular, and where it stands."""

    text: str
    singular: str
    start: int
    end: int


@lru_cache(maxsize=50_000)
def singular(word: str) -> str:
    """The word without its plural ending.

    >>> [singular(w) for w in ("revenues", "countries", "taxes", "status", "sms", "statuses")]
    ['revenue', 'country', 'tax', 'status', 'sms', 'status']
    """
    word = _POSSESSIVE.sub("", word)
    if len(word) < 4 or not word.endswith("s") or word.endswith(_NOT_PLURAL):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes", "uses")):
        return word[:-2]
    return word[:-1]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The word's stem by Porter's rules (Snowball English)."""
    return str(_stemmer.stemWord(_POSSESSIVE.sub("", word)))


def tokens(text: str) -> tuple[Token, ...]:
    """The words of a sentence, in order."""
    return tuple(
        Token(m[0].lower(), singular(m[0].lower()), m.start(), m.end())
        for m in _WORD.finditer(text)
    )


def words(text: str) -> list[str]:
    """The words of a sentence or an identifier, in lower case.

    >>> words("fct_msgDaily: Delivered SMS")
    ['fct', 'msg', 'daily', 'delivered', 'sms']
    """
    return [part for found in _WORD.findall(text) for part in _parts(found)]


@lru_cache(maxsize=200_000)
def _parts(written: str) -> tuple[str, ...]:
    return tuple(part.lower() for part in _CAMEL.split(written) if part)


def search_terms(text: str) -> list[str]:
    """The stems that full-text search counts."""
    return [term for found in _WORD.findall(text) for term in _terms(found)]


@lru_cache(maxsize=200_000)
def _terms(written: str) -> tuple[str, ...]:
    return tuple(stem(part) for part in _parts(written) if part not in STOP_WORDS)


Payload = TypeVar("Payload")


@dataclass(frozen=True, slots=True)
class PhraseMatch(Generic[Payload]):
    """Where a known phrase stands, what it stands for, and whether a word of it was respelled.

    ``first`` and ``last`` count words, ``start`` and ``end`` characters.
    """

    first: int
    last: int
    start: int
    end: int
    phrase: str
    payloads: tuple[Payload, ...]
    respelled: bool = False

    @property
    def length(self) -> int:
        """How many words it has."""
        return self.last - self.first + 1

    def inside(self, start: int, end: int) -> bool:
        """Whether it lies within these characters."""
        return start <= self.start and self.end <= end


@lru_cache(maxsize=200_000)
def _phrase_key(phrase: str) -> tuple[str, ...]:
    return tuple(token.singular for token in tokens(phrase))


class PhraseBook(Generic[Payload]):
    """Finds known phrases in a text: longest first, whole words, plurals folded, no overlap.

    >>> book = PhraseBook([("revenue", 1), ("net revenue retention", 2)])
    >>> [m.payloads for m in book.find("Net revenue retentions and revenues")]
    [(2,), (1,)]
    """

    def __init__(self, entries: Iterable[tuple[str, Payload]]) -> None:
        self._by_words: dict[tuple[str, ...], dict[Payload, None]] = {}
        for phrase, payload in entries:
            if key := _phrase_key(phrase):
                self._by_words.setdefault(key, {})[payload] = None
        self._longest = max((len(key) for key in self._by_words), default=0)

    def __iter__(self) -> Iterator[tuple[tuple[str, ...], tuple[Payload, ...]]]:
        return ((key, tuple(payloads)) for key, payloads in self._by_words.items())

    def find(
        self, text: str, respelled: Mapping[str, str] = MappingProxyType({})
    ) -> tuple[PhraseMatch[Payload], ...]:
        """Every phrase of the book in ``text``, in order; ``respelled`` mends words on the way."""
        found: list[PhraseMatch[Payload]] = []
        sentence = tokens(text)
        singulars = [respelled.get(token.singular, token.singular) for token in sentence]
        taken = [False] * len(sentence)
        for length in range(min(self._longest, len(sentence)), 0, -1):
            for first in range(len(sentence) - length + 1):
                last = first + length - 1
                payloads = self._by_words.get(tuple(singulars[first : last + 1]))
                if not payloads or any(taken[first : last + 1]):
                    continue
                if self._runs_on(singulars, first, last):
                    continue
                taken[first : last + 1] = [True] * length
                start, end = sentence[first].start, sentence[last].end
                mended = any(t.singular in respelled for t in sentence[first : last + 1])
                found.append(
                    PhraseMatch(first, last, start, end, text[start:end], tuple(payloads), mended)
                )
        return tuple(sorted(found, key=lambda match: match.first))

    def _runs_on(self, singulars: list[str], first: int, last: int) -> bool:
        """Whether the phrase would cut a longer noun in two, and its beginning is known alone.

        "Revenue per customer segment" is the revenue of customer segments, though there is also a
        revenue per customer.
        """
        for start in range(first + 1, last + 1):
            before = range(first, start)
            rest = range(last + 1, min(start + self._longest, len(singulars)))
            if any(tuple(singulars[start : end + 1]) in self._by_words for end in rest) and any(
                tuple(singulars[first : end + 1]) in self._by_words for end in before
            ):
                return True
        return False


def abbreviates(short: str, word: str) -> bool:
    """Whether a name may be a short form of a word: its first letters, or letters left out.

    >>> [abbreviates(short, word) for short, word in (("dept", "department"), ("acct", "account"))]
    [True, True]
    >>> abbreviates("cat", "communication"), abbreviates("orders", "order")
    (False, False)
    """
    if short in SHORT_FORMS:
        return stem(word) in {stem(meant) for meant in SHORT_FORMS[short]}
    if not _SHORTEST_SHORT <= len(short) < len(word) or short[0] != word[0]:
        return False
    letters = iter(word)
    if not all(letter in letters for letter in short):
        return False
    return word.startswith(short) or len(short) >= _LEAST_KEPT * len(word)


SHORT_FORMS = {
    "cxl": ("cancel",),
    "dob": ("birth", "born"),
    "dx": ("diagnosis", "diagnoses"),
    "kg": ("kilogram", "kilogramme", "kilo"),
    "km": ("kilometre", "kilometer"),
    "nm": ("name",),
    "no": ("number",),
    "pct": ("percent",),
    "qty": ("quantity",),
    "rx": ("prescription",),
    "trx": ("transaction",),
    "tx": ("transaction",),
    "txn": ("transaction",),
    "xfer": ("transfer",),
}
"""Short forms that do not keep the letters of what they stand for, or too few of them."""
_SHORTEST_SHORT = 3
_LEAST_KEPT = 0.35
"""Share of a word's letters that a short form must keep, where it is more than cut off."""
