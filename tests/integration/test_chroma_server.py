"""The search index kept in a Chroma server, which several replicas can share."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from langchain_core.embeddings import Embeddings

from nlq.catalog.catalog import Catalog
from nlq.errors import IndexNotReady
from nlq.retrieval.index import build_index, open_index
from nlq.types import ColumnDoc, TableDoc

TABLES = {
    name: TableDoc(name, (ColumnDoc("id", "bigint"),), description)
    for name, description in (
        ("lake.shop.orders", "What customers bought."),
        ("lake.ops.tickets", "Questions to the help desk."),
    )
}


class Letters(Embeddings):
    """Texts are alike where they have the same letters."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return [float(text.lower().count(letter)) for letter in "abcdefghijklmnopqrstuvwxyz"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    port = free_port()
    chroma = Path(sys.executable).parent / "chroma"
    process = subprocess.Popen(
        [chroma, "run", "--path", tmp_path / "chroma", "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.kill()
        process.wait()


def test_replicas_share_an_index(
    server: tuple[str, subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    address, process = server
    catalog = Catalog(TABLES)
    with pytest.raises(IndexNotReady, match="lacks 2"):
        open_index(catalog, Letters(), tmp_path, server=address)
    build_index(catalog, Letters(), tmp_path, server=address)
    replica = open_index(catalog, Letters(), tmp_path / "elsewhere", server=address)
    assert next(iter(replica.search("help desk tickets").tables)) == "lake.ops.tickets"
    tickets = replace(TABLES["lake.ops.tickets"], description="Complaints.")
    with pytest.raises(IndexNotReady, match="lacks 1"):
        open_index(Catalog({**TABLES, tickets.name: tickets}), Letters(), tmp_path, server=address)
    process.kill()
    process.wait()
    with pytest.raises(IndexNotReady, match="Chroma failed"):
        replica.search("orders")
