"""What the question's wording names: text and lexicon go in, metrics, dimensions and gaps leave."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nlq.catalog.catalog import Catalog
from nlq.retrieval.lexicon import Lexicon, Named
from nlq.retrieval.words import (
    STOP_WORDS,
    PhraseBook,
    PhraseMatch,
    stem,
    tokens,
    words,
)
from nlq.types import AmbiguousTerm, DimensionHit, MetricHit

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

# Words of analysis and of politeness that no catalog needs to explain.
_GLUE = """
about above across actual actually after again against ago all almost along alright also although
always amount analyse analysis analyze annual annually answer anyone anything approximately around
ask average avg away back base based became become before begin beginning behind below best better
between big bigger biggest both bottom break breakdown broken calculate calendar change changed
chart check come common company compare compared comparing comparison compute concerning contribute
contribution count current currently cumulative daily data date day days decline decrease
decreased delta detail detailed difference different display distinct distribution down drop
dropped during each earlier early either else end ending ends enough entire equal ever every
everything exact exactly exceed except exclude excluding far fast faster fell fewer figure figures
final find first five follow following four full further gap general generate generated given go
going good graph great greater grew group grouped grow growing growth half happen happened hello
help here hey hi high higher highest hour hourly however hundred include included including
increase increased individual information inside instead itself keep kind know large larger
largest last lately latest leading least left less level line list little long look lot low lower
lowest made make maximum max mean median member mention min minimum minute month monthly months
moving name named names nearly need never new next none nothing now number numbers occur only
order ordered other others overall part past people percent percentage perform performance
performed performing period plot point possible present previous prior provide put quarter
quarterly quarters quick quickly range rank ranked ranking rate rather ratio really recent
recently record report respective respectively result results right rise rolling rose rough
roughly row rows running second see select separate share since single slow small smaller
smallest sort sorted specific split start started starting stand still sum summarise summarize
summary table take tell ten thank thanks thing things think third thousand three through time
times to-date today together toward total totals tracking trend trending trends twice two type
under until up usual value values versus via view vs way week weekly weeks well went whole within
without won work worse worst year yearly years yes yesterday yet yoy qoq mom ytd mtd qtd million
billion fiscal january february march april may june july august september october november
december jan feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday
saturday sunday tomorrow date dates anything else okay ok kindly sure maybe exceeded above
happening did didn't don't isn't aren't
"""
GLUE = frozenset(_GLUE.split()) | STOP_WORDS
_GLUE_STEMS = frozenset(stem(word) for word in GLUE)


@dataclass(frozen=True, slots=True)
class Matches:
    """What was named; ``spans`` are the character positions that names cover."""

    metrics: tuple[MetricHit, ...]
    dimensions: tuple[DimensionHit, ...]
    spans: tuple[tuple[int, int], ...]


def match_names(
    text: str, catalog: Catalog, lexicon: Lexicon, respelled: Mapping[str, str]
) -> Matches:
    """Metrics and dimensions that the wording names, in the order of the text."""
    positions = tokens(text)
    metrics: dict[str, MetricHit] = {}
    dimensions: dict[str, DimensionHit] = {}
    spans: list[tuple[int, int]] = []
    split_until = -1
    for match in lexicon.names.find(text, respelled):
        start, end = positions[match.first].start, positions[match.last].end
        spans.append((start, end))
        mended = any(
            token.singular in respelled for token in positions[match.first : match.last + 1]
        )
        splits = bool(_SPLIT.search(text[:start])) or (
            split_until >= 0 and bool(_AND_ALSO.match(text[split_until:start]))
        )
        kinds = {named.kind for named in match.payloads}
        for named in match.payloads:
            score = _RESPELLED if mended else _MAIN if named.main else _SYNONYM
            if named.kind == "metric":
                # "by account" is the dimension, also where accounts can be counted.
                if splits and "dimension" in kinds:
                    score *= _MENTIONED
                hit = MetricHit(catalog.metrics[named.name], score, match.phrase)
                metrics.setdefault(named.name, hit)
            else:
                score *= 1.0 if splits else _MENTIONED
                known = dimensions.get(named.name)
                if known is None or known.score < score:
                    dimensions[named.name] = DimensionHit(
                        catalog.dimensions[named.name], score, match.phrase
                    )
        split_until = end if splits and "dimension" in kinds else -1
    return Matches(tuple(metrics.values()), tuple(dimensions.values()), tuple(spans))


def unmatched(
    text: str, lexicon: Lexicon, respelled: Mapping[str, str], ignored: Sequence[str] = ()
) -> tuple[str, ...]:
    """Content words of the question that nothing in the catalog explains, in order, each once.

    ``ignored`` are phrases that something else explains, such as time words.
    """
    known = {word for phrase in ignored for word in words(phrase)}
    return tuple(
        dict.fromkeys(
            token.text
            for token in tokens(text)
            if not token.text[0].isdigit()
            and len(token.text) > 1
            and token.text not in known
            and token.text not in GLUE
            and token.singular not in respelled
            and stem(token.text) not in _GLUE_STEMS
            and not lexicon.knows(token.singular)
        )
    )


def ambiguous_terms(text: str, catalog: Catalog, named: Sequence[str]) -> tuple[AmbiguousTerm, ...]:
    """Terms that need settling first.

    A term is settled by one of its ``unless`` words, or by standing inside a longer name that the
    wording gives (``named``: "revenue" in "recognised revenue").
    """
    found = []
    for term in catalog.ambiguous:
        here = _present(text, term.terms)
        if not here or _present(text, term.unless):
            continue
        longer = [name for name in named if len(words(name)) > max(len(words(h)) for h in here)]
        if not any(_present(name, here) for name in longer):
            found.append(term)
    return tuple(found)


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


def names_hidden(text: str, hidden: Lexicon, visible: Lexicon) -> bool:
    """Whether the wording names something of ``hidden`` that nothing in ``visible`` covers."""
    covered = [
        match
        for book in (visible.names, visible.physical, visible.values)
        for match in book.find(text)
    ]
    wanted: list[PhraseMatch[Named]] = [
        *hidden.names.find(text),
        *hidden.physical.find(text),
    ]
    return any(
        not (match.first == match.last and match.phrase.lower() in _GENERAL | GLUE)
        and not any(c.first <= match.first and match.last <= c.last for c in covered)
        for match in wanted
    )
