from __future__ import annotations

from pathlib import Path

import pytest
from scripted_assistant import ScriptedAssistant


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of the test's own, and no settings from outside."""
    monkeypatch.setenv("NLQ_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


@pytest.fixture
def assistant(monkeypatch: pytest.MonkeyPatch) -> ScriptedAssistant:
    """What the command opens instead of the real one."""
    import nlq.assemble

    scripted = ScriptedAssistant()
    monkeypatch.setattr(nlq.assemble, "open_assistant", lambda *_args: scripted)
    return scripted
