"""What the harness needs of an assistant: to be asked, and to run reference SQL."""

from __future__ import annotations

from typing import Protocol

from nlq.types import Answer, Principal, QueryResult, Turn


class Assistant(Protocol):
    """The part of ``nlq.assemble.Assistant`` that evals use; tests have a scripted one."""

    def ask(
        self,
        text: str,
        *,
        principal: Principal,
        conversation: tuple[Turn, ...] = (),
        notes: str = "",
    ) -> Answer:
        """Walk the whole pipeline; errors come back as answers of kind ``"error"``.

        ``notes`` are the business rules that come with the question.
        """

    def run_sql(self, sql: str, principal: Principal) -> QueryResult:
        """Guard and run SQL as the principal; raises ``NlqError``."""
