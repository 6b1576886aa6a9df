"""Other projects' own prompts and retrieval: a question goes in, an answer leaves.

A peer runs in a process of its own, with the Python of an environment that has it. It gets what the
plain prompt gets (and the sample rows that it would look at itself), does its retrieval, writes its
prompt and takes the SQL out of the reply. Both models are the harness's, so that systems differ
in nothing else; the SQL is run as the plain prompt's is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from nlq.cancel import CancelToken
from nlq.catalog.catalog import Catalog
from nlq.drafting.drafter import extract_sql
from nlq.errors import NlqError
from nlq.llm.complete import complete
from nlq.types import Answer, Principal, QueryResult, TableDoc, TokenUse, Turn
from nlq_evals.baselines.plain import MOST_TOKENS, answered, ddl
from nlq_evals.baselines.worker import PeerFailed, Worker
from nlq_evals.suite import SuiteError

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings
    from langchain_core.language_models.chat_models import BaseChatModel

PeerName = Literal["langchain", "vanna"]

_ROOT = Path(__file__).parents[3]
PEERS_PYTHON = _ROOT / "build" / "peers" / "bin" / "python"
"""Where ``make peers`` puts the peers' Python."""

_SCRIPTS = _ROOT / "evals" / "peers"
_SECONDS = 180.0
_SAMPLE_ROWS = 3
_MESSAGES: dict[str, type[BaseMessage]] = {
    "system": SystemMessage,
    "user": HumanMessage,
    "assistant": AIMessage,
}


def peer_command(name: PeerName, python: Path | None) -> tuple[str, ...]:
    """How the peer is started with ``python``; raises ``SuiteError`` where something is missing."""
    python = python or PEERS_PYTHON
    script = _SCRIPTS / f"ask_{name}.py"
    if not script.is_file():
        raise SuiteError(f"{script} is missing: peers run from a checkout of the project only.")
    if not python.is_file():
        raise SuiteError(
            f"There is no Python for the system {name} at {python}. Run make peers, which makes an "
            "environment from evals/peers/requirements.txt, or name the Python of one of your own "
            "with --peer-python or NLQ_PEER_PYTHON."
        )
    return str(python), "-E", "-s", str(script)


@dataclass(frozen=True, slots=True)
class Lent:
    """What the harness does for a peer: both models, and running SQL of the Presto dialect."""

    model: BaseChatModel
    embeddings: Embeddings
    run: Callable[[str], QueryResult]


class Peer:
    """An assistant that is another project, in a process of its own until ``close``.

    ``seconds`` is how long it may take between two messages, time of the models apart. A process
    that failed is started again for the next question.
    """

    def __init__(
        self, command: tuple[str, ...], catalog: Catalog, lent: Lent, seconds: float = _SECONDS
    ) -> None:
        self._command = command
        self._lent = lent
        self._seconds = seconds
        self._database = _database(catalog, lent.run)
        self._worker: Worker | None = None

    @property
    def pid(self) -> int | None:
        """The id of the peer's process, where there is one."""
        return self._worker.pid if self._worker is not None else None

    def open(self) -> None:
        """Start the process and tell it of the database; raises ``PeerFailed`` or ``NlqError``."""
        self._worker = Worker(self._command, self._seconds)
        try:
            self._talk({"database": self._database}, until="ready")
        except (PeerFailed, NlqError):
            self.close()
            raise

    def close(self) -> None:
        """End the process, where there is one."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def ask(
        self,
        text: str,
        *,
        principal: Principal,  # noqa: ARG002
        conversation: tuple[Turn, ...] = (),  # noqa: ARG002
        notes: str = "",
    ) -> Answer:
        """What the peer makes of the question, run as it is."""
        started = time.perf_counter()
        try:
            if self._worker is None:
                self.open()
            sql, tokens = self._talk({"question": text, "notes": notes}, until="sql")
        except (PeerFailed, NlqError) as exc:
            self.close()
            return Answer("", text, "error", str(exc))
        # LangChain's chain gives the model's whole text; every system's SQL is taken out alike.
        spent = time.perf_counter() - started
        return answered(text, extract_sql(str(sql)), self._lent.run, tokens, spent)

    def _talk(self, message: dict[str, Any], until: str) -> tuple[Any, TokenUse]:
        """Send, lend models as the peer asks for them, and give what it says under ``until``."""
        worker = self._worker
        if worker is None:
            raise PeerFailed("The peer's process is not there.")
        tokens = TokenUse()
        worker.send(message)
        while until not in (reply := worker.receive()):
            if "chat" in reply:
                text, used = self._chat(reply["chat"])
                tokens += used
                worker.send({"text": text})
            elif "embed" in reply:
                vectors = self._lent.embeddings.embed_documents(reply["embed"])
                worker.send({"vectors": vectors})
            else:
                raise PeerFailed(f"{self._command[-1]} says: {reply.get('error', reply)}")
        return reply[until], tokens

    def _chat(self, told: dict[str, Any]) -> tuple[str, TokenUse]:
        done = complete(
            self._lent.model,
            [_MESSAGES[each["role"]](each["content"]) for each in told["messages"]],
            max_tokens=MOST_TOKENS,
            stop=told["stop"],
            cancel=CancelToken(),
        )
        return done.text, done.tokens


def _database(catalog: Catalog, run: Callable[[str], QueryResult]) -> dict[str, Any]:
    """What a peer is told once: tables with docs and sample rows, and the glossary."""
    return {
        "tables": [_table(table, run) for table in catalog.tables.values()],
        "glossary": list(catalog.glossary),
    }


def _table(table: TableDoc, run: Callable[[str], QueryResult]) -> dict[str, Any]:
    name = table.name.rpartition(".")[2]
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    rows = run(f'SELECT {columns} FROM "{name}" LIMIT {_SAMPLE_ROWS}').rows
    return {
        "name": name,
        "ddl": ddl(table),
        "columns": [
            {"name": column.name, "type": column.type, "description": column.description}
            for column in table.columns
        ],
        "rows": [[None if value is None else str(value) for value in row] for row in rows],
    }
