"""The plain prompt: the whole schema and the question in one message, one draft, no checks.

Its SQL runs unguarded in the database that the lake was made from, translated from Presto.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from langchain_core.messages import HumanMessage, SystemMessage

from nlq.cancel import CancelToken
from nlq.catalog.catalog import Catalog
from nlq.drafting.drafter import extract_sql
from nlq.errors import NlqError
from nlq.llm.complete import complete
from nlq.types import Answer, Principal, QueryResult, TableDoc, TokenUse, Turn
from nlq_evals.suite import SuiteError

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel

_SYSTEM = "You write Presto SQL. Answer with one query only, without explanation."
MOST_TOKENS = 400


class PlainPrompt:
    """An assistant that asks the model once; ``run`` runs SQL of the Presto dialect."""

    def __init__(
        self, model: BaseChatModel, catalog: Catalog, run: Callable[[str], QueryResult]
    ) -> None:
        self._model = model
        self._schema = "\n".join(ddl(table) for table in catalog.tables.values())
        self._glossary = "\n".join(catalog.glossary)
        self._run = run

    def ask(
        self,
        text: str,
        *,
        principal: Principal,  # noqa: ARG002
        conversation: tuple[Turn, ...] = (),  # noqa: ARG002
        notes: str = "",
    ) -> Answer:
        """One draft, run as it is."""
        parts = [self._schema, self._glossary, notes, f"Question: {text}\nSQL:"]
        prompt = "\n\n".join(part for part in parts if part)
        started = time.perf_counter()
        try:
            done = complete(
                self._model,
                [SystemMessage(_SYSTEM), HumanMessage(prompt)],
                max_tokens=MOST_TOKENS,
                cancel=CancelToken(),
            )
        except NlqError as exc:
            return Answer("", text, "error", str(exc))
        return answered(
            text, extract_sql(done.text), self._run, done.tokens, time.perf_counter() - started
        )


def answered(
    text: str, sql: str, run: Callable[[str], QueryResult], tokens: TokenUse, seconds: float
) -> Answer:
    """The answer of a baseline that drafted ``sql`` in ``seconds``: it is run as it is."""
    spent = (("draft", seconds),)
    try:
        result = run(sql)
    except SuiteError as exc:
        return Answer(
            "", text, "error", str(exc), sql=sql, source="model", tokens=tokens, timings=spent
        )
    return Answer(
        "", text, "answer", "", sql=sql, source="model", result=result, tokens=tokens,
        timings=spent,
    )  # fmt: skip


def ddl(table: TableDoc) -> str:
    """The table as a CREATE TABLE, column docs as comments."""
    columns = ",\n".join(
        f"  {column.name} {column.type}"
        + (f" -- {column.description}" if column.description else "")
        for column in table.columns
    )
    return f"CREATE TABLE {table.name.rpartition('.')[2]} (\n{columns}\n);"
