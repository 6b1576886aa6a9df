from __future__ import annotations

from pathlib import Path

import pytest
from nlq_ui.sign_in import sessions
from nlq_ui.sign_in.sessions import Sessions

from nlq.types import Principal

ANN = Principal("ann", ("analyst", "finance"))


class Time:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def kept(tmp_path: Path, time: Time) -> Sessions:
    return Sessions(tmp_path / "sessions.sqlite", 100.0, 250.0, time)


def test_a_session_is_its_persons_until_they_sign_out(kept, tmp_path, time):
    secret = kept.begin(ANN)
    assert kept.principal(secret) == ANN
    assert Sessions(tmp_path / "sessions.sqlite", 100.0, 250.0, time).principal(secret) == ANN
    assert secret.encode() not in (tmp_path / "sessions.sqlite").read_bytes()
    kept.end(secret)
    assert kept.principal(secret) is None
    assert kept.principal("") is None
    assert kept.principal("\udcff") is None


def test_a_session_ends_when_it_is_idle_and_at_its_longest(kept, time):
    idle, busy = kept.begin(ANN), kept.begin(ANN)
    for _ in range(4):
        time.now += 60
        assert kept.principal(busy) == ANN
    assert kept.principal(idle) is None
    time.now += 10
    assert kept.principal(busy) is None
    assert kept.begin(ANN) != busy


def test_what_ended_is_forgotten(kept, tmp_path, time):
    kept.begin(ANN)
    time.now += 100
    kept.begin(ANN)
    with kept._file.transaction() as db:
        assert db.execute("SELECT count(*) FROM session").fetchone()[0] == 1


def test_a_sign_in_is_ended_once_and_in_time(kept, time):
    kept.note("a", {"state": 1})
    kept.note("b", {"state": 2})
    assert kept.take("a") == {"state": 1}
    assert kept.take("a") is None
    time.now += sessions.BEGUN_S
    assert kept.take("b") is None


def test_strangers_cannot_fill_the_disk(kept, time, monkeypatch):
    monkeypatch.setattr(sessions, "MOST_BEGUN", 3)
    for number in range(6):
        time.now += 1
        kept.note(str(number), {})
    assert [kept.take(str(number)) is not None for number in range(6)] == [0, 0, 0, 1, 1, 1]
