"""LangChain's SQL chain: its prompt for PrestoDB, its table info with sample rows, its output."""

from __future__ import annotations

from typing import Any

from langchain_classic.chains import create_sql_query_chain
from langchain_classic.chains.sql_database.prompt import SQL_PROMPTS
from langchain_community.utilities import SQLDatabase
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from sqlalchemy import Column, Engine, MetaData, Table, create_engine, insert
from sqlalchemy.pool import StaticPool
from sqlalchemy.types import UserDefinedType
from wire import Ask, Harness, serve

_MOST_ROWS = 10_000
"""The chain's ``k``: as many rows as nlq may show. Its default of 5 would cut lists short."""

_ROLES = {"system": "system", "human": "user", "ai": "assistant"}


class HarnessChat(BaseChatModel):
    """The harness's chat model, as LangChain calls one."""

    harness: Any

    @property
    def _llm_type(self) -> str:
        return "harness"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> ChatResult:
        told = [{"role": _ROLES[m.type], "content": str(m.content)} for m in messages]
        text = self.harness.chat(told, stop)
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text))])


class PrestoType(UserDefinedType[Any]):
    """A column type that is spelled as Presto does, and whose values pass as they are."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        """The type's name, in upper case as SQLAlchemy writes those that it knows."""
        return self.name.upper()


def open_peer(database: dict[str, Any], harness: Harness) -> Ask:
    """The chain over a database of the same tables, whose rows are the sample rows."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata = _filled(engine, database["tables"])
    shown = SQLDatabase(engine, metadata=metadata)
    info = {
        name: shown.get_table_info([name], get_col_comments=True)
        for name in shown.get_usable_table_names()
    }
    chain = create_sql_query_chain(
        HarnessChat(harness=harness),
        SQLDatabase(engine, metadata=metadata, custom_table_info=info),
        prompt=SQL_PROMPTS["prestodb"],
        k=_MOST_ROWS,
    )
    glossary = "\n".join(database["glossary"])

    def ask(question: str, notes: str) -> str:
        # The chain's prompt has no place for rules but the question.
        parts = [question, glossary, notes]
        return str(chain.invoke({"question": "\n\n".join(part for part in parts if part)}))

    return ask


def _filled(engine: Engine, tables: list[dict[str, Any]]) -> MetaData:
    """The tables as Presto declares them, over SQLite's without types: texts stay as they are."""
    metadata = MetaData()
    with engine.begin() as connection:
        for told in tables:
            columns = [
                Column(c["name"], PrestoType(c["type"]), comment=c["description"] or None)
                for c in told["columns"]
            ]
            table = Table(told["name"], metadata, *columns)
            bare = ", ".join(f'"{column.name}"' for column in columns)
            connection.exec_driver_sql(f'CREATE TABLE "{table.name}" ({bare})')
            names = [column.name for column in columns]
            for row in told["rows"]:
                connection.execute(insert(table).values(dict(zip(names, row, strict=True))))
    return metadata


if __name__ == "__main__":
    serve(open_peer)
