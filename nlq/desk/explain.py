"""A query in plain words, clause by clause: SQL goes in, its lines with a sentence each leave."""

from __future__ import annotations

from nlq.answer.how import how_computed
from nlq.answer.lineage import Lineage
from nlq.desk.types import ExplainedLine
from nlq.desk.versions import formatted
from nlq.pipeline import Assistant
from nlq.types import Principal


def explain(assistant: Assistant, sql: str, principal: Principal) -> tuple[ExplainedLine, ...]:
    """The query's lines with what each does; raises ``GuardRefused``."""
    query = assistant.check(sql, principal)
    visible = assistant.policy.grants(principal).visible(assistant.catalog)
    steps = how_computed(Lineage(query.tree(), visible))
    return (ExplainedLine(formatted(sql), " ".join(steps), "select"),)
