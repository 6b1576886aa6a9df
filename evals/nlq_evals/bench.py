"""What a run measures: a suite's file or a benchmark's folder enters, cases and assistants leave.

A benchmark's databases become lakes below ``OUT/lakes``; each case is asked of the assistant over
its own lake, and its references run in the database that the lake was made from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from nlq.errors import NlqError
from nlq.settings import Settings
from nlq.types import Answer, Principal, QueryResult, Turn
from nlq_evals.assistant import Assistant, Calls, Counted
from nlq_evals.outside import defog, sqlite_benches
from nlq_evals.outside.lake import OutsideLake
from nlq_evals.outside.references import ReferenceDatabase
from nlq_evals.suite import Case, SuiteError, load_suite
from nlq_evals.witness import Overheard, Seen, seen, shown_by

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel

    from nlq.pipeline import Assistant as Pipeline

MakeChat = Callable[[Settings], "BaseChatModel"]
"""Makes the chat model that settings name, maybe with a recorder around it."""

System = Literal["nlq", "plain", "langchain", "vanna"]


@dataclass(frozen=True, slots=True)
class Bench:
    """Cases, and how to open the assistant over the lake that a case names.

    ``left_out`` are the ids of cases none of whose references runs. ``close`` ends what ``open``
    started.
    """

    name: str
    cases: tuple[Case, ...]
    open: Callable[[str], Assistant]
    left_out: tuple[str, ...] = ()
    close: Callable[[], None] = lambda: None


def load_bench(
    path: Path,
    settings: Settings,
    system: System,
    homes: Path,
    now: datetime,
    peer_python: Path | None = None,
    chat: MakeChat | None = None,
) -> Bench:
    """The bench at ``path``; raises ``SuiteError``. ``now`` is the time that new lakes stand at.

    ``peer_python`` runs the systems of other projects; None means what ``make peers`` made.
    ``chat`` makes the chat model of every system; None means the one that the settings name.
    """
    chat = chat or _own_chat
    if path.is_dir():
        outside = _sqlite(path, homes, now) if sqlite_benches.is_bench(path) else None
        outside = outside or _defog(path, homes, now)
        return _outside(path.name, outside, settings, system, peer_python, chat)
    if system != "nlq":
        raise SuiteError("The baselines run on outside benchmarks only; give a folder of one.")
    suite = load_suite(path)

    def open_sample(_: str) -> Assistant:
        from nlq.assemble import open_assistant

        model = chat(settings)
        pipeline = open_assistant(settings, model=model)
        return _Asked(pipeline, model, pipeline)

    return Bench(suite.name, suite.cases, open_sample)


def _own_chat(settings: Settings) -> BaseChatModel:
    from nlq.llm.models import chat_model

    return chat_model(settings.llm, settings.models_dir)


class References(Protocol):
    """Runs reference SQL as it is, in its ``dialect`` (as sqlglot calls it)."""

    dialect: str

    def run(self, sql: str) -> QueryResult:
        """All rows; raises ``SuiteError`` where it does not run."""


@dataclass(frozen=True, slots=True)
class _Outside:
    """A benchmark read: its cases, and by database name its lakes and what runs references."""

    cases: tuple[Case, ...]
    lakes: Mapping[str, OutsideLake]
    references: Mapping[str, References]


def _defog(path: Path, homes: Path, now: datetime) -> _Outside:
    lakes = defog.load_lakes(path, homes, now)
    references = {
        name: ReferenceDatabase(lake.reference, defog.DIALECT, lake.now)
        for name, lake in lakes.items()
    }
    return _Outside(defog.load_cases(path), lakes, references)


def _sqlite(path: Path, homes: Path, now: datetime) -> _Outside:
    cases = sqlite_benches.load_cases(path)
    names = frozenset(case.lake for case in cases)
    lakes = sqlite_benches.load_lakes(path, homes, now, names)
    files = sqlite_benches.databases(path)
    references = {name: sqlite_benches.SqliteReferences(files[name]) for name in names}
    return _Outside(cases, lakes, references)


def _outside(
    name: str,
    outside: _Outside,
    settings: Settings,
    system: System,
    peer_python: Path | None,
    chat: MakeChat,
) -> Bench:
    from nlq_evals.baselines.peer import Lent, Peer, peer_command
    from nlq_evals.baselines.plain import PlainPrompt

    command = peer_command(system, peer_python) if system in ("langchain", "vanna") else ()
    started = ExitStack()
    cases, left_out = _runnable(outside.cases, outside.references)

    def open_lake(database: str) -> Assistant:
        lake, references = outside.lakes[database], outside.references[database]
        model = chat(settings)
        pipeline = _indexed(lake.settings(settings), model)
        if system == "nlq":
            return _Asked(pipeline, model, pipeline, references)
        from nlq.llm.embeddings import embeddings

        presto = ReferenceDatabase(lake.reference, "presto", lake.now)
        if system == "plain":
            plain = PlainPrompt(model, pipeline.catalog, presto.run)
            return _Asked(plain, model, pipeline, references)
        lent = Lent(model, embeddings(settings.embeddings), presto.run)
        peer = Peer(command, pipeline.catalog, lent)
        started.close()  # lakes are asked one after another, and each has a process of its own
        started.callback(peer.close)
        peer.open()
        return _Asked(peer, model, pipeline, references)

    return Bench(name, cases, open_lake, left_out, started.close)


class _Asked:
    """One assistant, what its ``model`` was asked, and what is seen of it.

    ``pipeline`` knows the lake, and may be the assistant itself. ``references``, where given, run
    reference SQL as it is, in a database and dialect of its own; else the pipeline runs it.
    """

    def __init__(
        self,
        asked: Pipeline | Assistant,
        model: BaseChatModel,
        pipeline: Pipeline,
        references: References | None = None,
    ) -> None:
        self._asked = asked
        self._model = model
        self._pipeline = pipeline
        self._references = references
        self._overheard = Overheard(pipeline.audit)
        pipeline.audit = self._overheard

    @property
    def calls(self) -> Calls:
        """What was asked of the chat model so far."""
        return self._model.calls if isinstance(self._model, Counted) else Calls()

    def ask(
        self,
        text: str,
        *,
        principal: Principal,
        conversation: tuple[Turn, ...] = (),
        notes: str = "",
    ) -> Answer:
        """See ``nlq_evals.assistant.Assistant``."""
        return self._asked.ask(text, principal=principal, conversation=conversation, notes=notes)

    def run_sql(self, sql: str, principal: Principal) -> QueryResult:
        """Run a reference; raises ``ValueError`` or ``NlqError`` where it does not run."""
        if self._references is None:
            return self._pipeline.run_sql(sql, principal)
        try:
            return self._references.run(sql)
        except SuiteError as exc:
            raise ValueError(str(exc)) from exc

    def witness(self, answer: Answer, principal: Principal, references: Sequence[str]) -> Seen:
        """See ``nlq_evals.witness.Witness``; what is shown is known of the pipeline alone."""
        heard = self._overheard.heard(answer.id)
        shown = None
        if heard.standalone:
            shown = shown_by(self._pipeline.search(heard.standalone, principal))
        dialect = self._references.dialect if self._references else "presto"
        tables = self._pipeline.catalog.tables
        return seen(answer, references, dialect, tables, shown, heard.rules)


def _runnable(
    cases: tuple[Case, ...], databases: Mapping[str, References]
) -> tuple[tuple[Case, ...], tuple[str, ...]]:
    """The cases with those of their references that run, and the ids of cases left with none."""
    kept: list[Case] = []
    left_out: list[str] = []
    for case in cases:
        if case.lake not in databases:
            raise SuiteError(f"{case.id} asks the database {case.lake}, which is not there.")
        running = tuple(r for r in case.references if _runs(databases[case.lake], r.sql))
        if case.references and not running:
            left_out.append(case.id)
        else:
            kept.append(replace(case, references=running))
    return tuple(kept), tuple(left_out)


def _runs(database: References, sql: str) -> bool:
    try:
        database.run(sql)
    except SuiteError:
        return False
    return True


def _indexed(settings: Settings, model: BaseChatModel) -> Pipeline:
    """The assistant over a lake, which is looked at and indexed on the first time."""
    from nlq.assemble import index_model, load_catalog, open_assistant, profile_lake
    from nlq.errors import IndexNotReady
    from nlq.llm.embeddings import embeddings
    from nlq.retrieval.index import build_index

    try:
        return open_assistant(settings, model=model)
    except IndexNotReady:
        profile_lake(settings)
        build_index(
            load_catalog(settings),
            embeddings(settings.embeddings),
            settings.index_dir,
            model=index_model(settings),
            server=settings.index.server,
        )
    except NlqError as exc:
        raise SuiteError(f"{exc.message} {exc.hint}") from exc
    return open_assistant(settings, model=model)
