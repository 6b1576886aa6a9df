"""The embedded model as a LangChain chat model: messages enter, text and token counts leave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel, generate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage, convert_to_openai_messages
from langchain_core.messages.ai import InputTokenDetails, UsageMetadata
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import ConfigDict

from nlq.cancel import CancelToken
from nlq.errors import ModelNonsense, ModelUnavailable
from nlq.llm.llama import Chunk, LlamaServer

_LOOP_SIZES: Final = range(10, 100)
_LOOP_TIMES: Final = 5
"""Letters of what is written over and over, and how often in a row it is a loop."""


class EmbeddedChat(BaseChatModel):
    """A GGUF model in this process.

    A small model sometimes writes one condition over and over until it is cut off. It is stopped
    when it does, with the finish reason ``"length"`` as if it had come so far.

    Beside LangChain's ``stop``, a call takes ``max_tokens``, ``temperature``, ``seed``,
    ``json_schema`` (a JSON Schema, as a dict), ``grammar`` (GBNF), ``logprobs`` (how many
    alternatives a token) and ``cancel`` (a ``CancelToken``). ``request_timeout`` is in seconds.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    server: LlamaServer
    model_name: str
    temperature: float = 0.0
    max_tokens: int = 400
    request_timeout: float = 120.0

    @property
    def _llm_type(self) -> str:
        return "nlq-embedded"

    def warm_up(self, prefixes: Sequence[Sequence[BaseMessage]] = ()) -> None:
        """Begin loading, and evaluate messages that later prompts begin with; does not wait."""
        self.server.start()
        for prefix in prefixes:
            body = self._body(list(prefix), None, {"max_tokens": 0})
            self.server.read_ahead(body)

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
        cancel = kwargs.pop("cancel", None) or CancelToken()
        body = self._body(messages, stop, kwargs)
        chunks = self.server.chunks(body, cancel=cancel, timeout_s=self.request_timeout)
        written, tokens = "", 0
        progress: dict[str, Any] = {}
        for chunk in chunks:
            progress = chunk.get("prompt_progress") or progress
            generation = self._generation(chunk)
            if generation is None:
                continue
            if run_manager:
                run_manager.on_llm_new_token(generation.text, chunk=generation)
            yield generation
            written, tokens = written + generation.text, tokens + bool(generation.text)
            if in_circles(written):
                chunks.close()
                yield self._cut_off(progress, tokens)
                return

    def _body(
        self, messages: list[BaseMessage], stop: list[str] | None, options: dict[str, Any]
    ) -> dict[str, Any]:
        body: dict[str, Any] = {
            "messages": convert_to_openai_messages(messages),
            "max_tokens": options.get("max_tokens", self.max_tokens),
            "temperature": options.get("temperature", self.temperature),
            "seed": options.get("seed", 1),
            "stream": True,
            "stream_options": {"include_usage": True},
            "return_progress": True,
            "cache_prompt": True,
        }
        if stop:
            body["stop"] = list(stop)
        if (schema := options.get("json_schema")) is not None:
            body["json_schema"] = schema
        if (grammar := options.get("grammar")) is not None:
            body["grammar"] = grammar
        if count := options.get("logprobs"):
            body |= {"logprobs": True, "top_logprobs": count}
        return body

    def _generation(self, chunk: Chunk) -> ChatGenerationChunk | None:
        """A chunk as LangChain's; None for those that only say how far the prompt is read."""
        if error := chunk.get("error"):
            raise _translated(error)
        metadata: dict[str, Any] = {}
        usage: UsageMetadata | None = None
        text = ""
        if counts := chunk.get("usage"):
            usage = _usage(counts)
            metadata["timings"] = chunk.get("timings", {})
        if choices := chunk.get("choices"):
            choice = choices[0]
            text = choice.get("delta", {}).get("content") or ""
            if reason := choice.get("finish_reason"):
                metadata |= {"finish_reason": reason, "model_name": self.model_name}
            if logprobs := choice.get("logprobs"):
                metadata["logprobs"] = logprobs
        if not (text or metadata):
            return None
        message = AIMessageChunk(content=text, usage_metadata=usage, response_metadata=metadata)
        return ChatGenerationChunk(message=message)

    def _cut_off(self, progress: dict[str, Any], written: int) -> ChatGenerationChunk:
        """The end of a call that is not let go on, with its counts as far as they are known."""
        read = progress.get("total", 0)
        usage = _usage(
            {
                "prompt_tokens": read,
                "completion_tokens": written,
                "total_tokens": read + written,
                "prompt_tokens_details": {"cached_tokens": progress.get("cache", 0)},
            }
        )
        metadata = {"finish_reason": "length", "model_name": self.model_name}
        message = AIMessageChunk(content="", usage_metadata=usage, response_metadata=metadata)
        return ChatGenerationChunk(message=message)


def in_circles(text: str) -> bool:
    """Whether a text ends in the same letters several times in a row.

    >>> in_circles("SELECT a WHERE" + " b IS NOT NULL AND" * 5)
    True
    >>> in_circles("SELECT a, b, c, d FROM t WHERE a = 1 AND b = 1 AND c = 1 AND d = 1")
    False
    """
    return any(
        text.endswith(text[-size:] * _LOOP_TIMES)
        for size in _LOOP_SIZES
        if size * _LOOP_TIMES <= len(text)
    )


def _usage(counts: dict[str, Any]) -> UsageMetadata:
    cached = (counts.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
    return UsageMetadata(
        input_tokens=counts["prompt_tokens"],
        output_tokens=counts["completion_tokens"],
        total_tokens=counts["total_tokens"],
        input_token_details=InputTokenDetails(cache_read=cached),
    )


def _translated(error: dict[str, Any]) -> Exception:
    said = error.get("message", "no reason given")
    if error.get("type") == "exceed_context_size_error":
        return ModelUnavailable(
            f"The prompt does not fit the embedded model's window: {said}.",
            hint="Lower llm.context_tokens or raise llm.window_tokens.",
        )
    return ModelNonsense(f"The embedded model turned the request down: {said}.")
