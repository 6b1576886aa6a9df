"""What the question's wording names: text and lexicon go in, metrics, dimensions and gaps leave."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from nlq.catalog.catalog import Catalog
from nlq.retrieval.glue import GLUE, is_telling
from nlq.retrieval.lexicon import Lexicon, Named
from nlq.retrieval.words import (
    PhraseBook,
    PhraseMatch,
    Token,
    singular,
    tokens,
    words,
)
from nlq.types import AmbiguousTerm, ColumnDoc, DimensionHit, MetricHit

# What comes before a dimension that the answer is to be split by.
_SPLIT = re.compile(
    r"\b(?:by|per|across|each|every|which|what|among|between|(?:split|broken down|grouped|ranked)"
    r"(?: up)? (?:by|on|into)|for (?:each|every)|top(?: \d+| \w+)?|bottom(?: \d+| \w+)?"
    r"|(?:largest|biggest|best|worst|smallest|highest|lowest|leading)(?: \d+)?)"
    r"(?: (?:the|our|my|all|different|individual))?\s*$",
    re.IGNORECASE,
)
_AND_ALSO = re.compile(r"^\s*(?:and(?: by)?|,(?: and)?|&|x|then by)\s*$", re.IGNORECASE)

_MAIN, _SYNONYM, _RESPELLED = 1.0, 0.95, 0.8
_MENTIONED = 0.5
"""Score of a dimension that is named but not as something to split by."""


def match_names(
    text: str, catalog: Catalog, matches: Sequence[PhraseMatch[Named]]
) -> tuple[tuple[MetricHit, ...], tuple[DimensionHit, ...]]:
    """The metrics and dimensions that the wording names, in the order of the text.

    A metric scores 1 by its own name, a little less by a synonym or misspelled; a dimension that
    much where it is something to split by ("by region", "which region"), half where it is only
    mentioned.
    """
    metrics: dict[str, MetricHit] = {}
    dimensions: dict[str, DimensionHit] = {}
    split_until: int | None = None
    for match in matches:
        before = text[: match.start]
        splits = bool(_SPLIT.search(before)) or (
            split_until is not None and bool(_AND_ALSO.match(text[split_until : match.start]))
        )
        is_dimension = any(named.kind == "dimension" for named in match.payloads)
        for named in match.payloads:
            score = _RESPELLED if match.respelled else _MAIN if named.main else _SYNONYM
            if named.kind == "metric":
                # "by account" is the dimension, also where accounts can be counted.
                score *= _MENTIONED if splits and is_dimension else 1.0
                hit = MetricHit(catalog.metrics[named.name], score, match.phrase)
                metrics.setdefault(named.name, hit)
                continue
            score *= 1.0 if splits else _MENTIONED
            known = dimensions.get(named.name)
            if known is None or known.score < score:
                dimension = catalog.dimensions[named.name]
                dimensions[named.name] = DimensionHit(dimension, score, match.phrase)
        split_until = match.end if splits and is_dimension else None
    return tuple(metrics.values()), tuple(dimensions.values())


_COMMAND = re.compile(
    r"(?:^|[.?!;:]\s+)(?:please\s+)?(assume|calculate|compute|consider|count|determine|display|exclude|"
    r"express|filter|find|get|give|group|identify|include|limit|list|name|order|output|provide|rank|"
    r"report|represent|retrieve|return|round|show|sort|tell|use)\b"
    r"|,\s+(?:and\s+|then\s+)?(return|output|provide|retrieve)\s+(?:the|their|its|each|all|both|only|a)\b",
    re.IGNORECASE,
)
"""What a sentence, or its end, that tells how to answer begins with."""

_ASIDE = re.compile(
    r"(?<=[.?!;]\s)\s*(?:assume|consider|exclude|express|format|ignore|match|note|represent|round|"
    r"treat|use)\b[^.?!;]*|(?<!\w)'[^']{1,4}'(?!\w)|\bin terms of\b"
    r"|\b(?:upper|lower|mixed|either)(?: (?:or|and) (?:upper|lower))?[ -]case\b",
    re.IGNORECASE,
)
"""Sentences and turns of phrase on the form of the answer, and quoted texts: parts of values."""


_SPELLED_OUT = re.compile(r"(?:[A-Z]\w+\s+){1,4}(?=\([A-Z0-9]{2,5}\))")
"""What a code in brackets behind it says again: "United States (US)"."""


def content_words(text: str, ignored: Sequence[str] = ()) -> tuple[Token, ...]:
    """The words that say which data a question is about, in order.

    ``ignored`` are phrases that something else explains, such as time words.
    """
    known = {word for phrase in ignored for word in words(phrase)}
    known |= {form for phrase in ignored for t in tokens(phrase) for form in (t.text, t.singular)}
    commands = {match.start(match.lastindex or 0) for match in _COMMAND.finditer(text)}
    text = _SPELLED_OUT.sub(lambda long: " " * len(long[0]), text)
    text = _ASIDE.sub(lambda aside: " " * len(aside[0]), text)
    return tuple(
        token
        for token in tokens(text)
        if token.start not in commands
        and not {token.text, token.singular} & known
        and is_telling(token.text)
    )


_SORTS = frozenset(
    ("category", "channel", "class", "classification", "group", "kind", "method", "mode", "type")
)
"""Words that only call what stands before them a sort: "sourcing channel" is a source."""


def unmatched(
    text: str, lexicon: Lexicon, respelled: Mapping[str, str], ignored: Sequence[str] = ()
) -> tuple[str, ...]:
    """Content words of the question that nothing in the catalog explains, in order, each once."""
    content = content_words(text, ignored)
    known = [
        token.singular in respelled
        or lexicon.knows(token.singular)
        or any(lexicon.knows_short(form) for form in (token.text, token.singular))
        or lexicon.knows_part(token.singular)
        for token in content
    ]
    ends = {token.end for token, is_known in zip(content, known, strict=True) if is_known}
    return tuple(
        dict.fromkeys(
            token.text
            for token, is_known in zip(content, known, strict=True)
            if not is_known and not (token.singular in _SORTS and token.start - 1 in ends)
        )
    )


def ambiguous_terms(text: str, catalog: Catalog, named: Sequence[str]) -> tuple[AmbiguousTerm, ...]:
    """Terms that need settling first.

    A term is settled by one of its ``unless`` words, by standing inside a longer name that the
    wording gives (``named``: "revenue" in "recognised revenue"), or by being a value that restricts
    what is named ("operating expenses for sales").
    """
    found = []
    for term in catalog.ambiguous:
        here = _present(text, term.terms)
        if not here or _present(text, term.unless):
            continue
        longer = [name for name in named if len(words(name)) > max(len(words(h)) for h in here)]
        if any(_present(name, here) for name in longer) or _restricts(text, here, catalog, named):
            continue
        found.append(term)
    return tuple(found)


def _restricts(text: str, here: Sequence[str], catalog: Catalog, named: Sequence[str]) -> bool:
    """Whether each mention of the term follows "for" or the like, and a named metric has it."""
    said = {" ".join(words(name)) for name in named}
    splits = {
        name
        for metric in catalog.metrics.values()
        if said & {" ".join(words(name)) for name in (metric.label, *metric.synonyms)}
        for name in metric.dimensions
    }
    columns = (
        catalog.tables[dimension.table].column(dimension.column)
        for name, dimension in catalog.dimensions.items()
        if name in splits and dimension.table in catalog.tables
    )
    known = {
        phrase.lower()
        for column in columns
        if column is not None
        for value in column.values
        for phrase in (value.value, value.meaning, *value.synonyms)
    }
    terms = [term for term in here if term.lower() in known]
    if len(terms) != len(set(here)):
        return False
    pattern = "|".join(re.escape(term) for term in terms)
    mentions = list(re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.IGNORECASE))
    return bool(mentions) and all(_FOR.search(text[: match.start()]) for match in mentions)


_FOR = re.compile(r"\b(?:for|of|in|by)\s+(?:the\s+|our\s+)?$", re.IGNORECASE)


def _present(text: str, phrases: Sequence[str]) -> list[str]:
    book = PhraseBook([(phrase, phrase) for phrase in phrases])
    return [payload for match in book.find(text) for payload in match.payloads]


# Column names too general for their mention to mean a hidden column.
_GENERAL_TEXT = """
id name date type status number value code key time day month year amount total description state
note notes title label source region country city currency version created updated ds dt user
customer account
"""
_GENERAL = frozenset(_GENERAL_TEXT.split())


def hidden_names(text: str, everything: Lexicon, visible: Lexicon) -> tuple[Named, ...]:
    """What the wording names in ``everything`` and nothing in ``visible`` covers."""
    return tuple(
        named
        for match in _hidden(text, everything, visible)
        if not (match.length == 1 and match.phrase.lower() in _GENERAL | GLUE)
        for named in match.payloads
    )


def names_hidden_column(text: str, everything: Lexicon, visible: Lexicon) -> bool:
    """Whether a column that is hidden is named by a phrase of several words: "ip address"."""
    return any(
        named.kind == "column"
        for match in _hidden(text, everything, visible)
        if match.length > 1
        for named in match.payloads
    )


def _hidden(text: str, everything: Lexicon, visible: Lexicon) -> Iterator[PhraseMatch[Named]]:
    """Phrases that name something in ``everything`` and stand inside none that ``visible`` has."""
    covered = [
        (match.start, match.end)
        for book in (visible.names, visible.physical)
        for match in book.find(text)
    ] + [(match.start, match.end) for match in visible.values.find(text)]
    for match in (*everything.names.find(text), *everything.physical.find(text)):
        if not any(match.inside(start, end) for start, end in covered):
            yield match


_LISTED = re.compile(
    r"\b(?:(?:what|who) (?:is|are|was|were)|give me|list|show(?: me)?|get(?: me)?|tell me|which"
    r"|whose)"
    r"\s+(?:the\s+|all\s+|our\s+|their\s+)*(?P<what>[\w-]+'?(?:\s+[\w-]+){0,2})",
    re.IGNORECASE,
)
_SPLITS_UP = re.compile(r"\b(?:per|by|each month|over time|trend)\b", re.IGNORECASE)


def lists_column(text: str, columns: Iterable[ColumnDoc]) -> bool:
    """Whether the wording asks to list the values of one of these columns, not to count them.

    >>> phone = ColumnDoc("phone_e164", "varchar", synonyms=("phone number",))
    >>> lists_column("Give me the phone numbers that we rent", [phone])
    True
    >>> lists_column("How many phone numbers do we rent?", [phone])
    False
    """
    if _SPLITS_UP.search(text):
        return False
    told = [[singular(word) for word in words(found["what"])] for found in _LISTED.finditer(text)]
    for column in columns:
        names = [[singular(word) for word in words(name)] for name in column.synonyms]
        parts = {word for word in words(column.name) if word not in _GENERAL and word not in GLUE}
        for said in told:
            named = any(
                said[at : at + len(name)] == name for name in names if name for at in (0, 1)
            )
            if named or said[0] in parts:
                return True
    return False


def has_hidden_words(text: str, everything: Lexicon, visible: Lexicon) -> bool:
    """Whether a content word is explained in ``everything`` and by nothing in ``visible``."""
    gaps = unmatched(text, visible, visible.respelled(text))
    return len(unmatched(text, everything, everything.respelled(text))) < len(gaps)
