"""The lake on disk: whole or not there, made once, the same for the same seed."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import shutil
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from nlq.errors import LakeNotReady
from nlq.sample import build, lake, population
from nlq.sample.lake import LakeSummary, make_lake, read_manifest
from nlq.sample.writer import LakeWriter


class Interrupted(BaseException):
    """As a person's Ctrl-C."""


def quick_build(
    out: LakeWriter, seed: int, scale: float, on_progress: Callable[[str, float], None]
) -> None:
    """Stands in for the real one where only the folder matters: one table, told apart by seed."""
    on_progress("Writing", 0.5)
    out.write(
        "product.error_codes", {"err_cd": [seed], "err_name": ["x"], "err_class": ["carrier"]}, 0
    )


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "build", quick_build)


def left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {".lake.lock"}


def contents(summary: LakeSummary) -> dict[str, str]:
    """A hash of every file, by its path."""
    return {
        str(file.relative_to(summary.folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in summary.folder.rglob("*.parquet")
    }


@pytest.fixture
def short_history(monkeypatch: pytest.MonkeyPatch) -> None:
    """Traffic in October 2025 and in the open month only, which is much quicker."""
    monkeypatch.setattr(build, "MONTHS", (build.MONTHS[21], build.MONTHS[-1]))


def test_manifest_tells_what_is_there(tiny_lake: LakeSummary) -> None:
    assert read_manifest(tiny_lake.folder) == tiny_lake
    assert tiny_lake.files < 3000
    assert len(tiny_lake.tables) >= 32
    for table in tiny_lake.tables:
        files = list(tiny_lake.folder.joinpath(*table.name.split(".")[1:]).rglob("*.parquet"))
        assert table.files == len(files) > 0
        assert table.size_bytes == sum(file.stat().st_size for file in files)
        assert table.rows == sum(pq.read_metadata(file).num_rows for file in files) > 0


@pytest.mark.usefixtures("short_history")
def test_same_seed_same_bytes_and_other_seed_others(tmp_path: Path) -> None:
    heard: list[float] = []
    one = make_lake(tmp_path / "one", scale=0.02, on_progress=lambda _, share: heard.append(share))
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    same = make_lake(tmp_path / "same", scale=0.02)
    assert contents(same) == contents(one)
    assert same.tables == one.tables
    other = make_lake(tmp_path / "other", scale=0.02, seed=8)
    assert contents(other).keys() == contents(one).keys()
    events = [file for file in contents(one) if file.startswith("events")]
    assert all(contents(other)[file] != contents(one)[file] for file in events)


@pytest.mark.usefixtures("short_history")
def test_blocks_share_no_keys_and_all_join(
    lake_folder: Path, monkeypatch: pytest.MonkeyPatch, open_lake: Any, table_docs: Any
) -> None:
    monkeypatch.setattr(population, "BLOCK", 45)
    made = make_lake(lake_folder, scale=0.02)
    connection = open_lake(made)
    for name, doc in table_docs.items():
        key = ", ".join(doc.primary_key)
        if key:
            twice = f"SELECT {key} FROM {name} GROUP BY {key} HAVING count(*) > 1 LIMIT 1"
            assert connection.execute(twice).fetchall() == [], name
        for join in doc.joins:
            right = join.right.split(".", 1)[1]
            pairs = list(zip(join.left_columns, join.right_columns, strict=True))
            on = " AND ".join(f"l.{a} = r.{b}" for a, b in pairs)
            given = " AND ".join(f"l.{a} IS NOT NULL" for a, _ in pairs)
            lost = f"SELECT count(*) FROM {name} l ANTI JOIN {right} r ON {on} WHERE {given}"
            assert connection.execute(lost).fetchall() == [(0,)], (name, right)
    accounts = connection.execute("SELECT count(*), max(account_id) FROM product.accounts")
    assert accounts.fetchall() == [(60, 1060)]
    connection.close()


@pytest.mark.parametrize(
    ("scale", "sizes"),
    [(0.001, (60,)), (1.0, (1500,)), (20.0, (20_000, 10_000)), (40.0, (20_000,) * 3)],
)
def test_scale_makes_more_blocks_never_larger_ones(scale: float, sizes: tuple[int, ...]) -> None:
    assert population.block_sizes(scale) == sizes


@pytest.mark.usefixtures("quick")
def test_second_call_does_nothing(lake_folder: Path) -> None:
    first = make_lake(lake_folder, seed=3)
    stamp = (lake_folder / "manifest.json").stat().st_mtime_ns
    assert make_lake(lake_folder, seed=3) == first
    assert (lake_folder / "manifest.json").stat().st_mtime_ns == stamp


@pytest.mark.usefixtures("quick")
def test_other_seed_or_scale_replaces_the_lake(lake_folder: Path) -> None:
    make_lake(lake_folder, seed=3)
    assert make_lake(lake_folder, seed=4).seed == 4
    assert make_lake(lake_folder, seed=4, scale=2.0).scale == 2.0
    stored = pq.read_table(lake_folder / "product/error_codes/part-00000.parquet")
    assert stored["err_cd"].to_pylist() == [4]
    assert left_in(lake_folder.parent) == {"lake"}


def test_interrupted_run_leaves_nothing(lake_folder: Path) -> None:
    def stop(text: str, share: float) -> None:
        if share > 0.05:
            assert any((lake_folder.parent / ".lake.partial").rglob("*.parquet"))
            raise Interrupted

    with pytest.raises(Interrupted):
        make_lake(lake_folder, scale=0.02, on_progress=stop)
    assert left_in(lake_folder.parent) == set()


@pytest.mark.usefixtures("quick")
def test_interrupted_run_keeps_the_lake_before(lake_folder: Path) -> None:
    before = make_lake(lake_folder, seed=3)

    def stop(text: str, share: float) -> None:
        raise Interrupted

    with pytest.raises(Interrupted):
        make_lake(lake_folder, seed=4, on_progress=stop)
    assert read_manifest(lake_folder) == before
    assert left_in(lake_folder.parent) == {"lake"}


@pytest.mark.usefixtures("quick")
def test_what_a_killed_run_left_is_cleared(lake_folder: Path) -> None:
    killed = lake_folder.parent / ".lake.partial" / "product"
    killed.mkdir(parents=True)
    (killed / "half.parquet").write_bytes(b"PAR1")
    make_lake(lake_folder)
    assert left_in(lake_folder.parent) == {"lake"}
    assert not list(lake_folder.rglob("half.parquet"))


def test_too_little_room_is_said_before_anything_is_written(
    lake_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 10**6))
    with pytest.raises(LakeNotReady, match=r"needs about 90 MB at .* only 1 MB are free") as caught:
        make_lake(lake_folder)
    assert "Free some space" in caught.value.hint
    assert left_in(lake_folder.parent) == set()


@pytest.mark.parametrize(
    ("number", "text"), [(errno.ENOSPC, "disk became full"), (errno.EACCES, "cannot be written")]
)
def test_disk_trouble_while_writing(
    number: int, text: str, lake_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(number, "trouble")

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(LakeNotReady, match=text):
        make_lake(lake_folder, scale=0.02)
    assert left_in(lake_folder.parent) == set()


@pytest.mark.usefixtures("quick")
def test_other_files_are_left_alone(lake_folder: Path) -> None:
    lake_folder.mkdir()
    (lake_folder / "thesis.txt").write_text("mine")
    with pytest.raises(LakeNotReady, match="not a sample lake"):
        make_lake(lake_folder)
    assert (lake_folder / "thesis.txt").read_text() == "mine"


@pytest.mark.usefixtures("quick")
def test_an_empty_folder_may_be_used(lake_folder: Path) -> None:
    lake_folder.mkdir()
    assert make_lake(lake_folder).files == 1


@pytest.mark.usefixtures("quick")
def test_two_at_once_are_refused(lake_folder: Path) -> None:
    with (lake_folder.parent / ".lake.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(LakeNotReady, match="Another process"):
            make_lake(lake_folder)


@pytest.mark.parametrize("scale", [0, -1, float("nan")])
def test_scale_must_be_positive(scale: float, lake_folder: Path) -> None:
    with pytest.raises(LakeNotReady, match="scale"):
        make_lake(lake_folder, scale=scale)


def test_no_lake_says_what_to_run(lake_folder: Path) -> None:
    with pytest.raises(LakeNotReady, match="no sample lake") as caught:
        read_manifest(lake_folder)
    assert "nlq lake make" in caught.value.hint


@pytest.mark.parametrize("text", ["", "{", "[]", '{"seed": 7}', '{"tables": []}'])
def test_damaged_manifest_is_no_lake(text: str, lake_folder: Path) -> None:
    lake_folder.mkdir()
    (lake_folder / "manifest.json").write_text(text)
    with pytest.raises(LakeNotReady, match="no sample lake"):
        read_manifest(lake_folder)


@pytest.mark.usefixtures("quick")
def test_lake_of_another_version_is_made_anew(lake_folder: Path) -> None:
    make_lake(lake_folder)
    path = lake_folder / "manifest.json"
    old = json.loads(path.read_text()) | {"version": lake.VERSION - 1}
    path.write_text(json.dumps(old))
    with pytest.raises(LakeNotReady, match="another version"):
        read_manifest(lake_folder)
    assert make_lake(lake_folder).version == lake.VERSION
