"""The one call to a chat model: messages enter, text with its token counts leaves.

The model streams in a thread of its own while the caller waits here, so that cancelling and timing
out take effect at once, whatever library is underneath. Tries again after passing failures are the
client's (OpenAI's own, with back-off); the time limit covers them all together.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage

from nlq.cancel import CancelToken
from nlq.errors import Cancelled, ModelTimeout, ModelUnavailable, NlqError
from nlq.types import TokenUse

_END = object()
_LEAST_LIKELY = 5


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model wrote.

    ``finish_reason`` is ``stop`` when it was done and ``length`` when it ran into ``max_tokens``.
    ``cached`` counts those tokens read that were known already; ``seconds`` is the whole wait.
    ``doubt`` is how unsure the model was: the negative log-probabilities of its least likely
    ``_LEAST_LIKELY`` tokens, added up; None where it does not tell. ``first`` has the likeliest
    first tokens with their log-probabilities, where these were asked for and are told.
    """

    text: str
    tokens: TokenUse
    finish_reason: str
    cached: int = 0
    seconds: float = 0.0
    doubt: float | None = None
    first: Mapping[str, float] = field(default_factory=dict)


def tells_alternatives(model: BaseChatModel) -> bool:
    """Whether the model tells how likely other tokens were: the embedded one does."""
    return model._llm_type == "nlq-embedded"


def complete(
    model: BaseChatModel,
    messages: Sequence[BaseMessage],
    *,
    max_tokens: int,
    json_schema: dict[str, Any] | None = None,
    grammar: str | None = None,
    stop: Sequence[str] = (),
    temperature: float | None = None,
    seed: int | None = None,
    with_doubt: bool = False,
    alternatives: int = 0,
    cancel: CancelToken,
    on_token: Callable[[str], None] | None = None,
) -> Completion:
    """Ask ``model`` once.

    ``json_schema`` binds the answer's shape. ``grammar`` (GBNF) does so with the embedded model
    only; a server ignores it, so the prompt must say the form too and the caller must check it.
    ``seed`` makes another sample of the same prompt; ``with_doubt`` asks how sure the model is, and
    ``alternatives`` for that many first tokens, which only the embedded one tells. ``on_token``
    hears the text as it comes, in the caller's thread. The model's ``request_timeout`` (seconds)
    limits the call. Raises ``Cancelled``, ``ModelTimeout``, ``ModelUnavailable`` or
    ``ModelNonsense``.
    """
    began = time.monotonic()
    whole: AIMessageChunk | None = None
    told = with_doubt or alternatives > 0
    for chunk in _streamed(
        model,
        list(messages),
        {"stop": list(stop) or None, "max_tokens": max_tokens}
        | ({} if temperature is None else {"temperature": temperature})
        | ({} if seed is None else {"seed": seed})
        | ({"logprobs": max(alternatives, 1)} if told and _is_ours(model) else {})
        | _shape(model, json_schema, grammar),
        cancel,
    ):
        whole = chunk if whole is None else whole + chunk
        if on_token and (text := chunk.text):
            on_token(text)
    return _completion(whole, time.monotonic() - began)


def _is_ours(model: BaseChatModel) -> bool:
    return model._llm_type.startswith("nlq-")


def _shape(
    model: BaseChatModel, json_schema: dict[str, Any] | None, grammar: str | None
) -> dict[str, Any]:
    """The options that bind the answer's form, as this kind of model takes them."""
    if _is_ours(model):
        given = {"json_schema": json_schema, "grammar": grammar}
        return {name: value for name, value in given.items() if value is not None}
    if json_schema is None:
        return {}
    named = {"name": json_schema.get("title", "answer"), "schema": json_schema, "strict": True}
    # Not LangChain's own option, which reads the stream with a stricter parser than servers pass.
    return {"extra_body": {"response_format": {"type": "json_schema", "json_schema": named}}}


def _streamed(
    model: BaseChatModel, messages: list[BaseMessage], options: dict[str, Any], cancel: CancelToken
) -> Iterator[AIMessageChunk]:
    """The model's chunks as they come, until it is done, fails, is cancelled or takes too long."""
    cancel.check()
    limit: float | None = getattr(model, "request_timeout", None)
    deadline = None if limit is None else time.monotonic() + limit
    given_up = CancelToken()
    out: queue.Queue[Any] = queue.Queue()
    if model._llm_type == "nlq-embedded":
        # It keeps its own time, which begins when its turn comes, and can stop while it reads.
        options, deadline = options | {"cancel": given_up}, None

    def work() -> None:
        try:
            for chunk in model.stream(messages, **options):
                out.put(chunk)
                if given_up.cancelled:
                    return
            out.put(_END)
        except Exception as exc:
            out.put(exc)

    threading.Thread(target=work, name="complete", daemon=True).start()
    try:
        with cancel.calling(lambda: out.put(Cancelled())):
            while (item := out.get(timeout=_left(deadline))) is not _END:
                if isinstance(item, BaseException):
                    raise item
                yield item
    except queue.Empty:
        raise ModelTimeout(
            f"The model did not answer within {limit:g} s.",
            hint="Try again, or raise llm.timeout_s.",
        ) from None
    except (NlqError, GeneratorExit):
        raise
    except Exception as exc:
        # Imported here: it needs OpenAI's library, which the embedded model does without.
        from nlq.llm.failures import fail

        fail(exc)
    finally:
        given_up.cancel()


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.0, deadline - time.monotonic())


def _completion(whole: AIMessageChunk | None, seconds: float) -> Completion:
    reason = whole.response_metadata.get("finish_reason") if whole else None
    if whole is None or not reason:
        raise ModelUnavailable("The model broke off its answer.", hint="Ask again.")
    usage = whole.usage_metadata
    details = usage.get("input_token_details", {}) if usage else {}
    return Completion(
        text=whole.text,
        tokens=TokenUse(
            read=usage["input_tokens"] if usage else 0,
            written=usage["output_tokens"] if usage else 0,
            calls=1,
        ),
        finish_reason=str(reason),
        cached=details.get("cache_read", 0),
        seconds=seconds,
        doubt=_doubt(whole.response_metadata.get("logprobs")),
        first=_first(whole.response_metadata.get("logprobs")),
    )


def _tokens(told: Any) -> list[dict[str, Any]]:
    return (told.get("content") if isinstance(told, dict) else None) or []


def _first(told: Any) -> dict[str, float]:
    return {
        str(other["token"]): float(other["logprob"])
        for token in _tokens(told)[:1]
        for other in token.get("top_logprobs", ())
    }


def _doubt(told: Any) -> float | None:
    tokens = _tokens(told)
    if not tokens:
        return None
    return -sum(sorted(float(token["logprob"]) for token in tokens)[:_LEAST_LIKELY])
