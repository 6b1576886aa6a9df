"""From settings to a chat model: the embedded one, or one behind an OpenAI-compatible address."""

from __future__ import annotations

from pathlib import Path

from langchain_core.language_models.chat_models import BaseChatModel
from pydantic import SecretStr

from nlq.errors import SettingsError
from nlq.llm.embedded_file import Progress, ensure_model_file
from nlq.settings import LlmSettings

OPENAI_MODEL = "gpt-4.1-mini"
_NO_KEY = "none"


def chat_model(
    settings: LlmSettings, models_dir: Path, on_progress: Progress | None = None
) -> BaseChatModel:
    """The chat model that ``settings`` name.

    The embedded one is joined from its packages into ``models_dir`` where it is missing, but not
    loaded before it is used (or warmed up). Raises ``ModelFileError`` or ``SettingsError``.
    """
    if settings.provider == "embedded":
        return _embedded(settings, models_dir, on_progress)
    return _openai(settings)


def _embedded(
    settings: LlmSettings, models_dir: Path, on_progress: Progress | None
) -> BaseChatModel:
    from nlq.llm.embedded_chat import EmbeddedChat
    from nlq.llm.llama import LlamaOptions, check_gguf, server_for

    path = settings.gguf or ensure_model_file(models_dir, on_progress)
    check_gguf(path)
    options = LlamaOptions(settings.threads, settings.window_tokens, models_dir / "prefixes")
    return EmbeddedChat(
        server=server_for(path.resolve(), options),
        model_name=path.stem,
        temperature=settings.temperature,
        max_tokens=settings.max_output_tokens,
        request_timeout=settings.timeout_s,
    )


def _openai(settings: LlmSettings) -> BaseChatModel:
    from langchain_openai import ChatOpenAI
    from langchain_openai.chat_models.base import BaseChatOpenAI

    key = settings.api_key.get_secret_value()
    if not key and not settings.base_url:
        raise SettingsError(
            "llm.provider is openai, but there is no key.",
            hint="Set NLQ_LLM__API_KEY, or NLQ_LLM__BASE_URL for a server that needs none.",
        )
    # ChatOpenAI renames max_tokens to what only OpenAI's own newest models know.
    kind = BaseChatOpenAI if settings.base_url else ChatOpenAI
    return kind(
        model=settings.model or OPENAI_MODEL,
        base_url=settings.base_url or None,
        api_key=SecretStr(key or _NO_KEY),
        timeout=settings.timeout_s,
        max_retries=settings.retries,
        temperature=settings.temperature,
        max_tokens=settings.max_output_tokens,
        stream_usage=True,
        use_responses_api=False,
    )
