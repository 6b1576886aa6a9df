"""Whether the data can answer a question: how sure the model is of it, what no doc explains, and
whether its draft reads columns that are nowhere.

Each alone tells it badly: a small model says Yes to most questions, people have words that nobody
would put into docs, and names are misremembered. Together they tell it well, see docs/accuracy.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, Literal

import sqlglot
from langchain_core.language_models.chat_models import BaseChatModel
from sqlglot import exp
from sqlglot.errors import SqlglotError

from nlq.cancel import CancelToken
from nlq.catalog.catalog import Catalog
from nlq.catalog.naming import short
from nlq.drafting.scope import telling_words
from nlq.llm.complete import complete
from nlq.llm.prompts import Prompt
from nlq.types import Context, TokenUse

_SURENESS: Final = -4.4
_SHARE: Final = 2.6
_WORDS: Final = 1.05
_INVENTED: Final = 2.6
_ASKED_FROM: Final = -7.5
_REFUSED_FROM: Final = -6.0
"""A logistic regression on the 88 of 487 questions of 16 databases that have unexplained words, 66
of which cannot be answered: the model's log-odds of Yes, the share of telling words that no doc
explains, their number, and whether the draft reads what no table has. See docs/accuracy.md for
where it is asked about and refused."""

Verdict = Literal["yes", "maybe", "no"]
"""Whether the data can answer: go on, show a draft and ask whether that is meant, or refuse."""

_ALTERNATIVES: Final = 30
_UNSEEN: Final = 1e-6
"""Probability taken for an answer that is not among the likeliest first tokens."""


def sureness(
    model: BaseChatModel, prompt: Prompt, context: Context, cancel: CancelToken
) -> tuple[float, TokenUse]:
    """The model's log-odds that the data holds what is asked, and what it took to know.

    For a model that tells how likely its first words were. Raises ``ModelError`` or ``Cancelled``.
    """
    messages = prompt.render(lake=context.lake, context=context.text, question=context.standalone)
    done = complete(model, messages, max_tokens=1, alternatives=_ALTERNATIVES, cancel=cancel)
    return log_odds_of_yes(done.first), done.tokens


def can_answer(context: Context, sure: float, *, has_invented: bool = False) -> Verdict:
    """Whether the data can answer a question that has words which no doc explains.

    ``sure`` is the model's ``sureness``; ``has_invented`` is whether its draft has ``invented``.
    """
    words = len(context.unmatched)
    share = words / max(1, len(telling_words(context.standalone)))
    weight = _SURENESS * sure + _SHARE * share + _WORDS * words + _INVENTED * has_invented
    if weight > _REFUSED_FROM:
        return "no"
    return "maybe" if weight > _ASKED_FROM else "yes"


def invented(sql: str, catalog: Catalog) -> tuple[str, ...]:
    """The columns and tables that a draft reads and no table has, in lower case, each once.

    Empty where it cannot be parsed. A draft for what the data does not hold has them often, one for
    what it holds has rather a column of the wrong table.
    """
    try:
        tree = sqlglot.parse_one(sql, read="presto")
    except SqlglotError:
        return ()
    tables = catalog.tables.values()
    known = {column.name.lower() for table in tables for column in table.columns}
    known |= {short(table.name) for table in tables}
    known |= {named.alias.lower() for named in tree.find_all(exp.Alias, exp.TableAlias, exp.CTE)}
    read = (node.name.lower() for node in tree.find_all(exp.Column, exp.Table))
    return tuple(dict.fromkeys(name for name in read if name and name not in known))


def log_odds_of_yes(first: Mapping[str, float]) -> float:
    """How much likelier the answer began with Yes than with No, however they are spelt.

    >>> round(log_odds_of_yes({"Yes": -0.1, "No": -3.1, " yes": -9.0}), 1)
    3.0
    """
    likely = {"yes": _UNSEEN, "no": _UNSEEN}
    for token, log_probability in first.items():
        answer = token.strip().lower()
        if answer in likely:
            likely[answer] += math.exp(log_probability)
    return math.log(likely["yes"] / likely["no"])
