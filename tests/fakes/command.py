"""Runs the ``nlq`` command inside this process; its status and its two outputs come out."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

import pytest

from nlq.cli import app


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str


def nlq(*arguments: str, stdin: str = "") -> Ran:
    """``nlq ARGUMENTS``."""
    out, err = io.StringIO(), io.StringIO()
    status = 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["nlq", *arguments])
        patch.setattr(sys, "stdin", io.StringIO(stdin))
        try:
            app.main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
    return Ran(status, out.getvalue(), err.getvalue())
