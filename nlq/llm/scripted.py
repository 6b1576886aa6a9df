"""A chat model that plays a script: for tests, and for a demonstration without a model."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel, generate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: ``text``, or ``error`` raised once ``text`` has been streamed.

    ``delay_s`` passes before every word.
    """

    text: str = ""
    delay_s: float = 0.0
    error: Exception | None = None
    finish_reason: str = "stop"


Script = Sequence[str | Reply] | Callable[[list[BaseMessage]], str | Reply]


@dataclass(frozen=True, slots=True)
class Call:
    """What the model was asked."""

    messages: tuple[BaseMessage, ...]
    options: dict[str, Any]


class ScriptedChat(BaseChatModel):
    """Answers from ``replies`` in order, or by a function of the messages; keeps ``calls``.

    >>> ScriptedChat(["SELECT 1"]).invoke("How many?").text
    'SELECT 1'
    """

    replies: Script
    request_timeout: float | None = None
    _calls: list[Call] = PrivateAttr(default_factory=list)
    _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    def __init__(self, replies: Script, **kwargs: Any) -> None:
        super().__init__(replies=replies, **kwargs)

    @property
    def calls(self) -> tuple[Call, ...]:
        """What it was asked, oldest first."""
        return tuple(self._calls)

    @property
    def _llm_type(self) -> str:
        return "nlq-scripted"

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
        reply = self._next(messages, kwargs | {"stop": stop})
        words = re.findall(r"\s*\S+\s*", reply.text)
        for word in words:
            time.sleep(reply.delay_s)
            chunk = ChatGenerationChunk(message=AIMessageChunk(content=word))
            if run_manager:
                run_manager.on_llm_new_token(word, chunk=chunk)
            yield chunk
        if reply.error is not None:
            raise reply.error
        read = sum(len(message.text.split()) for message in messages)
        usage = UsageMetadata(
            input_tokens=read, output_tokens=len(words), total_tokens=read + len(words)
        )
        yield ChatGenerationChunk(
            message=AIMessageChunk(
                content="",
                usage_metadata=usage,
                response_metadata={"finish_reason": reply.finish_reason},
            )
        )

    def _next(self, messages: list[BaseMessage], options: dict[str, Any]) -> Reply:
        with self._lock:
            turn = len(self._calls)
            self._calls.append(Call(tuple(messages), options))
        if callable(self.replies):
            reply = self.replies(messages)
        elif turn < len(self.replies):
            reply = self.replies[turn]
        else:
            raise AssertionError(f"the script has {len(self.replies)} replies; one more was asked")
        return Reply(reply) if isinstance(reply, str) else reply
