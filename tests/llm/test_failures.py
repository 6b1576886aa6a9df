"""Every exception of the libraries that carry model calls has its words."""

from __future__ import annotations

import inspect

import httpx2
import openai
import pytest
from openai.types.chat import ChatCompletion

from nlq.errors import ModelNonsense, ModelTimeout, ModelUnavailable
from nlq.llm.failures import translated

REQUEST = httpx2.Request("POST", "http://server/v1", headers={"Authorization": "Bearer sk-1"})
NOT_OF_A_CALL = {
    "_AmbiguousModuleClientUsageError",
    "WebSocketConnectionClosedError",
    "WebSocketQueueFullError",
}


def made(kind: type[Exception]) -> Exception:
    if issubclass(kind, openai.APIStatusError):
        status = getattr(kind, "status_code", 418)
        response = httpx2.Response(status if isinstance(status, int) else 418, request=REQUEST)
        if "message" not in inspect.signature(kind.__init__).parameters:
            return kind(response=response, body=None)
        return kind("said", response=response, body=None)
    if issubclass(kind, openai.APIResponseValidationError):
        return kind(httpx2.Response(200, request=REQUEST), None)
    if issubclass(kind, openai.APIConnectionError):
        return kind(request=REQUEST)
    if kind is openai.APIError:
        return kind("said", REQUEST, body=None)
    if kind is openai.LengthFinishReasonError:
        return kind(
            completion=ChatCompletion(
                id="1", choices=[], created=1, model="m", object="chat.completion"
            )
        )
    return kind() if kind is openai.ContentFilterFinishReasonError else kind("said")


EVERY = sorted(
    {
        kind
        for _, kind in inspect.getmembers(openai, inspect.isclass)
        if issubclass(kind, openai.OpenAIError) and kind.__name__ not in NOT_OF_A_CALL
    },
    key=lambda kind: kind.__name__,
)
EXPECTED = {
    openai.APITimeoutError: (ModelTimeout, "in time"),
    openai.APIConnectionError: (ModelUnavailable, "cannot be reached"),
    openai.APIResponseValidationError: (ModelNonsense, "OpenAI's format"),
    openai.AuthenticationError: (ModelUnavailable, "refused the key"),
    openai.OAuthError: (ModelUnavailable, "refused the key"),
    openai.PermissionDeniedError: (ModelUnavailable, "refused the key"),
    openai.NotFoundError: (ModelUnavailable, "does not know"),
    openai.RateLimitError: (ModelUnavailable, "too many requests"),
    openai.InternalServerError: (ModelUnavailable, "server failed"),
    openai.BadRequestError: (ModelUnavailable, "turned the request down"),
    openai.ConflictError: (ModelUnavailable, "turned the request down"),
    openai.UnprocessableEntityError: (ModelUnavailable, "turned the request down"),
    openai.APIStatusError: (ModelUnavailable, "turned the request down"),
    openai.LengthFinishReasonError: (ModelNonsense, "cut off"),
    openai.ContentFilterFinishReasonError: (ModelNonsense, "content filter"),
    openai.APIError: (ModelUnavailable, "failed"),
    openai.OpenAIError: (ModelUnavailable, "failed"),
}


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_every_exception_of_openai_is_mapped(kind):
    wanted, words = EXPECTED[kind]
    error = translated(made(kind))
    assert type(error) is wanted
    assert words in error.message
    assert error.hint


@pytest.mark.parametrize(
    ("exc", "wanted"),
    [
        (httpx2.ReadTimeout("slow"), ModelTimeout),
        (httpx2.RemoteProtocolError("broke off"), ModelUnavailable),
        (httpx2.ReadError("broke off"), ModelUnavailable),
        (ValueError("not JSON"), ModelNonsense),
        (RuntimeError("anything else"), ModelUnavailable),
    ],
    ids=repr,
)
def test_what_lies_below_is_mapped(exc, wanted):
    assert type(translated(exc)) is wanted


def test_a_hint_names_the_settings_of_its_section():
    error = translated(made(openai.AuthenticationError), "embeddings")
    assert "NLQ_EMBEDDINGS__API_KEY" in error.hint
