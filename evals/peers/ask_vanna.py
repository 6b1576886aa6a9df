"""Vanna: its vector store, retrieval, prompt and extraction; trained with DDL and documentation."""

from __future__ import annotations

from typing import Any

from chromadb import EmbeddingFunction
from vanna.base import VannaBase
from vanna.chromadb import ChromaDB_VectorStore
from wire import Ask, Harness, serve


class HarnessEmbeddings(EmbeddingFunction[Any]):
    """The harness's MiniLM: Chroma's default is the same model, but is downloaded at first use."""

    def __init__(self, harness: Harness) -> None:
        self._harness = harness

    def __call__(self, input: Any) -> Any:
        """A vector for each text."""
        return self._harness.embed(list(input))


class HarnessChat(VannaBase):
    """The harness's chat model, as Vanna calls one."""

    def __init__(self, config: dict[str, Any]) -> None:
        VannaBase.__init__(self, config=config)
        self._harness: Harness = config["harness"]

    def system_message(self, message: str) -> dict[str, str]:
        """What the model is told first."""
        return {"role": "system", "content": message}

    def user_message(self, message: str) -> dict[str, str]:
        """A question."""
        return {"role": "user", "content": message}

    def assistant_message(self, message: str) -> dict[str, str]:
        """A query that answered one."""
        return {"role": "assistant", "content": message}

    def submit_prompt(self, prompt: list[dict[str, str]], **_: Any) -> str:
        """The model's text."""
        return self._harness.chat(prompt)


class Vanna(ChromaDB_VectorStore, HarnessChat):
    """Vanna put together of a vector store and a model, as its users do."""

    def __init__(self, config: dict[str, Any]) -> None:
        ChromaDB_VectorStore.__init__(self, config=config)
        HarnessChat.__init__(self, config=config)


def open_peer(database: dict[str, Any], harness: Harness) -> Ask:
    """Vanna trained with every table's DDL, columns' docs in it, and every glossary term."""
    vanna = Vanna(
        {
            "client": "in-memory",
            "dialect": "Presto",
            "embedding_function": HarnessEmbeddings(harness),
            "harness": harness,
        }
    )
    for table in database["tables"]:
        vanna.train(ddl=table["ddl"])
    for term in database["glossary"]:
        vanna.train(documentation=term)

    def ask(question: str, notes: str) -> str:
        return vanna.generate_sql("\n\n".join(part for part in [question, notes] if part))

    return ask


if __name__ == "__main__":
    serve(open_peer)
