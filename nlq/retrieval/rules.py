"""The glossary's entries that a question is about: entries and a text go in, the closest leave.

An entry that defines a term ("ATP (Average Transaction Price) = ...") is about a question that has
the term or its long form, and about no other: a small model uses whatever formula it is shown.
Entries on which tables join are not given at all: the joins are known to the catalog.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import bm25s
import numpy as np

from nlq.retrieval.words import search_terms

_MOST = 4
_SHARE = 0.4
"""Share of the best entry's score that another one must have."""


_MEANS = re.compile(r"=|:| means | is defined as ")
_LONG_FORM = re.compile(r"\(([^()]*)\)")
_WHOSE = re.compile(r" (?:for|of|per|in) .*")
_FORMULA = re.compile(r"[/*+<>]|\d")
_LONGEST_TERM = 60
_RULES_BEGIN = frozenset({
    "all", "always", "amounts", "any", "do", "each", "every", "for", "if", "match", "names",
    "never", "note", "only", "to", "use", "when",
})  # fmt: skip
_ON_JOINS = re.compile(
    r"\bjoin(?:ed|s)?\b.*\b(?:on|with|to|using)\b|\blinks?\b.*\b(?:and|to|with)\b|\blinked\b",
    re.IGNORECASE,
)


def relevant_rules(glossary: Sequence[str], text: str) -> tuple[str, ...]:
    """Entries that share the text's rarer words, best first; none where nothing is shared."""
    asked = list(dict.fromkeys(search_terms(text)))
    glossary = [entry for entry in glossary if _may_matter(entry, text)]
    if not glossary or not asked:
        return ()
    corpus = [list(search_terms(entry)) for entry in glossary]
    known = {term for terms in corpus for term in terms}
    asked = [term for term in asked if term in known]
    if not asked:
        return ()
    index = bm25s.BM25()
    index.index(corpus, show_progress=False)
    scores = index.get_scores(asked)
    order = np.argsort(-scores, kind="stable")[:_MOST]
    best = float(scores[order[0]])
    return tuple(glossary[i] for i in order if scores[i] > 0 and scores[i] >= best * _SHARE)


def _may_matter(entry: str, text: str) -> bool:
    """Whether the entry says something that a question in these words needs.

    >>> _may_matter("NCT (Net Commission Total) = SUM(fee)", "What is the NCT per month?")
    True
    >>> _may_matter("NCT (Net Commission Total) = SUM(fee)", "What is the commission per month?")
    False
    >>> _may_matter("Always filter names using ILIKE", "Which names are there?")
    True
    """
    if _ON_JOINS.search(entry) and "=" not in entry:
        return False
    names = _defines(entry)
    if not names:
        return True
    asked = set(search_terms(text))
    return any(terms <= asked for name in names if (terms := set(search_terms(name))))


def _defines(entry: str) -> list[str]:
    """The names of the term that an entry defines; none where it is a rule of another kind.

    >>> _defines("- ATH (All Time High) price for a ticker = MAX(high)")
    ['ATH', 'All Time High']
    >>> _defines("balance_minor / 100.0 = balance in whole units")
    []
    >>> _defines("Never add up amounts of different currencies: group by currency")
    []
    """
    means = _MEANS.search(entry)
    head = entry[: means.start()].strip(" -*`") if means else ""
    if not head or len(head) > _LONGEST_TERM or head.split()[0].lower() in _RULES_BEGIN:
        return []
    if _FORMULA.search(head):
        return []
    long_forms = _LONG_FORM.findall(head)
    term = " ".join(_WHOSE.sub("", _LONG_FORM.sub(" ", head)).split())
    short = [term.split()[0]] if long_forms and term.split()[0].isupper() else []
    return [name for name in (*(short or [term]), *long_forms) if name]
