"""Another project in a process of its own: what it is told, lent and asked, and how it fails."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding
from nlq_evals.baselines.peer import PEERS_PYTHON, Lent, Peer, PeerName, peer_command
from nlq_evals.baselines.worker import PeerFailed
from nlq_evals.outside.references import ReferenceDatabase
from nlq_evals.suite import SuiteError

from nlq.catalog.catalog import Catalog
from nlq.llm.scripted import Reply, Script, ScriptedChat
from nlq.types import Answer, ColumnDoc, Principal, TableDoc

ROOT = Path(__file__).parents[2]
FAKE = (
    sys.executable, "-E", "-s", str(ROOT / "tests/fakes/fake_peer.py"), str(ROOT / "evals/peers"),
)  # fmt: skip
CATALOG = Catalog(
    tables={
        "lake.shop.orders": TableDoc(
            "lake.shop.orders",
            columns=(
                ColumnDoc("id", "bigint"),
                ColumnDoc("total", "decimal(10,2)", description="In dollars, {net}"),
                ColumnDoc("placed", "date"),
            ),
        )
    },
    glossary=("AOV = the average total",),
)
REAL = Path(os.environ.get("NLQ_PEER_PYTHON") or PEERS_PYTHON)

Open = Callable[..., Peer]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as db:
        db.execute("CREATE TABLE Orders (ID BIGINT, total DECIMAL(10,2), placed DATE)")
        db.execute("INSERT INTO Orders SELECT i, i + 0.5, DATE '2026-01-01' FROM range(5) r(i)")
    database = ReferenceDatabase(tmp_path / "shop.duckdb", "presto", datetime(2026, 5, 20))
    peers = []

    def make(
        replies: Script = (),
        command: tuple[str, ...] = FAKE,
        catalog: Catalog = CATALOG,
        seconds: float = 20,
    ) -> Peer:
        model = ScriptedChat(replies)
        lent = Lent(model, DeterministicFakeEmbedding(size=384), database.run)
        peers.append(Peer(command, catalog, lent, seconds))
        return peers[-1]

    yield make
    for peer in peers:
        peer.close()
    database.close()


def ask(peer: Peer, question: str, notes: str = "") -> Answer:
    return peer.ask(question, principal=Principal("eval"), notes=notes)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_is_told_the_schema_and_its_sql_runs(opened: Open) -> None:
    peer = opened(["```sql\nSELECT sum(total) AS aov FROM orders;\n```"])
    answer = ask(peer, "AOV?")
    assert answer.kind == "answer", answer.headline
    assert answer.sql == "SELECT sum(total) AS aov FROM orders"
    assert answer.result is not None
    assert [str(value) for value in answer.result.rows[0]] == ["12.50"]
    assert answer.tokens.calls == 1
    assert answer.tokens.read > 0


def test_the_model_hears_the_peers_own_messages(opened: Open) -> None:
    heard = []

    def reply(messages: list) -> str:
        heard.extend(messages)
        return "SELECT 1"

    ask(opened(reply), "AOV?", " Round it.")
    assert [message.type for message in heard] == ["system", "human"]
    assert heard[1].text == "AOV? Round it."
    assert "total decimal(10,2) -- In dollars, {net}" in heard[0].text
    assert "AOV = the average total" in heard[0].text
    assert heard[0].text.count("2026-01-01") == 3


def test_vectors_are_lent(opened: Open) -> None:
    answer = ask(opened(), "embed")
    assert answer.result is not None
    assert answer.result.rows == ((384,),)


def test_one_process_answers_many_questions(opened: Open) -> None:
    peer = opened(["SELECT 1", "SELECT 2"])
    ask(peer, "one")
    first = peer.pid
    assert ask(peer, "two").sql == "SELECT 2"
    assert peer.pid == first


def test_close_ends_the_process(opened: Open) -> None:
    peer = opened()
    peer.open()
    pid = peer.pid
    assert pid is not None
    assert is_running(pid)
    peer.close()
    peer.close()
    assert not is_running(pid)


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("die", r"ended with status 3\. It said last:\n(.*\n)*no memory left"),
        ("raise", "KeyError: 'no such thing'"),
        ("garble", "'Traceback!.*no message"),
    ],
)
def test_what_broke_it_is_told_and_the_next_question_is_answered(
    opened: Open, question: str, told: str
) -> None:
    peer = opened(["SELECT 1"])
    answer = ask(peer, question)
    assert answer.kind == "error"
    assert re.search(told, answer.headline), answer.headline
    assert ask(peer, "again").sql == "SELECT 1"


def test_one_that_hangs_is_ended(opened: Open) -> None:
    peer = opened(seconds=2)
    peer.open()
    pid = peer.pid
    assert pid is not None
    started = time.monotonic()
    answer = ask(peer, "hang")
    assert "did not reply within 2 s" in answer.headline
    assert time.monotonic() - started < 15
    assert not is_running(pid)


def test_a_model_that_fails_is_an_error_answer(opened: Open) -> None:
    peer = opened([Reply("", error=ConnectionError("gone")), "SELECT 1"])
    assert ask(peer, "one").kind == "error"
    assert ask(peer, "two").sql == "SELECT 1"


def test_sql_that_does_not_run_is_an_error_answer_with_the_sql(opened: Open) -> None:
    answer = ask(opened(["SELECT nothing FROM orders"]), "one")
    assert (answer.kind, answer.sql) == ("error", "SELECT nothing FROM orders")


def test_one_that_cannot_take_the_database_says_why(opened: Open) -> None:
    peer = opened(catalog=Catalog())
    with pytest.raises(PeerFailed, match="there are no tables"):
        peer.open()
    assert peer.pid is None


def test_one_that_does_not_start_says_so(opened: Open, tmp_path: Path) -> None:
    with pytest.raises(PeerFailed, match="cannot be started"):
        opened(command=(str(tmp_path / "python"), "x.py")).open()


def test_a_missing_environment_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="make peers") as caught:
        peer_command("vanna", tmp_path / "python")
    assert str(tmp_path / "python") in str(caught.value)


@pytest.mark.skipif(not REAL.is_file(), reason="the other projects are not installed: make peers")
@pytest.mark.parametrize("name", ["langchain", "vanna"])
def test_the_real_ones_bring_schema_rules_and_question_to_the_model(
    opened: Open, name: PeerName
) -> None:
    prompts = []

    def reply(messages: list) -> str:
        prompts.append("\n".join(message.text for message in messages))
        return "```sql\nSELECT count(*) AS n FROM orders;\n```"

    peer = opened(reply, command=peer_command(name, REAL), seconds=90)
    answer = ask(peer, "How many {orders}?", "Count {all} rows.")
    assert answer.kind == "answer", answer.headline
    assert answer.sql == "SELECT count(*) AS n FROM orders"
    (prompt,) = prompts
    assert "presto" in prompt.lower()
    for told in ("In dollars, {net}", "AOV = the average total", "{orders}?", "Count {all} rows."):
        assert told in prompt
    assert ("2.50" in prompt) is (name == "langchain")
