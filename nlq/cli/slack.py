"""The command ``slack``: answers in Slack."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add the command of this module to ``app``."""
    app.command()(slack)


def slack() -> None:
    """Answer questions in Slack until Ctrl-C.

    docs/slack.md says how to set it up.
    """
    from nlq.settings import load_settings

    settings = load_settings()
    typer.echo("Starting the Slack bot ...", err=True)

    from nlq_ui.serve import serve_slack

    serve_slack(settings, say=lambda line: typer.echo(line, err=False))
