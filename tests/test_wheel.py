"""The wheel holds all that nlq needs beside its packages, and works from any folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

NEEDED = (
    "nlq/_prompts/write_sql.md",
    "nlq/sample/policy.yaml",
    "nlq/sample/docs/metrics.yaml",
    "nlq/py.typed",
    "nlq_ui/page.css",
    "nlq_evals/__main__.py",
)


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content in a folder of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
         "--disable-pip-version-check", "--wheel-dir", str(folder), str(ROOT)],
        check=True,
    )  # fmt: skip
    (wheel,) = folder.glob("nlq-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(unpacked: Path, folder: Path, code: str, *arguments: str) -> str:
    """Run ``code`` in ``folder`` with the wheel's content before the checkout's."""
    env = {**os.environ, "PYTHONPATH": str(unpacked), "NLQ_HOME": str(folder / "home")}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


COMMAND = "from nlq.cli.app import main; main()"


@pytest.mark.parametrize("name", NEEDED)
def test_it_holds(unpacked: Path, name: str) -> None:
    assert (unpacked / name).is_file()


def test_it_holds_no_tests_and_nothing_built(unpacked: Path) -> None:
    names = [str(p.relative_to(unpacked)) for p in unpacked.rglob("*") if p.is_file()]
    assert [n for n in names if n.startswith("tests") or "__pycache__" in n] == []


def test_it_has_the_command(unpacked: Path) -> None:
    (entries,) = unpacked.glob("*.dist-info/entry_points.txt")
    assert "nlq = nlq.cli.app:main" in entries.read_text()


def test_it_works_from_any_folder(unpacked: Path, tmp_path: Path) -> None:
    where = run(unpacked, tmp_path, "import nlq, nlq_ui; print(nlq.__file__, nlq_ui.__file__)")
    assert where.count(str(unpacked)) == 2
    assert "Usage: " in run(unpacked, tmp_path, COMMAND, "--help")
    assert "lake.finance.revenue_lines" in run(unpacked, tmp_path, COMMAND, "catalog", "show")
    prompt = "from nlq.llm.prompts import load_prompt; print(load_prompt('write_sql').name)"
    assert run(unpacked, tmp_path, prompt) == "write_sql\n"
