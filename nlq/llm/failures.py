"""What a model library raised enters, the error that a person is told leaves.

A message never holds the key: what a server says about a key is left out, because some repeat it.
"""

from __future__ import annotations

import json

import httpx
import httpx2
import openai

from nlq.errors import ModelNonsense, ModelTimeout, ModelUnavailable, NlqError

_LONGEST_QUOTE = 200


def translated(exc: Exception) -> NlqError:
    """The error in nlq's words for whatever a chat or embedding library raised."""
    match exc:
        case NlqError():
            return exc
        case openai.APITimeoutError() | httpx.TimeoutException() | httpx2.TimeoutException():
            return ModelTimeout(
                "The model server did not answer in time.",
                hint="Try again, or raise llm.timeout_s.",
            )
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            return ModelUnavailable(
                f"The model server refused the key (HTTP {exc.status_code}).",
                hint="Set NLQ_LLM__API_KEY to a key that may use this model.",
            )
        case openai.NotFoundError():
            return ModelUnavailable(
                f"The model server does not know what was asked for: {_quote(exc)}.",
                hint="Check llm.model and llm.base_url (the address usually ends in /v1).",
            )
        case openai.RateLimitError():
            return ModelUnavailable(
                "The model server has too many requests, or the account's quota is used up.",
                hint="Wait a minute and try again, or check the account's limits.",
            )
        case openai.InternalServerError():
            return ModelUnavailable(
                f"The model server failed (HTTP {exc.status_code}): {_quote(exc)}.",
                hint="Try again; if it goes on, look at the server's own log.",
            )
        case openai.APIStatusError():
            return ModelUnavailable(
                f"The model server turned the request down (HTTP {exc.status_code}): "
                f"{_quote(exc)}.",
                hint="Check that llm.model takes such requests (long prompts, JSON schemas).",
            )
        case openai.APIConnectionError() | httpx.TransportError() | httpx2.TransportError():
            return ModelUnavailable(
                "The model server cannot be reached, or broke off its answer.",
                hint="Check llm.base_url, the network, and that the server runs.",
            )
        case openai.LengthFinishReasonError():
            return ModelNonsense(
                "The model's answer was cut off at its length limit.",
                hint="Raise llm.max_output_tokens.",
            )
        case openai.ContentFilterFinishReasonError():
            return ModelNonsense(
                "The model server's content filter held the answer back.", hint="Ask differently."
            )
        case openai.APIResponseValidationError() | json.JSONDecodeError() | ValueError():
            return ModelNonsense(
                "The model server sent an answer that is not in OpenAI's format.",
                hint="Check that llm.base_url is an OpenAI-compatible server.",
            )
        case _:
            return ModelUnavailable(
                f"The model call failed ({type(exc).__name__}).",
                hint="Try again; nlq doctor checks the model.",
            )


def _quote(exc: openai.APIError) -> str:
    """The start of what the server said, on one line."""
    said = " ".join(exc.message.split())
    return said if len(said) <= _LONGEST_QUOTE else said[:_LONGEST_QUOTE] + "..."
