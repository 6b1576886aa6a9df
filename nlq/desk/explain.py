"""A query in plain words, clause by clause: SQL goes in, its lines with a sentence each leave."""

from __future__ import annotations

from nlq.desk.bound import bind, lineage_of
from nlq.desk.clause_words import ClauseWords
from nlq.desk.layout import layout
from nlq.desk.types import ExplainedLine
from nlq.pipeline import Assistant
from nlq.types import Principal


def explain(assistant: Assistant, sql: str, principal: Principal) -> tuple[ExplainedLine, ...]:
    """The query's lines with what each does; raises ``GuardRefused``."""
    assistant.check(sql, principal)
    grants = assistant.policy.grants(principal)
    visible = grants.visible(assistant.catalog)
    bound = bind(sql, visible.tables, grants.limits)
    words = ClauseWords(bound, lineage_of(bound, visible), grants.row_filters)
    return tuple(
        ExplainedLine(piece.text, words.say(piece), piece.clause, piece.depth)
        for piece in layout(bound.written)
    )
