"""Joining the packaged model, with a small file in three packages."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import time
from collections import namedtuple

import pytest

from nlq.errors import ModelFileError
from nlq.llm import embedded_file
from nlq.llm.embedded_file import QWEN, PackagedFile, ensure_model_file, missing_packages

PIECES = (b"GGUF one ", b"two ", b"three")
WHOLE = b"".join(PIECES)
FILE = PackagedFile(
    "small.gguf", len(WHOLE), hashlib.sha256(WHOLE).hexdigest(), "small_model_part", 3
)


@pytest.fixture
def packages(tmp_path, monkeypatch):
    folder = tmp_path / "site"
    for number, piece in enumerate(PIECES, 1):
        data = folder / f"small_model_part{number}" / "data"
        data.mkdir(parents=True)
        (data.parent / "__init__.py").write_text("raise AssertionError('not to be imported')")
        (data / f"part{number:02d}.bin").write_bytes(piece)
    monkeypatch.syspath_prepend(str(folder))
    return folder


@pytest.fixture
def models(tmp_path):
    return tmp_path / "home" / "models"


def test_pieces_are_joined_in_order_with_progress(packages, models):
    heard = []
    path = ensure_model_file(models, lambda *said: heard.append(said), file=FILE)
    assert path == models / "small.gguf"
    assert path.read_bytes() == WHOLE
    assert [text for text, _ in heard] == ["Joining the embedded model"] * 3
    shares = [share for _, share in heard]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_verified_file_is_not_read_again(packages, models, monkeypatch):
    ensure_model_file(models, file=FILE)
    shutil.rmtree(packages)
    monkeypatch.setattr(embedded_file, "_sha256", None)
    assert ensure_model_file(models, file=FILE).read_bytes() == WHOLE


def test_a_file_without_a_stamp_is_hashed_once(models, monkeypatch):
    models.mkdir(parents=True)
    (models / "small.gguf").write_bytes(WHOLE)
    heard = []
    ensure_model_file(models, lambda *said: heard.append(said), file=FILE)
    assert heard == [("Checking the embedded model", 1.0)]
    ensure_model_file(models, lambda *said: heard.append(said), file=FILE)
    assert len(heard) == 1


def test_a_file_changed_after_its_check_is_refused(packages, models):
    path = ensure_model_file(models, file=FILE)
    path.write_bytes(WHOLE.replace(b"two", b"TWO"))
    with pytest.raises(ModelFileError, match="SHA-256 differs") as caught:
        ensure_model_file(models, file=FILE)
    assert f"Delete {path}" in caught.value.hint
    path.unlink()
    assert ensure_model_file(models, file=FILE).read_bytes() == WHOLE


def test_a_damaged_package_is_refused_and_leaves_nothing(packages, models):
    (packages / "small_model_part2" / "data" / "part02.bin").write_bytes(b"TWO ")
    with pytest.raises(ModelFileError, match="SHA-256") as caught:
        ensure_model_file(models, file=FILE)
    assert "pip install" in caught.value.hint
    assert list(models.iterdir()) == []


def test_missing_packages_are_named(packages, models):
    shutil.rmtree(packages / "small_model_part3")
    sys.path_importer_cache.clear()
    assert missing_packages(FILE) == ("small-model-part3",)
    with pytest.raises(ModelFileError, match=r"1 of 3 missing: small-model-part3") as caught:
        ensure_model_file(models, file=FILE)
    assert 'pip install "nlq[model]"' in caught.value.hint
    assert not models.exists()


def test_a_full_disk_is_told_before_anything_is_written(packages, models, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(9, 0, 9))
    with pytest.raises(ModelFileError, match="GB free"):
        ensure_model_file(models, file=FILE)
    assert list(models.iterdir()) == []


def test_a_failing_write_is_translated(packages, models):
    models.parent.mkdir()
    models.write_text("a file where the folder should be")
    with pytest.raises(ModelFileError, match="cannot be written"):
        ensure_model_file(models, file=FILE)


def test_a_killed_join_is_begun_anew_and_its_rest_removed(packages, models):
    models.mkdir(parents=True)
    left, at_work = models / "small.gguf.1.partial", models / "small.gguf.2.partial"
    for partial in (left, at_work):
        partial.write_bytes(b"GGUF o")
    os.utime(left, (time.time() - 9999,) * 2)
    assert ensure_model_file(models, file=FILE).read_bytes() == WHOLE
    assert not left.exists()
    assert at_work.exists()


def test_the_packaged_model_is_the_publishers():
    assert (QWEN.parts, QWEN.size) == (22, 1_117_320_768)
    assert QWEN.sha256 == "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
