"""What a model library raised enters, the error that a person is told leaves.

Some servers repeat the key that they refuse. No message holds it, nor does the chain of causes that
a log may print.
"""

from __future__ import annotations

import json
import traceback
from typing import NoReturn

import httpx2
import openai

from nlq.errors import ModelNonsense, ModelTimeout, ModelUnavailable, NlqError

_LONGEST_QUOTE = 200


def fail(exc: Exception, section: str = "llm") -> NoReturn:
    """Raise the translated error; its cause is left out where that repeats the key."""
    key = _key(exc)
    repeated = key and key in "".join(traceback.format_exception(exc))
    raise translated(exc, section) from (None if repeated else exc)


def translated(exc: Exception, section: str = "llm") -> NlqError:
    """The error in nlq's words; ``section`` names the settings that a hint points to."""
    match exc:
        case NlqError():
            return exc
        case openai.APITimeoutError() | httpx2.TimeoutException():
            return ModelTimeout(
                "The model server did not answer in time.",
                hint="Try again, or raise llm.timeout_s.",
            )
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            return ModelUnavailable(
                f"The model server refused the key (HTTP {exc.status_code}).",
                hint=f"Set NLQ_{section.upper()}__API_KEY to a key that may use this model.",
            )
        case openai.NotFoundError():
            return ModelUnavailable(
                f"The model server does not know what was asked for: {_quote(exc)}.",
                hint=f"Check {section}.model and {section}.base_url (often it ends in /v1).",
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
                hint=f"Check that {section}.model takes long prompts and JSON schemas.",
            )
        case openai.APIConnectionError() | httpx2.TransportError():
            return ModelUnavailable(
                "The model server cannot be reached, or broke off its answer.",
                hint=f"Check {section}.base_url, the network, and that the server runs.",
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
                hint=f"Check that {section}.base_url is an OpenAI-compatible server.",
            )
        case _:
            return ModelUnavailable(
                f"The model call failed ({type(exc).__name__}).",
                hint="Try again; nlq doctor checks the model.",
            )


def _quote(exc: openai.APIError) -> str:
    """The start of what the server said, on one line and without the key."""
    said = " ".join(exc.message.split())
    if key := _key(exc):
        said = said.replace(key, "[key]")
    return said if len(said) <= _LONGEST_QUOTE else said[:_LONGEST_QUOTE] + "..."


def _key(exc: Exception) -> str:
    """The key that the failed request was sent with, or nothing."""
    if not isinstance(exc, openai.APIError):
        return ""
    return exc.request.headers.get("Authorization", "").removeprefix("Bearer ")
