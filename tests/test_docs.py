"""What can be set, run, raised, installed or prompted is documented."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
import typer.main

from nlq import errors
from nlq.cli.app import app
from nlq.cli.asking import STATUS_OF
from nlq.types import Answer

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def all_errors(kind: type[errors.NlqError] = errors.NlqError) -> Iterator[type[errors.NlqError]]:
    yield kind
    for inner in kind.__subclasses__():
        if inner.__module__ == "nlq.errors":
            yield from all_errors(inner)


def commands(group: object, name: str = "nlq") -> Iterator[str]:
    inner = getattr(group, "commands", None)
    if inner is None:
        yield name
        return
    for key, command in inner.items():
        yield from commands(command, f"{name} {key}")


def exit_rows() -> dict[int, str]:
    section = (DOCS / "cli.md").read_text("utf-8").split("## Exit status")[1].split("\n## ")[0]
    return {int(n): rest for n, rest in re.findall(r"^\| (\d+) \| (.*) \|$", section, re.M)}


def test_the_settings_page_is_the_one_that_the_settings_give() -> None:
    done = subprocess.run([sys.executable, str(ROOT / "scripts/settings_doc.py"), "--check"])
    assert done.returncode == 0, "run: make docs"


def test_every_setting_says_what_it_is_for() -> None:
    page = (DOCS / "settings.md").read_text("utf-8")
    bare = re.findall(r"^\| `([\w.]+)` \| `NLQ_\w+` \| [^|]* \|  ?\|$", page, re.M)
    assert bare == []
    assert page.count("`NLQ_") > 30


@pytest.mark.parametrize("command", list(commands(typer.main.get_command(app))))
def test_every_command_is_documented(command: str) -> None:
    assert f"| `{command}" in (DOCS / "cli.md").read_text("utf-8")


@pytest.mark.parametrize("error", list(all_errors()), ids=lambda e: e.__name__)
def test_every_error_stands_with_its_exit_status(error: type[errors.NlqError]) -> None:
    assert f"`{error.__name__}`" in exit_rows()[error.exit_code]


def test_every_status_of_a_question_is_documented() -> None:
    assert set(STATUS_OF.values()) <= set(exit_rows())


def test_every_key_of_an_answer_is_documented() -> None:
    row = next(
        line
        for line in (DOCS / "cli.md").read_text("utf-8").splitlines()
        if line.startswith("| `ask`, `draft` | The answer")
    )
    assert [f.name for f in fields(Answer) if f"`{f.name}`" not in row] == []


def packages(*extras: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needs = list(project["dependencies"])
    for extra in extras:
        needs += project["optional-dependencies"][extra]
    return {re.split(r"[<>=\[;]", need)[0].lower() for need in needs}


def test_every_package_has_its_reason() -> None:
    rows = re.findall(r"^\| ([^|]+) \|", (DOCS / "dependencies.md").read_text("utf-8"), re.M)
    told = set(re.findall(r"[a-z0-9][a-z0-9-]*", " ".join(rows)))
    assert packages("dev") - told == set()


def test_every_package_is_pinned() -> None:
    pins = (ROOT / "constraints.txt").read_text("utf-8")
    pinned = set(re.findall(r"^([a-z0-9-]+)==", pins, re.M))
    assert packages("dev", "model") - pinned == set()
    assert "://" not in pins


def test_every_prompt_is_documented() -> None:
    pages = "".join(page.read_text("utf-8") for page in DOCS.glob("*.md"))
    assert [p.stem for p in (ROOT / "prompts").glob("*.md") if f"`{p.stem}`" not in pages] == []
