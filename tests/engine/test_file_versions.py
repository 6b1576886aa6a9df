"""Every change of a folder's files gives another version, and nothing else does."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from nlq.engine.duckdb_engine import DuckDbEngine
from nlq.engine.file_versions import FileVersions
from nlq.sql.guarded import GuardedQuery


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for day in ("ds=2026-06-01", "ds=2026-06-02"):
        (tmp_path / "table" / day).mkdir(parents=True)
        (tmp_path / "table" / day / "part-0.parquet").write_bytes(b"old")
    return tmp_path / "table"


def _rewrite_in_place(folder: Path) -> None:
    file = folder / "ds=2026-06-01" / "part-0.parquet"
    before = file.stat()
    file.write_bytes(b"new")  # as long as it was
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 10_000_000))


def _swap(folder: Path) -> None:
    file = folder / "ds=2026-06-01" / "part-0.parquet"
    before = file.stat()
    beside = folder.parent / "beside"
    beside.write_bytes(b"new")
    os.utime(beside, ns=(before.st_atime_ns, before.st_mtime_ns))
    beside.rename(file)


def _add_file(folder: Path) -> None:
    (folder / "ds=2026-06-01" / "part-1.parquet").write_bytes(b"new")


def _add_partition(folder: Path) -> None:
    (folder / "ds=2026-06-03").mkdir()
    (folder / "ds=2026-06-03" / "part-0.parquet").write_bytes(b"new")


def _drop_file(folder: Path) -> None:
    (folder / "ds=2026-06-01" / "part-0.parquet").unlink()


def _drop_partition(folder: Path) -> None:
    _drop_file(folder)
    (folder / "ds=2026-06-01").rmdir()


def _move_partition(folder: Path) -> None:
    (folder / "ds=2026-06-02").rename(folder / "ds=2026-06-03")


CHANGES = (
    _rewrite_in_place,
    _swap,
    _add_file,
    _add_partition,
    _drop_file,
    _drop_partition,
    _move_partition,
)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_gives_another_version(folder: Path, change: Callable[[Path], None]) -> None:
    versions = FileVersions()
    before = versions.version(folder)
    assert before == versions.version(folder)
    change(folder)
    after = versions.version(folder)
    assert after not in (None, before)
    assert after == versions.version(folder) == FileVersions().version(folder)


def test_a_file_that_comes_later_into_a_new_partition_is_seen(folder: Path) -> None:
    versions = FileVersions()
    (folder / "ds=2026-06-03").mkdir()
    empty = versions.version(folder)
    (folder / "ds=2026-06-03" / "part-0.parquet").write_bytes(b"late")
    assert versions.version(folder) != empty


def test_a_folder_that_cannot_be_read_has_no_version(folder: Path) -> None:
    versions = FileVersions()
    assert versions.version(folder / "nowhere") is None
    assert versions.version(folder)
    folder.rename(folder.parent / "away")
    assert versions.version(folder) is None


def test_the_embedded_engine_tells_the_version_of_the_tables_that_are_read(
    engine: DuckDbEngine, lake_folder: Path, guarded: Callable[..., GuardedQuery]
) -> None:
    def version(*tables: str) -> str | None:
        return engine.data_version(guarded("SELECT 1", tables))

    accounts, both = (
        version("lake.crm.accounts"),
        version("lake.crm.accounts", "lake.events.messages"),
    )
    assert accounts
    assert both == version("lake.events.messages", "lake.crm.accounts") != accounts
    assert version("lake.crm.accounts", "lake.crm.nosuch") is None
    file = lake_folder / "crm" / "accounts" / "part-0.parquet"
    os.utime(file, ns=(0, file.stat().st_mtime_ns + 1_000_000_000))
    assert version("lake.crm.accounts") not in (None, accounts)
