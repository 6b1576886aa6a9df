"""The drafting desk: SQL and who asks go in; explanations, decisions, estimates, rewrites come out.

Everything is under the person's own rights: what they may not see is refused in the guard's words.
"""

from __future__ import annotations

from nlq.cancel import CancelToken
from nlq.catalog.catalog import Catalog
from nlq.desk.checks import check
from nlq.desk.complete import complete
from nlq.desk.estimates import estimate
from nlq.desk.explain import explain
from nlq.desk.fix import fix
from nlq.desk.optimise import optimise
from nlq.desk.run import run
from nlq.desk.sample import sample_sql
from nlq.desk.table_page import find_table, table_page
from nlq.desk.translate import translate
from nlq.desk.types import (
    CheckReport,
    Completion,
    DiffLine,
    EstimateReport,
    ExplainedLine,
    FixedSql,
    Suggestion,
    TablePage,
    Translated,
)
from nlq.desk.versions import diff, formatted
from nlq.pipeline import Assistant
from nlq.types import Principal, QueryResult, TableHit


class Desk:
    """What an analyst does with SQL, under their rights; safe to use from several threads.

    ``name_roles`` are the roles that may see who asks of a table, beside how many do.
    Methods raise ``NlqError`` (``GuardRefused`` for what the person may not do) unless they say
    otherwise; its text and hint are for people.
    """

    def __init__(
        self, assistant: Assistant, *, name_roles: tuple[str, ...] = ("data_platform",)
    ) -> None:
        self._assistant = assistant
        self._name_roles = name_roles

    def explain(self, sql: str, principal: Principal) -> tuple[ExplainedLine, ...]:
        """The query in lines, each clause with a sentence from its tree; no model is asked."""
        return explain(self._assistant, sql, principal)

    def check(self, sql: str, principal: Principal) -> CheckReport:
        """Every decision of the guard; a refusal is part of the report and never raised."""
        return check(self._assistant, sql, principal)

    def estimate(self, sql: str, principal: Principal) -> EstimateReport:
        """What the query would read, beside the policy's limits; also raises ``EngineError``."""
        return estimate(self._assistant, sql, principal)

    def optimise(self, sql: str, principal: Principal) -> tuple[Suggestion, ...]:
        """Rewrites that read or compute less, each with its reason; none where nothing helps."""
        return optimise(self._assistant, sql, principal)

    def run(self, sql: str, principal: Principal, cancel: CancelToken | None = None) -> QueryResult:
        """The rows, within the person's limits; leaves an audit record, also of a refusal.

        Raises what the guard, the engine and the audit log raise.
        """
        return run(self._assistant, sql, principal, cancel or CancelToken())

    def fix(
        self,
        sql: str,
        error: str,
        principal: Principal,
        cancel: CancelToken | None = None,
        question: str = "",
    ) -> FixedSql:
        """The query mended by the catalog, else by the model, and guarded again.

        ``error`` is the engine's message, empty where there is none; ``question`` is what the query
        is to answer, where that is known. Raises ``ModelError`` and ``Cancelled``.
        """
        return fix(self._assistant, sql, error, principal, cancel or CancelToken(), question)

    def translate(self, sql: str, source_dialect: str) -> Translated:
        """Presto SQL of another dialect's query (``nlq.desk.translate.DIALECTS``)."""
        return translate(sql, source_dialect)

    def diff(self, before: str, after: str) -> tuple[DiffLine, ...]:
        """Two versions line by line, laid out alike; never raises."""
        return diff(before, after)

    def format(self, sql: str) -> str:
        """The query laid out in lines."""
        return formatted(sql)

    def complete(self, sql: str, position: int, principal: Principal) -> tuple[Completion, ...]:
        """What may be written at ``position`` (characters from the start), best first."""
        return complete(self._visible(principal), sql, position)

    def table(self, name: str, principal: Principal) -> TablePage:
        """Everything about one table that the person may see; raises ``CatalogError``."""
        return table_page(self._assistant, name, principal, self._name_roles)

    def sample(
        self, name: str, principal: Principal, rows: int = 20, cancel: CancelToken | None = None
    ) -> QueryResult:
        """Some rows of a table, of the columns that the person may see."""
        doc = find_table(self._visible(principal), name)
        return run(self._assistant, sample_sql(doc, rows), principal, cancel or CancelToken())

    def search(self, text: str, principal: Principal) -> tuple[TableHit, ...]:
        """Tables about a text, best first; all visible ones by name for an empty text."""
        if text.strip():
            return self._assistant.search(text, principal).tables
        tables = self._visible(principal).tables
        return tuple(TableHit(tables[name], 1.0) for name in sorted(tables))

    def _visible(self, principal: Principal) -> Catalog:
        grants = self._assistant.policy.grants(principal)
        return grants.visible(self._assistant.catalog)
