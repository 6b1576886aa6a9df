"""Whether the data can answer a question: how sure the model is of it, and what no doc explains.

Either alone tells it badly: a small model says Yes to most questions, and people have words that
nobody would put into docs. Together they tell it well, see docs/accuracy.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from langchain_core.language_models.chat_models import BaseChatModel

from nlq.cancel import CancelToken
from nlq.drafting.scope import telling_words, unexplained
from nlq.llm.complete import complete
from nlq.llm.prompts import Prompt
from nlq.types import Context, Refusal, TokenUse

_SURENESS: Final = -3.2
_SHARE: Final = 5.0
_WORDS: Final = 1.45
_REFUSED_FROM: Final = -4.0
"""A logistic regression on 366 questions that can be answered and 121 that cannot, of 16 databases:
the model's log-odds of Yes, the share of telling words that no doc explains, and their number. The
limit refuses 5 % of what can be answered on the six databases that no word list was tuned on."""

_ALTERNATIVES: Final = 30
_UNSEEN: Final = 1e-6
"""Probability taken for an answer that is not among the likeliest first tokens."""


def cannot_answer(
    model: BaseChatModel, prompt: Prompt, context: Context, cancel: CancelToken
) -> tuple[Refusal | None, TokenUse]:
    """A refusal where the data seems not to hold what is asked, and what it took to know.

    For a context with words that no doc explains (without any, no question was ever refused), and a
    model that tells how likely its first words were. Raises ``ModelError`` or ``Cancelled``.
    """
    messages = prompt.render(lake=context.lake, context=context.text, question=context.standalone)
    done = complete(model, messages, max_tokens=1, alternatives=_ALTERNATIVES, cancel=cancel)
    if is_answerable(context, log_odds_of_yes(done.first)):
        return None, done.tokens
    return Refusal("unanswerable", unexplained(context), (prompt.id,), done.tokens), done.tokens


def is_answerable(context: Context, sureness: float) -> bool:
    """Whether to go on, given the model's log-odds of Yes."""
    words = len(context.unmatched)
    share = words / max(1, len(telling_words(context.standalone)))
    return _SURENESS * sureness + _SHARE * share + _WORDS * words <= _REFUSED_FROM


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
