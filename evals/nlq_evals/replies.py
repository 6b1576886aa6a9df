"""Recorder: a chat model goes in, one leaves that asks it nothing twice; replies are in a folder.

A reply is known by everything that it can depend on: the model, the messages and all options. With
it are kept its token counts and the seconds that it took when it was first asked, since a replayed
one takes none.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel, generate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage, convert_to_openai_messages
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import ConfigDict, PrivateAttr

from nlq_evals.assistant import Calls
from nlq_evals.suite import SuiteError

_OF_A_MODEL = ("model_name", "model", "openai_api_base", "temperature", "max_tokens", "seed")
"""What models of either kind are set to that a call's own options do not say."""

_OF_NO_WEIGHT = frozenset({"cancel"})
"""Options that no reply depends on."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model wrote, and ``seconds`` from asking to its end when it was first asked."""

    text: str
    metadata: dict[str, Any]
    usage: dict[str, Any] | None
    seconds: float


class Replies:
    """The replies kept in ``folder``; safe to use from several threads and processes.

    Raises ``SuiteError`` where the folder has no room for them.
    """

    def __init__(self, folder: Path) -> None:
        self._lock = threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(
                folder / "replies.sqlite", timeout=30, check_same_thread=False, isolation_level=None
            )
            self._db.execute("CREATE TABLE IF NOT EXISTS reply (key TEXT PRIMARY KEY, value TEXT)")
        except (OSError, sqlite3.Error) as exc:
            raise SuiteError(f"{folder} cannot keep replies: {exc}") from exc

    def find(self, key: str) -> Reply | None:
        """The reply kept under ``key``."""
        with self._lock:
            row = self._db.execute("SELECT value FROM reply WHERE key = ?", (key,)).fetchone()
        return Reply(**json.loads(row[0])) if row else None

    def keep(self, key: str, reply: Reply) -> None:
        """Keep a reply, unless there is one: the first stays."""
        value = {name: getattr(reply, name) for name in Reply.__slots__}
        text = json.dumps(value, ensure_ascii=False, default=str)
        with self._lock:
            self._db.execute("INSERT OR IGNORE INTO reply VALUES (?, ?)", (key, text))


class RecordedChat(BaseChatModel):
    """``inner`` for whoever asks it, but for what it was asked before.

    A sampled reply (temperature above 0) is kept like any other: who wants another one gives
    another ``seed``. Only whole replies are kept, not those cancelled or broken off.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    inner: BaseChatModel
    replies: Replies
    _calls: Calls = PrivateAttr(default_factory=Calls)
    _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    @property
    def _llm_type(self) -> str:
        return self.inner._llm_type

    @property
    def request_timeout(self) -> float | None:
        """Seconds that a call may take."""
        limit: float | None = getattr(self.inner, "request_timeout", None)
        return limit

    @property
    def calls(self) -> Calls:
        """What was asked of it so far."""
        return self._calls

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, run_manager, **kwargs))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        key = self._key(messages, kwargs | {"stop": stop})
        known = self.replies.find(key)
        chunks = self._asked(key, messages, stop, kwargs) if known is None else _chunks(known)
        if known is not None:
            self._count(Calls(1, 1, known.seconds, known.seconds))
        for chunk in chunks:
            generation = ChatGenerationChunk(message=chunk)
            if run_manager:
                run_manager.on_llm_new_token(generation.text, chunk=generation)
            yield generation

    def _asked(
        self, key: str, messages: list[BaseMessage], stop: list[str] | None, options: dict[str, Any]
    ) -> Iterator[AIMessageChunk]:
        began = time.perf_counter()
        whole: AIMessageChunk | None = None
        try:
            for chunk in self.inner.stream(messages, stop=stop, **options):
                whole = chunk if whole is None else whole + chunk
                yield chunk
        finally:
            seconds = time.perf_counter() - began
            self._count(Calls(1, 0, seconds))
        if whole is not None and whole.response_metadata.get("finish_reason"):
            usage = dict(whole.usage_metadata) if whole.usage_metadata else None
            self.replies.keep(key, Reply(whole.text, whole.response_metadata, usage, seconds))

    def _key(self, messages: list[BaseMessage], options: dict[str, Any]) -> str:
        said = {name: getattr(self.inner, name, None) for name in _OF_A_MODEL}
        given = {name: value for name, value in options.items() if name not in _OF_NO_WEIGHT}
        whole = {
            "kind": self._llm_type,
            "messages": convert_to_openai_messages(messages),
            "options": {k: v for k, v in (said | given).items() if v is not None},
        }
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()

    def _count(self, calls: Calls) -> None:
        with self._lock:
            self._calls += calls


def _chunks(reply: Reply) -> Iterator[AIMessageChunk]:
    """The text, then what is told at the end, as models stream them."""
    if reply.text:
        yield AIMessageChunk(content=reply.text)
    yield AIMessageChunk(
        content="",
        usage_metadata=reply.usage,  # type: ignore[arg-type]  # as it was kept
        response_metadata=reply.metadata,
    )
