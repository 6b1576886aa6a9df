from __future__ import annotations

import os
import resource
import subprocess
import sys

import pytest
from command import nlq

LIGHT = """
import sys
sys.argv = ["nlq", *sys.argv[1:]]
from nlq.cli.app import main
try:
    main()
except SystemExit:
    pass
heavy = {"gradio", "chromadb", "langchain", "langchain_core", "duckdb", "sqlglot", "numpy",
         "pydantic", "xllamacpp", "openai", "rich", "pandas", "onnxruntime", "yaml"}
print("HEAVY:", sorted(heavy & set(sys.modules)))
"""

COMMANDS = (
    (), ("ask",), ("draft",), ("check",), ("serve",), ("log",), ("doctor",),
    ("catalog", "show"), ("catalog", "search"), ("index", "build"), ("lake", "make"),
    ("model", "fetch"),
)  # fmt: skip


def test_help_loads_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIGHT, "--help"], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "HEAVY: []"


def test_help_takes_under_300_ms_of_processor_time() -> None:
    def once() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-c", "from nlq.cli.app import main; main()", "--help"],
            capture_output=True,
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(once() for _ in range(3)) < 0.3


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_that_fits_a_terminal(command: tuple[str, ...]) -> None:
    ran = nlq(*command, "--help")
    assert ran.status == 0
    assert "Usage: nlq" in ran.out
    listed = ran.out.split("\nCommands:")[-1] if "\nCommands:" in ran.out else ""
    assert "..." not in listed


def test_a_wrong_argument_is_status_2_and_names_it() -> None:
    ran = nlq("ask", "--colour", "red")
    assert ran.status == 2
    assert "--colour" in ran.err


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NLQ_SERVE__PORT", "many")
    ran = nlq("doctor")
    assert ran.status == 1
    assert "serve.port" in ran.out
    ran = nlq("check", "-", stdin="SELECT 1")
    assert ran.status == 2
    assert "serve.port" in ran.err
    assert "Traceback" not in ran.err


def test_a_reader_that_goes_away_is_no_error() -> None:
    done = subprocess.run(
        f"{sys.executable} -c 'from nlq.cli.app import main; main()' catalog show --json | head -1",
        shell=True,
        capture_output=True,
        text=True,
        env=dict(os.environ),
        check=True,
    )
    assert done.stdout == "[\n"
    assert done.stderr == ""
