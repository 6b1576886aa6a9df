"""The sample lake on disk: a folder, scale and seed go in, a summary of what is there comes out.

A lake is whole or not there: it is written beside its folder and renamed when done, its
``manifest.json`` last. The folder holds ``schema/table/[partition=value/]part-NNNNN.parquet``.

Messages, calls and verifications are partitioned by day (``ds``), as people of such lakes expect
and engines prune: 926 files each; so is the query log, which is only 51 days old. E-mails are
partitioned by month, and nothing else is, so that there are fewer than 3,000 files for up to
``population.BLOCK`` accounts. Partition columns are in the folders' names alone, as text.
"""

from __future__ import annotations

import errno
import fcntl
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nlq.errors import LakeNotReady

VERSION: Final = 2
"""Raise it whenever the same seed and scale give other data, so that old lakes are made anew."""

_MANIFEST: Final = "manifest.json"
_HINT: Final = "Run `nlq lake make`."
_BYTES_AT_SCALE_1: Final = 90_000_000
_BYTES_AT_LEAST: Final = 25_000_000


@dataclass(frozen=True, slots=True)
class LakeTable:
    """A table as it is on disk. ``name`` is whole; sizes are bytes of Parquet."""

    name: str
    rows: int
    size_bytes: int
    files: int
    partitioned_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LakeSummary:
    """A sample lake and what it was made from."""

    folder: Path
    seed: int
    scale: float
    version: int
    tables: tuple[LakeTable, ...]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables)

    @property
    def size_bytes(self) -> int:
        """Bytes of all Parquet files."""
        return sum(table.size_bytes for table in self.tables)

    @property
    def files(self) -> int:
        """How many Parquet files there are."""
        return sum(table.files for table in self.tables)


def make_lake(
    folder: Path,
    *,
    scale: float = 1.0,
    seed: int = 7,
    on_progress: Callable[[str, float], None] | None = None,
) -> LakeSummary:
    """Make the sample lake in ``folder``, or do nothing where that very lake is there.

    ``scale`` multiplies the accounts and so the rows (about 60 MB at 1; the smallest lake has 60
    accounts). ``on_progress`` gets plain words and a share from 0 to 1. Another sample lake in the
    folder is replaced; anything else there is left alone. Raises ``LakeNotReady`` where the disk is
    full, the folder cannot be written, or holds something else.
    """
    if not scale > 0:
        raise LakeNotReady(f"The scale of a lake must be above 0, not {scale}.", hint="Use 1.")
    folder = folder.absolute()
    present = _present(folder)
    if present is not None and (present.seed, present.scale) == (seed, scale):
        return present
    with _disk_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            _check_room(folder, scale)
            return _make(folder, scale, seed, on_progress or (lambda _text, _share: None))


def read_manifest(folder: Path) -> LakeSummary:
    """What lake is in ``folder``; raises ``LakeNotReady`` where there is none of this version."""
    found = _parsed(folder)
    if found is None:
        raise LakeNotReady(f"There is no sample lake at {folder}.", hint=_HINT)
    if found.version != VERSION:
        raise LakeNotReady(f"The sample lake at {folder} is of another version.", hint=_HINT)
    return found


def _present(folder: Path) -> LakeSummary | None:
    try:
        return read_manifest(folder)
    except LakeNotReady:
        return None


def _parsed(folder: Path) -> LakeSummary | None:
    try:
        raw: dict[str, Any] = json.loads((folder / _MANIFEST).read_text("utf-8"))
        tables = tuple(
            LakeTable(name, t["rows"], t["size_bytes"], t["files"], tuple(t["partitioned_by"]))
            for name, t in raw["tables"].items()
        )
        return LakeSummary(folder, raw["seed"], raw["scale"], raw["version"], tables)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _make(
    folder: Path, scale: float, seed: int, on_progress: Callable[[str, float], None]
) -> LakeSummary:
    # The heavy parts are imported only when a lake is made.
    from nlq.catalog.yaml_docs import YamlDocs
    from nlq.sample.build import build
    from nlq.sample.facts import SAMPLE_DOCS
    from nlq.sample.writer import LakeWriter

    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        docs = YamlDocs(SAMPLE_DOCS / "tables").load().tables
        out = LakeWriter(partial, docs)
        build(out, seed, scale, on_progress)
        manifest = {
            "version": VERSION,
            "seed": seed,
            "scale": scale,
            "tables": {
                doc.name: {
                    "rows": out.written[doc.short_name].rows,
                    "size_bytes": out.written[doc.short_name].size_bytes,
                    "files": out.written[doc.short_name].files,
                    "partitioned_by": doc.partitioned_by,
                }
                for doc in docs.values()
            },
        }
        (partial / _MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
        _replace(folder, partial)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    on_progress("The sample lake is ready", 1.0)
    return read_manifest(folder)


def _replace(folder: Path, partial: Path) -> None:
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    partial.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _check_room(folder: Path, scale: float) -> None:
    if folder.exists() and any(folder.iterdir()) and _parsed(folder) is None:
        raise LakeNotReady(
            f"{folder} holds files that are not a sample lake.",
            hint="Name another folder, or empty this one.",
        )
    needed = max(_BYTES_AT_LEAST, round(_BYTES_AT_SCALE_1 * scale))
    free = shutil.disk_usage(folder.parent).free
    if free < needed:
        raise LakeNotReady(
            f"The sample lake needs about {needed / 1e6:,.0f} MB at {folder}, where only "
            f"{free / 1e6:,.0f} MB are free.",
            hint="Free some space, name a folder on another disk, or use a smaller scale.",
        )


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with folder.with_name(f".{folder.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise LakeNotReady(
                f"Another process is making the lake at {folder}.", hint="Wait until it is done."
            ) from exc
        yield


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        if exc.errno in (errno.ENOSPC, errno.EDQUOT):
            raise LakeNotReady(
                f"The disk became full while writing the sample lake at {folder}.",
                hint="Free some space, name a folder on another disk, or use a smaller scale.",
            ) from exc
        raise LakeNotReady(
            f"The sample lake at {folder} cannot be written: {exc.strerror or exc}.",
            hint="Check the folder and its permissions.",
        ) from exc
