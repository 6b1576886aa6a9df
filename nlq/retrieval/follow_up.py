"""Follow-ups: a question and its conversation go in, the whole question written out leaves."""

from __future__ import annotations

from nlq.types import Question, Turn


def standalone(question: Question) -> tuple[str, Turn | None]:
    """The whole question, and the turn that it continues."""
    return question.text, None
