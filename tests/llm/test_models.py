"""Which chat model the settings give."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from nlq.errors import ModelFileError, SettingsError
from nlq.llm.models import chat_model
from nlq.settings import LlmSettings


def test_openai_needs_a_key(tmp_path):
    with pytest.raises(SettingsError, match="no key") as caught:
        chat_model(LlmSettings(provider="openai"), tmp_path)
    assert "NLQ_LLM__API_KEY" in caught.value.hint


def test_openai_gets_the_settings_and_hides_the_key(tmp_path):
    settings = LlmSettings(
        provider="openai", api_key=SecretStr("sk-hidden"), timeout_s=7, retries=4, model="gpt-x"
    )
    model = chat_model(settings, tmp_path)
    assert (model.model_name, model.request_timeout, model.max_retries) == ("gpt-x", 7, 4)
    assert "sk-hidden" not in repr(model)


def test_a_server_without_a_key_is_asked_with_a_made_up_one(fake, answer, tmp_path):
    fake.answers = [answer(words=("hi",))]
    model = chat_model(LlmSettings(provider="openai", base_url=fake.url, model="m"), tmp_path)
    assert "".join(chunk.text for chunk in model.stream("hello")) == "hi"
    assert fake.keys == ["Bearer none"]


def test_another_file_must_be_gguf(tmp_path):
    path = tmp_path / "model.gguf"
    path.write_bytes(b"PK\x03\x04 a zip file")
    with pytest.raises(ModelFileError, match="not a GGUF file"):
        chat_model(LlmSettings(gguf=path), tmp_path)


def test_another_file_must_be_there(tmp_path):
    with pytest.raises(ModelFileError, match="cannot be read") as caught:
        chat_model(LlmSettings(gguf=tmp_path / "none.gguf"), tmp_path)
    assert "NLQ_LLM__GGUF" in caught.value.hint


def test_a_gguf_file_that_llama_cannot_load_says_so(tmp_path):
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"GGUF and then nothing of use")
    model = chat_model(LlmSettings(gguf=path), tmp_path)
    with pytest.raises(ModelFileError, match="cannot load"):
        model.invoke("hello")
