"""The command ``eval``: hands its arguments to the eval harness, which is loaded only then."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add the command of this module to ``app``."""
    app.command(
        "eval",
        add_help_option=False,
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    )(evaluate)


def evaluate(context: typer.Context) -> None:
    """Measure accuracy: run, compare, report, check."""
    from nlq_evals.__main__ import app

    app(context.args, prog_name="nlq eval")
